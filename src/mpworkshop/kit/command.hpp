#pragma once

#include <functional>
#include <memory>
#include <ranges>
#include <span>
#include <variant>
#include <vector>

#include "mpworkshop/kit/exercise.hpp"

namespace mpworkshop {

/// What a subcommand is: a lesson, which may be a demonstration; a benchmark of lessons; or what
/// helps around them.
enum class Kind { exercise, demonstration, benchmark, helper };

/// One use of a subcommand, before it starts: what may be chosen, and what then happens.
struct Plan {
    /// Runs a lesson, which is timed and reported on.
    using Lesson = std::function<void(Run&)>;
    /// Returns the exit code: 0 done, 1 not as it should be. It writes what --json asks for by
    /// itself. Errors: UsageError, any other that main() explains.
    using Other = std::function<int(const Run::Settings&)>;

    std::vector<input::Option> options;
    std::variant<Lesson, Other> run;
    const input::PoolChoice* pool = nullptr; ///< of a lesson: where other ranks may do the work
};

/// The plan of a lesson with an Options of its own, whose options() declares what may be chosen
/// over its members; `run` gets what was chosen.
template <class Options> Plan planned(void (*run)(Run&, const Options&)) {
    const auto options = std::make_shared<Options>();
    Plan plan = {.options = options->options(), .run = [=](Run& each) { run(each, *options); }};
    if constexpr (requires { options->pool; }) plan.pool = &options->pool;
    return plan;
}

/// The same for what is around the lessons.
template <class Options> Plan planned(int (*run)(const Options&, const Run::Settings&)) {
    const auto options = std::make_shared<Options>();
    return {.options = options->options(),
            .run = [=](const Run::Settings& settings) { return run(*options, settings); }};
}

/// One subcommand.
struct Command {
    Kind kind = Kind::exercise;
    unsigned minutes = 0; ///< what a group needs for a lesson, talk included
    const char* name;     ///< the subcommand
    const char* summary;  ///< one line, for the list
    const char* about;    ///< some sentences, for --help
    const char* example;  ///< a command to try, without the program's name
    Plan (*plan)();

    bool is_lesson() const { return kind == Kind::exercise || kind == Kind::demonstration; }
};

/// One use of a subcommand, as the command line wants it.
struct CommandRequest {
    const Command* command = nullptr;
    Plan plan = {};
    Run::Settings settings = {};
};

/// Every subcommand, in the one order that there is: the lessons in the order of the story, then
/// the others. Defined in all_commands.cpp, above all of them.
std::span<const Command* const> all_commands();

/// The lessons among them.
inline auto lessons() {
    return all_commands() |
           std::views::filter([](const Command* command) { return command->is_lesson(); });
}

/// What is around the lessons.
inline auto other_commands() {
    return all_commands() |
           std::views::filter([](const Command* command) { return !command->is_lesson(); });
}

} // namespace mpworkshop
