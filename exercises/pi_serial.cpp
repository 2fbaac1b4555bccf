// pi-serial: pi as a sum, by one process.
//
// Pi is the area under 4 / (1 + x*x) from 0 to 1. Cut it into n strips and add
// their areas:
//
//     double sum = 0;
//     for (i = 0; i < n; ++i) {
//         double x = (i + 0.5) / n;      // the middle of strip i
//         sum += 4 / (1 + x*x);
//     }
//     pi = sum / n;
//
// pi.hpp holds this loop, made fast. You will see that more steps come nearer
// to pi and take longer, until only the rounding of the numbers is left of the
// error.

#include <chrono>
#include <cmath>
#include <numbers>

#include "exercises/pi.hpp"

namespace {

struct Estimate {
    std::uint64_t steps;
    double pi, error, seconds;
};

Estimate estimate(std::uint64_t steps, const exercises::PiOptions& options) {
    const auto begin = std::chrono::steady_clock::now();
    const double pi = exercises::pi_serial(steps, options);
    const std::chrono::duration<double> time =
        std::chrono::steady_clock::now() - begin;
    return {steps, pi, std::abs(pi - std::numbers::pi), time.count()};
}

} // namespace

// ---- Options, and the lines on the screen.

#include "exercises/lesson.hpp"

namespace exercises {
namespace {

using Steps = std::vector<std::uint64_t>;

void row(const Estimate& e) {
    fmt::print("{:>10}  {:.15f}  {:7.1e}  {:>9}\n", text::compact(e.steps),
               e.pi, e.error, text::duration(e.seconds));
}

Value as_value(const Estimate& e) {
    return Value::object({{"steps", e.steps},
                          {"pi", e.pi},
                          {"error", e.error},
                          {"wall_s", e.seconds}});
}

void sum_all(Run& run, const Steps& all) {
    Value::List runs;
    for (const std::uint64_t steps : all) {
        std::atomic<std::uint64_t> done = 0;
        const Estimate each = watched(run, steps, &done, [&] {
            return estimate(steps, {.done = &done, .stop = mp::interrupted});
        });
        if (all.size() > 1)
            row(each);
        else
            fmt::print("pi    {:.15f}\nerror {:.1e}\n", each.pi, each.error);
        runs.push_back(as_value(each));
        run.outcome.so_far = fmt::format("{} of {} done", runs.size(),
                                         text::counted(all.size(), "sum"));
        // With several STEPS these are those of the last; `runs` has all.
        run.outcome.result = Value::object({{"steps", each.steps},
                                            {"pi", each.pi},
                                            {"error", each.error},
                                            {"runs", runs}});
    }
}

void run(Run& run, const Steps& steps) {
    const bool table = steps.size() > 1;
    if (table)
        fmt::print("{:>10}  {:<17}  {:>7}  {:>9}\n", "steps", "pi", "error",
                   "time");
    else
        run.say(fmt::format("{} by one process.",
                            text::counted(steps.front(), "step")));
    run.timed("work", [&] { sum_all(run, steps); });
    run.outcome.meaning =
        table ? "More steps: nearer, but longer." : "One process, so one CPU.";
    run.outcome.next =
        "pi-parallel " + text::compact(table ? 1'000'000'000 : steps.back());
}

Plan plan() {
    auto steps = std::make_shared<Steps>(Steps{1'000'000'000});
    return {
        .options = {input::counts(
            "STEPS", "how many strips; several make a table (default: 1e9)",
            *steps, {.such_as = "1e9"})},
        .run = [steps](Run& each) { run(each, *steps); },
    };
}

} // namespace

const Exercise pi_serial_exercise = {
    .minutes = 5,
    .name = "pi-serial",
    .summary = "pi as a sum of many steps, by one process",
    .about =
        "x = (i + 0.5) / n, pi = sum of 4 / (1 + x*x) / n. More steps come nearer to pi and "
        "take longer.",
    .example = "pi-serial 1e3 1e5 1e7 1e9",
    .plan = plan,
};

} // namespace exercises
