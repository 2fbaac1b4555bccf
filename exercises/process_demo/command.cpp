#define MPWORKSHOP_LESSON
#include "exercises/process_demo/process_demo.cpp"

#include "exercises/command.hpp"
#include "mpworkshop/kit/process_report.hpp"

namespace exercises {
namespace {

struct Options {
    Values values = {1, 3, 5, 7, 9};

    std::vector<input::Option> options() {
        return {input::numbers("--values", "the list", values, "1,3,5,7,9")};
    }
};

// Two children roll five dice each. Shows them, and keeps them for the report.
void roll(Run& run, const char* name, const char* words, Generator first,
          Generator second) {
    const std::vector<Dice> dice = two_children_roll(first, second);
    run.say(fmt::format("  {}:\n    {} and {}", words, fmt::join(dice[0], " "),
                        fmt::join(dice[1], " ")));
    Value::List all(dice[0].begin(), dice[0].end());
    all.insert(all.end(), dice[1].begin(), dice[1].end());
    run.outcome.result.set(name, std::move(all));
}

void run(Run& run, const Options& o) {
    const Values& values = o.values;
    run.say(fmt::format(
        "The list: {}. The program: process {}. The choice: seed {}.",
        fmt::join(values, ", "), mp::this_process::pid(), run.seed()));
    std::vector<Answer> answers(3);
    auto processes = run.timed("work", [&] {
        return three_processes(values, answers, unsigned(run.seed()));
    });
    run.say("Done\n");
    kit::report_processes(run, {{"mean", processes[0], *answers[0]},
                                {"product", processes[1], *answers[1]},
                                {"choice", processes[2], *answers[2]}});
    run.say(fmt::format("Here, in the parent: changes {}.\n", changes));

    run.say("Two children roll five dice each:");
    const auto seeded = [&](std::size_t child) {
        return Generator(unsigned(mp::item_seed(run.seed(), child)));
    };
    run.timed("dice", [&] {
        roll(run, "dice_copied", "a copied generator", seeded(0), seeded(0));
        roll(run, "dice_seeded", "a seed for each", seeded(0), seeded(1));
    });
    run.outcome.meaning =
        "Three processes, started and joined by hand; a pool does that for you.";
}

} // namespace

Plan plan_process_demo() { return planned(run); }

} // namespace exercises
