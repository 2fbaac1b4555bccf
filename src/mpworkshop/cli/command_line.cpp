#include "mpworkshop/cli/command_line.hpp"

#include <algorithm>

#include "mpworkshop/cli/app_help.hpp"
#include "mpworkshop/kit/command.hpp"

namespace mpworkshop {
namespace {

/// Without the functions that use the plan's variables, which no longer exist afterwards.
input::Option description(input::Option option) {
    option.help = option.description();
    option.read = {};
    option.value = {};
    option.useful = {};
    return option;
}

std::vector<input::Option> descriptions(const std::vector<input::Option>& options) {
    std::vector<input::Option> copies;
    std::ranges::transform(options, std::back_inserter(copies), description);
    return copies;
}

SubcommandSpec spec_of(const Command& command) {
    return {command.name,  group_of(command), command.summary,
            command.about, command.example,   descriptions(command.plan().options)};
}

} // namespace

std::vector<input::Option> common_options(Run::Settings& settings, bool& version) {
    return {
        input::otherwise(
            input::count("--seed", "makes random numbers repeatable", settings.seed, {.least = 0}),
            "a new one each time"),
        input::flag("--json", "one JSON document on stdout, and nothing else", settings.json),
        input::flag("--quiet", "the results only", settings.quiet),
        input::flag("-v,--verbose", "what the pool does, event by event, on stderr",
                    settings.verbose),
        input::flag("--no-record", "does not record this run", settings.no_record),
        input::flag("--version", "the version, the compiler and the kind of build", version),
    };
}

CommandLineSpec command_line_spec() {
    Run::Settings settings;
    bool unused = false;
    CommandLineSpec spec;
    for (const Command* command : all_commands()) spec.subcommands.push_back(spec_of(*command));
    SubcommandSpec help{"help", "", "the same as --help", ""};
    help.options.push_back({.name = "SUBCOMMAND", .help = "the one to explain"});
    for (const SubcommandSpec& each : spec.subcommands)
        help.options.back().offers.push_back(each.name);
    spec.subcommands.push_back(std::move(help));
    spec.options = descriptions(common_options(settings, unused));
    spec.options.insert(spec.options.begin(),
                        description(input::flag("-h,--help", help_of_help, unused)));
    return spec;
}

} // namespace mpworkshop
