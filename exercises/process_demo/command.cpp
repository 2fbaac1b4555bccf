#define MPWORKSHOP_LESSON
#include "exercises/process_demo/process_demo.cpp"

#include "exercises/command.hpp"

namespace exercises {
namespace {

// Two children roll five dice each. Shows them, and keeps them for the report.
void roll(Run& run, const char* name, const char* words, Generator first,
          Generator second) {
    const std::vector<Dice> dice = two_children_roll(first, second);
    run.say(fmt::format("  {:<22} {} and {}", words, fmt::join(dice[0], " "),
                        fmt::join(dice[1], " ")));
    Value::List all(dice[0].begin(), dice[0].end());
    all.insert(all.end(), dice[1].begin(), dice[1].end());
    run.outcome.result.set(name, std::move(all));
}

// How each child ended, and its answer. Errors: std::runtime_error if one did
// not end well.
void report(Run& run, std::vector<mp::Process>& processes,
            const std::vector<Answer>& answers) {
    static constexpr const char* names[] = {"mean", "product", "choice"};
    Value::List children;
    std::string failures;
    for (std::size_t i = 0; i < processes.size(); ++i) {
        const int code = processes[i].exitcode().value_or(mp::unknown_exit);
        const std::string end = mp::describe_exit(code);
        run.say(fmt::format("  {:<8} process {}: {}", names[i],
                            processes[i].pid(), end));
        children.push_back(Value::object({{"name", names[i]},
                                          {"pid", processes[i].pid()},
                                          {"exitcode", code}}));
        run.outcome.result.set(names[i],
                               code == 0 ? Value(*answers[i]) : Value());
        if (code != 0)
            failures +=
                fmt::format("the process of {} ended by {}; ", names[i], end);
    }
    run.outcome.result.set("processes", children);
    sys::check_output(); // a process that cannot print ends early
    if (!failures.empty()) throw std::runtime_error(failures + "run it again");
}

void run(Run& run, const Values& values) {
    run.say(fmt::format(
        "The list: {}. The program: process {}. The choice: seed {}.",
        fmt::join(values, ", "), mp::this_process::pid(), run.seed()));
    std::vector<Answer> answers(3);
    auto processes = run.timed("work", [&] {
        return three_processes(values, answers, unsigned(run.seed()));
    });
    run.say("Done\n");
    report(run, processes, answers);
    run.say(fmt::format("Here, in the parent: changes {}.\n", changes));

    run.say("Two children roll five dice each:");
    const auto seeded = [&](std::size_t child) {
        return Generator(unsigned(mp::item_seed(run.seed(), child)));
    };
    roll(run, "dice_copied", "a copied generator", seeded(0), seeded(0));
    roll(run, "dice_seeded", "a seed of their own", seeded(0), seeded(1));
    run.outcome.meaning =
        "Three processes, started and joined by hand; a pool does that for you.";
}

} // namespace

Plan plan_process_demo() {
    auto values = std::make_shared<Values>(Values{1, 3, 5, 7, 9});
    return {
        .options = {input::numbers("--values", "the list (default: 1,3,5,7,9)",
                                   *values, "1,3,5,7,9")},
        .run = [values](Run& each) { run(each, *values); },
    };
}

} // namespace exercises
