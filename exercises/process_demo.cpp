// process-demo: three processes run three functions on one list, all at once.
//
// You will see one line from each child, with its own process id and that of
// its parent. The children may end in any order; "Done" comes when all have
// been joined. Each child changes the variable `changes`; the parent's stays
// as it was, because a process has its own memory. What must come back goes
// through a SharedValue, which is memory that all of them see.
//
// Then two children roll dice. A generator from before the start is copied
// into both, so both roll the same; a seed of its own for each makes them
// differ, and the same again with the same --seed.
//
// In Python: multiprocessing.Process(target=mean, args=(values, answer)),
// start(), join(), Value.

#include <fmt/format.h>
#include <mp/mp.hpp>

#include <functional>
#include <numeric>
#include <random>
#include <vector>

namespace {

using Values = std::vector<double>;
using Answer = std::span<double, 1>; // one number in shared memory

int changes = 0;

void give(const char* name, double value, Answer answer) {
    answer[0] = value;
    ++changes;
    fmt::print("  {:<8} {:>10}   process {}, parent {}, changes {}\n", name,
               value, mp::this_process::pid(), mp::this_process::parent_pid(),
               changes);
}

void mean(const Values& values, Answer answer) {
    give("mean",
         std::reduce(values.begin(), values.end()) / double(values.size()),
         answer);
}

void product(const Values& values, Answer answer) {
    give("product",
         std::reduce(values.begin(), values.end(), 1.0, std::multiplies()),
         answer);
}

void choice(const Values& values, Answer answer, std::uint64_t seed) {
    std::mt19937_64 random(seed);
    std::uniform_int_distribution<std::size_t> index(0, values.size() - 1);
    give("choice", values[index(random)], answer);
}

std::vector<mp::Process>
three_processes(const Values& values, std::uint64_t seed,
                const mp::SharedValue<double> (&answers)[3]) {
    std::vector<mp::Process> processes;
    processes.emplace_back(mean, values, answers[0].span());
    processes.emplace_back(product, values, answers[1].span());
    processes.emplace_back(choice, values, answers[2].span(), seed);
    for (mp::Process& process : processes) process.start(); // returns at once
    for (mp::Process& process : processes) process.join();  // waits
    return processes;
}

using Dice = std::span<int>; // in shared memory

void roll(std::mt19937_64& generator, Dice dice) {
    for (int& die : dice) die = std::uniform_int_distribution(1, 6)(generator);
}

std::mt19937_64 generator; // every child has a copy of it

enum class Seeds { copied, own };

// Two children of five dice each.
void two_children_roll(Dice dice, std::uint64_t seed, Seeds seeds) {
    std::vector<mp::Process> children;
    for (std::size_t child = 0; child < 2; ++child)
        children.emplace_back([=] {
            if (seeds == Seeds::own)
                generator.seed(mp::item_seed(seed, child));
            roll(generator, dice.subspan(child * 5, 5));
        });
    for (mp::Process& child : children) child.start();
    for (mp::Process& child : children) child.join();
}

} // namespace

// ---- Options, and the lines on the screen.

#include "exercises/lesson.hpp"

namespace exercises {
namespace {

// Shows the dice of both children, and keeps them for the report.
void dice(Run& run, const char* name, const char* words, Seeds seeds) {
    const mp::SharedArray<int> rolled(10);
    two_children_roll(rolled.span(), run.seed(), seeds);
    const Dice all = rolled.span();
    run.say(fmt::format("  {:<22} {} and {}", words,
                        fmt::join(all.first(5), " "),
                        fmt::join(all.last(5), " ")));
    run.outcome.result.set(name, Value::List(all.begin(), all.end()));
}

void run(Run& run, const Values& values) {
    run.say(fmt::format(
        "The list: {}. The program: process {}. The choice: seed {}.",
        fmt::join(values, ", "), mp::this_process::pid(), run.seed()));
    const mp::SharedValue<double> answers[3];
    auto processes = run.timed(
        "work", [&] { return three_processes(values, run.seed(), answers); });
    run.say("Done\n");

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
    run.say(fmt::format("Here, in the parent: changes {}.\n", changes));

    run.say("Two children roll five dice each:");
    generator.seed(run.seed());
    dice(run, "dice_copied", "a copied generator", Seeds::copied);
    dice(run, "dice_seeded", "a seed of their own", Seeds::own);
    run.outcome.meaning =
        "Three processes, started and joined by hand; a pool does that for you.";
    run.outcome.next = "map";
}

Plan plan() {
    auto values = std::make_shared<Values>(Values{1, 3, 5, 7, 9});
    return {
        .options = {input::numbers("--values", "the list (default: 1,3,5,7,9)",
                                   *values, "1,3,5,7,9")},
        .run = [values](Run& each) { run(each, *values); },
    };
}

} // namespace

const Exercise process_demo = {
    .minutes = 10,
    .name = "process-demo",
    .summary = "three processes run three functions on one list at once",
    .about =
        "mean, product and a random choice, each in a process of its own: start returns at "
        "once, join waits.",
    .example = "process-demo --values 2,4,6",
    .plan = plan,
};

} // namespace exercises
