#include "mpworkshop/commands/man_page.hpp"

#include <fmt/format.h>

#include "mpworkshop/kit/command.hpp"
#include "mpworkshop/sys/version.hpp"
#include "mpworkshop/text/text.hpp"

namespace mpworkshop::commands {
namespace {

/// Text escaped for roff: no request at the start of a line, a dash that can be copied.
std::string roff(std::string_view text) {
    std::string escaped;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const bool starts_line = at == 0 || text[at - 1] == '\n';
        if (starts_line && (text[at] == '.' || text[at] == '\'')) escaped += "\\&";
        if (text[at] == '\\')
            escaped += "\\e";
        else if (text[at] == '-')
            escaped += "\\-";
        else
            escaped += text[at];
    }
    return escaped;
}

/// Each sentence on a separate line, which roff needs for spacing; more lines if it is long.
std::string filled(std::string_view text) {
    constexpr std::size_t width = 70; // escapes are not counted
    std::string lines;
    for (std::size_t begin = 0; begin < text.size();) {
        std::size_t end = text.find(". ", begin);
        while (end != text.npos && !(text[end + 2] >= 'A' && text[end + 2] <= 'Z'))
            end = text.find(". ", end + 1);
        end = end == text.npos ? text.size() : end + 1;
        for (const std::string& line : text::wrapped(text.substr(begin, end - begin), width))
            lines += roff(line) + "\n";
        begin = end + 1;
    }
    return lines;
}

std::string capitalized(std::string text) {
    if (!text.empty() && text[0] >= 'a' && text[0] <= 'z')
        text[0] = static_cast<char>(text[0] - 'a' + 'A');
    return text;
}

std::string entry(const input::Option& option) {
    std::string names = option.name;
    for (std::size_t at = names.find(','); at != names.npos; at = names.find(',', at + 2))
        names.insert(at + 1, " ");
    std::string takes;
    if (!option.takes.empty()) takes = fmt::format(" \\fI{}\\fR", roff(option.takes));
    return fmt::format(".TP\n\\fB{}\\fR{}\n{}", roff(names), takes, filled(option.help));
}

std::string section(const SubcommandSpec& subcommand) {
    std::string words, rest;
    for (const input::Option& option : subcommand.options)
        if (option.rest)
            rest = fmt::format(" [\\-\\-] \\fI{}\\fR ...", roff(option.name));
        else if (!option.name.starts_with('-'))
            words += fmt::format(" [\\fI{}\\fR{}]", roff(option.name), option.many ? " ..." : "");
    std::string lines =
        fmt::format(".SS {}\n\\fBmpworkshop {}\\fR{} [\\fIOPTIONS\\fR]{}\n.PP\n{}.PP\n{}",
                    roff(subcommand.name), roff(subcommand.name), words, rest,
                    filled(capitalized(subcommand.summary) + "."), filled(subcommand.about));
    for (const input::Option& option : subcommand.options) lines += entry(option);
    return lines + fmt::format(".PP\nExample: \\fBmpworkshop {}\\fR\n", roff(subcommand.example));
}

constexpr const char* standing_sections = R"(.SH JSON
In the documents of \fB\-\-json\fR, \fBother_programs\fR has the CPUs that other
programs used meanwhile. It is null if the kernel does not report that, and for
a run of less than 0.2 s, which is too short to measure it.
.SH EXIT STATUS
.TP
\fB0\fR
What was asked for is done.
.TP
\fB1\fR
It failed, or \fBdoctor\fR found a problem; the reason is on standard error.
.TP
\fB2\fR
The command line is not valid.
.PP
\fBtime\fR ends with the exit code of its command: 128 plus the number of a signal
that ended it, 127 if there is no such program, 126 if it cannot be run.
.PP
After Ctrl\-C or another signal the program shows what it has, ends its workers,
and ends by the same signal.
.SH ENVIRONMENT
.TP
\fBXDG_STATE_HOME\fR
The folder in which \fBlist\fR and \fBnext\fR remember what ran;
\fI~/.local/state\fR without it.
.TP
\fBMPWORKSHOP_RECORD\fR
With \fBoff\fR no run leaves a line in the record, as with \fB\-\-no\-record\fR.
.TP
\fBTMPDIR\fR
The folder for temporary files; \fI/tmp\fR without it.
.TP
\fBSLURM_CPUS_PER_TASK\fR
Set by Slurm: the most workers that a pool has by default.
.SH FILES
.TP
\fI~/.local/state/mpworkshop/runs.jsonl\fR
What ran here, one line of JSON for each run. Earlier ones are in
\fIruns.1.jsonl\fR once this file has reached 10 MiB.
)";

} // namespace

std::string man_page(const CommandLineSpec& spec) {
    std::string page = fmt::format(
        ".TH MPWORKSHOP 1 \"{}\" \"mpworkshop {}\" \"User Commands\"\n"
        ".SH NAME\nmpworkshop \\- parallel programming, one exercise at a time\n"
        ".SH SYNOPSIS\n\\fBmpworkshop\\fR \\fISUBCOMMAND\\fR [\\fIOPTIONS\\fR]\n"
        ".SH DESCRIPTION\n"
        "Each exercise is a small parallel program that runs and prints how long its\n"
        "parts took.\n"
        "\\fBmpworkshop {}\\fR is the one to start with; \\fBmpworkshop next\\fR names the one "
        "that follows.\n"
        ".SH OPTIONS\nThese may stand before or after the subcommand's name.\n",
        release_date(), version(), all_commands().front()->name);
    for (const input::Option& option : spec.options) page += entry(option);
    std::string group;
    for (const SubcommandSpec& subcommand : spec.subcommands) {
        if (subcommand.group.empty()) continue;
        if (subcommand.group != group) {
            group = subcommand.group;
            std::string heading = group;
            for (char& c : heading)
                if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
            page += fmt::format(".SH {}\n", heading);
        }
        page += section(subcommand);
    }
    return page + standing_sections;
}

} // namespace mpworkshop::commands
