#include "mpworkshop/cli/app.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <random>
#include <span>
#include <string_view>
#include <utility>

#include "mpworkshop/cli/app_help.hpp"
#include "mpworkshop/cli/app_words.hpp"
#include "mpworkshop/cli/command_line.hpp"
#include "mpworkshop/input/close_match.hpp"
#include "mpworkshop/input/error.hpp"
#include "mpworkshop/input/invocation.hpp"
#include "mpworkshop/input/shell_words.hpp"
#include "mpworkshop/record/short_value.hpp"
#include "mpworkshop/sys/version.hpp"
#include "mpworkshop/text/text.hpp"

namespace mpworkshop {
namespace {

/// CLI11 finds the words; each option reads its value itself, so that all error messages are ours.
void add_option(CLI::App& command, const input::Option& option) {
    if (option.flag) {
        command.add_flag_callback(
            option.name, [read = option.read] { read({}); }, option.description());
        return;
    }
    CLI::Option* added = command.add_option(
        option.name,
        [read = option.read](std::vector<std::string> words) {
            for (std::string& word : words) word = unmarked(std::move(word));
            read(words);
            return true;
        },
        option.description());
    added->option_text(option.takes.empty() ? " " : option.takes); // CLI11 would write its own word
    if (option.rest) mark_rest(*added);
    if (option.many)
        added->expected(1, CLI::detail::expected_max_vector_size)->allow_extra_args();
    else
        added->expected(1)->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
}

/// Options that were given and would be ignored, because others were or were not given.
void expect_no_idle_option(const CLI::App& command, const std::vector<input::Option>& options) {
    const auto given = [&](const std::string& name) {
        const CLI::Option* option = command.get_option_no_throw(name);
        return option != nullptr && option->count() > 0;
    };
    for (const input::Option& option : options) {
        if (!given(option.shown())) continue;
        for (const std::string& other : option.instead_of)
            if (given(other))
                throw UsageError(fmt::format("{}: {} takes the place of {}; give only one of them",
                                             command.get_name(), option.shown(), other));
        if (!option.useful || option.useful()) continue;
        throw UsageError(fmt::format("{}: {} does nothing without {}; add that, or leave it out",
                                     command.get_name(), option.shown(), option.useful_with));
    }
}

std::vector<std::string> names_of_commands(const CLI::App& app) {
    std::vector<std::string> names;
    for (const CLI::App* command : app.get_subcommands({})) names.push_back(command->get_name());
    return names;
}

std::vector<std::string> names_of_options(const CLI::App& app, const CLI::App* command) {
    std::vector<std::string> names;
    for (const CLI::App* each : {&app, command})
        if (each != nullptr)
            for (const CLI::Option* option : each->get_options())
                for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
    return names;
}

/// The command that shows the help: of the program if there is no subcommand.
std::string help_command(const CLI::App* command) {
    return invocation(command != nullptr ? command->get_name() + " --help" : "--help");
}

UsageError missing_subcommand() {
    return UsageError("a subcommand is missing; see " + help_command(nullptr));
}

/// An explanation of the first word that was not accepted.
[[noreturn]] void refuse(const CLI::App& app, const CLI::App* command, const std::string& given) {
    const std::string word = unmarked(given);
    const bool is_value = word != given;
    const std::string more = "; see " + help_command(command);
    if (word.starts_with("-") && !is_value) {
        const std::string name = word.substr(0, word.find('='));
        const std::string hint = input::did_you_mean(name, names_of_options(app, command));
        throw UsageError(fmt::format("{}there is no option {}{}",
                                     command ? command->get_name() + ": " : "", text::quoted(name),
                                     hint.empty() ? more : hint));
    }
    if (command != nullptr)
        throw UsageError(fmt::format("{}: {} is one argument too many{}", command->get_name(),
                                     text::quoted(word), more));
    const std::string hint = input::did_you_mean(word, names_of_commands(app));
    throw UsageError(
        fmt::format("there is no subcommand {}{}", text::quoted(word), hint.empty() ? more : hint));
}

/// One option as it was given; empty if it was not. Of the user's files and of another program only
/// a word for them is left.
std::string given_words(const CLI::App& app, const input::Option& option) {
    const CLI::Option* found = app.get_option_no_throw(option.shown());
    if (found == nullptr || found->count() == 0) return "";
    const bool positional = !option.shown().starts_with('-');
    const std::string name = positional ? "" : " " + option.shown();
    const input::Completion kind = option.completion();
    if (option.flag) return name;
    if (option.rest) return " " + option.name;
    if (kind == input::Completion::file || kind == input::Completion::folder)
        return name + " " + (positional ? option.name : option.takes);
    std::vector<std::string> values = found->results();
    if (!option.many) values = {values.back()}; // the last one counts
    std::string words = name;
    for (const std::string& marked : values)
        if (const std::string value = unmarked(marked);
            !value.empty()) // empty: it will be asked for
            words += " " + input::shell_quoted(record::without_paths(value));
    return words;
}

/// The subcommand with the options that were given, for the record.
std::string given_command(const CLI::App& app, const std::vector<input::Option>& common,
                          const CLI::App& command, const std::vector<input::Option>& options) {
    std::string positionals, others, rest;
    const auto add = [&](const CLI::App& where, const std::vector<input::Option>& some) {
        for (const input::Option& option : some) {
            const bool named = option.shown().starts_with('-');
            (option.rest ? rest : named ? others : positionals) += given_words(where, option);
        }
    };
    add(command, options);
    add(app, common);
    return command.get_name() + positionals + others + rest;
}

/// The output of `mpworkshop help NAME`.
std::string help_of(const CLI::App& app, const std::string& name) {
    // Not app.help(), which belongs to the given subcommand.
    if (name.empty()) return app.get_formatter()->make_help(&app, "", CLI::AppFormatMode::Normal);
    for (const CLI::App* command : app.get_subcommands({}))
        if (command->get_name() == name) return command->help();
    refuse(app, nullptr, name);
}

/// CLI11's errors in our words.
[[noreturn]] void refuse(const CLI::App& app, const CLI::ParseError& error) {
    const auto chosen = app.get_subcommands();
    const CLI::App* command = chosen.empty() ? nullptr : chosen.front();
    const std::vector<std::string> left = app.remaining(true);
    if (!left.empty()) refuse(app, command, left.front());
    const std::string what = error.what();
    if (dynamic_cast<const CLI::ArgumentMismatch*>(&error) != nullptr)
        throw UsageError(fmt::format("{} needs a value; see {}", what.substr(0, what.find(':')),
                                     help_command(command)));
    if (command == nullptr) throw missing_subcommand();
    throw UsageError(fmt::format("{}: {}; see {}", command->get_name(), text::printable(what, 200),
                                 help_command(command)));
}

} // namespace

Request read_command_line(int argc, const char* const* argv) {
    if (argc <= 1) return TextRequest{concise_help()};

    CLI::App app("Parallel programming, one exercise at a time.", "mpworkshop");
    app.formatter(std::make_shared<Help>());
    app.fallthrough(); // the program's options may also follow the subcommand
    app.set_help_flag("-h,--help", help_of_help);
    app.footer(first_steps("One subcommand: ", "map --help"));

    Run::Settings settings = {.seed = std::random_device()() % 1'000'000};
    bool version = false;
    const std::vector<input::Option> common = common_options(settings, version);
    for (const input::Option& option : common) add_option(app, option);

    Request request = TextRequest{};
    const std::span given(argv + 1, std::size_t(argc - 1));
    for (const Command* what : all_commands()) {
        CLI::App* command = app.add_subcommand(what->name, what->summary)->group(group_of(*what));
        // Only a command that may be meant gets its options: all of them take longer than the rest.
        if (std::ranges::find(given, std::string_view(what->name)) == given.end()) continue;
        CommandRequest made = {what, what->plan()};
        command->footer(closing_words(what->about, what->example));
        for (const input::Option& option : made.plan.options) add_option(*command, option);
        command->callback([&, command, made = std::move(made)] {
            expect_no_idle_option(*command, made.plan.options);
            request = made;
            settings.command = given_command(app, common, *command, made.plan.options);
        });
    }
    std::string explained;
    CLI::App* help = app.add_subcommand("help", "the same as --help")->group(""); // is not listed
    add_option(*help, input::word("SUBCOMMAND", "", "the one to explain", explained));
    app.require_subcommand(0, 1);

    try {
        std::vector<std::string> words = marked_words(app, given);
        std::ranges::reverse(words); // in the order that CLI11 expects
        app.parse(std::move(words));
    } catch (const CLI::CallForHelp&) {
        return TextRequest{app.help()};
    } catch (const CLI::ParseError& error) {
        refuse(app, error);
    }
    if (help->parsed()) return TextRequest{help_of(app, explained)};
    if (version) return TextRequest{version_text()};
    if (app.get_subcommands().empty()) throw missing_subcommand();
    if (auto* command = std::get_if<CommandRequest>(&request))
        command->settings = std::move(settings);
    return request;
}

} // namespace mpworkshop
