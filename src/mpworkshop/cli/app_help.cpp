#include "mpworkshop/cli/app_help.hpp"

#include <fmt/format.h>

#include "mpworkshop/cli/app_words.hpp"
#include "mpworkshop/input/invocation.hpp"
#include "mpworkshop/sys/terminal.hpp"
#include "mpworkshop/text/text.hpp"

namespace mpworkshop {
namespace {

std::size_t width() { return sys::text_width(sys::output_terminal()); }

/// "  left      right", the right column wrapped and aligned; on a narrow screen below the left
/// one.
std::string entry(const std::string& left, const std::string& right, std::size_t column) {
    if (width() < 60) column = 6;
    std::string lines;
    std::string margin = "  " + left;
    if (margin.size() + 2 > column) {
        lines += margin + "\n";
        margin.clear();
    }
    for (const std::string& line : text::wrapped(right, width() - column)) {
        lines += fmt::format("{:<{}}{}\n", margin, column, line);
        margin.clear();
    }
    return lines;
}

std::string list_of_options(const CLI::App& app, bool positional) {
    std::string lines;
    for (const CLI::Option* option : app.get_options()) {
        const bool known = app.get_parent() != nullptr &&
                           option == app.get_help_ptr(); // listed with the program's options
        if (known || option->get_positional() != positional) continue;
        std::string name = positional ? option->get_name(true) : option->get_name(false, true);
        for (std::size_t at = name.find(','); at != name.npos; at = name.find(',', at + 2))
            name.insert(at + 1, " ");
        const std::string takes = option->get_option_text();
        if (!positional && !takes.empty()) name += " " + takes;
        lines += entry(name, option->get_description(), 24);
    }
    return lines;
}

std::string list_of_commands(const CLI::App& app) {
    std::string lines;
    for (const char* group : {exercises_group, commands_group}) {
        std::string entries;
        for (const CLI::App* command : app.get_subcommands({}))
            if (command->get_group() == group)
                entries += entry(command->get_name(), command->get_description(), 16);
        if (!entries.empty()) lines += fmt::format("\n{}:\n{}", group, entries);
    }
    return lines;
}

} // namespace

std::string example(std::string_view label, std::string_view arguments) {
    return text::command(label, invocation(arguments), width());
}

std::string closing_words(std::string_view about, std::string_view arguments) {
    return text::fitted(about, width()) + "\n" + example("Try: ", arguments);
}

std::string first_steps(std::string_view label, std::string_view arguments) {
    return example("Try first: ", all_commands().front()->name) + example(label, arguments);
}

std::string concise_help() {
    std::string lines = text::fitted("Parallel programming, one exercise at a time.\n\n"
                                     "Usage: mpworkshop EXERCISE [OPTIONS]\n",
                                     width());
    for (const Command* command : lessons()) lines += entry(command->name, command->summary, 16);
    return lines + "\n" + first_steps("Tools and all options: ", "--help");
}

std::string Help::make_help(const CLI::App* app, std::string, CLI::AppFormatMode) const {
    const CLI::App* parent = app->get_parent();
    std::string lines = text::fitted(app->get_description(), width());
    if (parent == nullptr) {
        lines += "\nUsage: mpworkshop EXERCISE [OPTIONS]\n" + list_of_commands(*app);
        lines += "\n" + text::fitted("Options, before or after the subcommand's name:", width()) +
                 list_of_options(*app, false);
    } else {
        const std::string inputs = list_of_options(*app, true);
        std::string positionals, rest;
        for (const CLI::Option* option :
             app->get_options([](const CLI::Option* o) { return o->get_positional(); }))
            if (is_rest(*option))
                rest = fmt::format(" [--] {}...", option->get_name(true));
            else
                positionals += fmt::format(" [{}{}]", option->get_name(true),
                                           option->get_expected_max() > 1 ? "..." : "");
        lines += "\n" + text::fitted(fmt::format("Usage: mpworkshop {}{} [OPTIONS]{}",
                                                 app->get_name(), positionals, rest),
                                     width());
        if (!inputs.empty()) lines += "\n" + inputs;
        const std::string own = list_of_options(*app, false);
        if (!own.empty()) lines += "\nOptions:\n" + own;
        lines += "\nOptions of every subcommand:\n" + list_of_options(*parent, false);
    }
    return lines + "\n" + app->get_footer();
}

} // namespace mpworkshop
