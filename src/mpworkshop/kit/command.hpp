#pragma once

#include <functional>
#include <memory>
#include <ranges>
#include <span>
#include <variant>
#include <vector>

#include "mpworkshop/kit/exercise.hpp"

namespace mpworkshop {

/// A subcommand: a lesson, which may be a demonstration; a benchmark of lessons; or a tool around
/// them.
enum class Kind { exercise, demonstration, benchmark, helper };

/// One use of a subcommand, before it starts: its options, and what to run.
struct Plan {
    /// Runs a lesson, which is timed and reported on.
    using Lesson = std::function<void(Run&)>;
    /// Returns the exit code: 0 success, 1 failure. It writes the --json document itself. Errors:
    /// UsageError, and any other that main() explains.
    using Other = std::function<int(const Run::Settings&)>;

    std::vector<input::Option> options;
    std::variant<Lesson, Other> run;
    const input::PoolChoice* pool = nullptr; ///< of a lesson: if other ranks may do the work
    const kit::PredictionChoice* prediction = nullptr; ///< of a lesson: what may be said before
};

/// The plan of a lesson with its Options, whose options() declares the choices over its members;
/// `run` gets the chosen values.
template <class Options> Plan planned(void (*run)(Run&, const Options&)) {
    const auto options = std::make_shared<Options>();
    Plan plan = {.options = options->options(), .run = [=](Run& each) { run(each, *options); }};
    if constexpr (requires { options->pool; }) plan.pool = &options->pool;
    if constexpr (requires { options->prediction; }) { // adds --predict
        plan.options = kit::with_prediction(std::move(plan.options), options->prediction);
        plan.prediction = &options->prediction;
    }
    return plan;
}

/// The same for the tools around the lessons.
template <class Options> Plan planned(int (*run)(const Options&, const Run::Settings&)) {
    const auto options = std::make_shared<Options>();
    return {.options = options->options(),
            .run = [=](const Run::Settings& settings) { return run(*options, settings); }};
}

/// One subcommand.
struct Command {
    Kind kind = Kind::exercise;
    unsigned minutes = 0; ///< what a group needs for a lesson, including the talk
    const char* name;     ///< the subcommand
    const char* summary;  ///< one line, for the list
    const char* about;    ///< some sentences, for --help
    const char* example;  ///< a command to try, without the program's name
    Plan (*plan)();

    bool is_lesson() const { return kind == Kind::exercise || kind == Kind::demonstration; }
};

/// Makes one use of a subcommand for the command line.
struct CommandRequest {
    const Command* command = nullptr;
    Plan plan = {};
    Run::Settings settings = {};
};

/// All subcommands, in the one order: the lessons in the order of the story, then the others.
/// Defined in all_commands.cpp, above all of them.
std::span<const Command* const> all_commands();

/// The lessons among them.
inline auto lessons() {
    return all_commands() |
           std::views::filter([](const Command* command) { return command->is_lesson(); });
}

/// The tools around the lessons.
inline auto other_commands() {
    return all_commands() |
           std::views::filter([](const Command* command) { return !command->is_lesson(); });
}

} // namespace mpworkshop
