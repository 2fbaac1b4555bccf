#include "mpworkshop/kit/gil_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "mpworkshop/kit/fields.hpp"
#include "mpworkshop/kit/other_programs.hpp"
#include "mpworkshop/kit/rounds_for.hpp"
#include "mpworkshop/kit/stats.hpp"
#include "mpworkshop/sys/signals.hpp"
#include "mpworkshop/text/text.hpp"

namespace mpworkshop::kit {
namespace {

constexpr const char* way_layout = "  {:<23}{:<26}{}";
constexpr double clear_gain = 1.2;     // processes compared with threads that take turns
constexpr double clear_overlap = 0.75; // of the time that waiting one by one takes

Field field_of(const char* key, const Elapsed& elapsed) {
    return {key, elapsed.value(),
            fmt::format("{:>8} {:5.2f} CPUs busy", text::duration(elapsed.wall_s),
                        elapsed.cpus_busy())};
}

Elapsed sum_of(const std::vector<Elapsed>& rounds) {
    Elapsed sum;
    for (const Elapsed& each : rounds) {
        sum.wall_s += each.wall_s;
        sum.cpu_s += each.cpu_s;
    }
    return sum;
}

std::vector<double> wall_of(const std::vector<Elapsed>& rounds) {
    std::vector<double> wall;
    wall.reserve(rounds.size());
    for (const Elapsed& each : rounds) wall.push_back(each.wall_s);
    return wall;
}

std::optional<stats::Speedup> gain_of_processes(const GilTimes& times) {
    return stats::speedup(wall_of(times.locked.computing), wall_of(times.processes.computing));
}

bool is_clear(const std::optional<stats::Speedup>& gain) {
    return gain && gain->interval && gain->interval->low >= clear_gain;
}

} // namespace

std::string what_the_lock_costs(const GilTimes& times) {
    if (times.tasks == 1) return "One task alone never waits for the lock: give -p 2.";
    if (times.usable == 1)
        return "With one CPU tasks take turns anyway: what the lock costs cannot be seen here.";
    const auto gain = gain_of_processes(times);
    if (is_clear(gain))
        return fmt::format("Computing: processes were {:.1f} times as fast as threads under the "
                           "lock (95 % interval: {:.1f} to {:.1f}).",
                           gain->ratio, gain->interval->low, gain->interval->high);
    return "Whether processes compute faster than threads under the lock is unclear: " +
           why_unclear(times.others);
}

void compare_with_prediction(Run& run, const GilTimes& times) {
    if (!run.outcome.prediction) return;
    const auto gain = gain_of_processes(times);
    if (times.tasks == 1 || times.usable == 1)
        run.outcome.prediction->cannot_be_told("it takes several tasks and CPUs to see");
    else if (is_clear(gain))
        run.outcome.prediction->came_out(gain->ratio);
    else
        run.outcome.prediction->cannot_be_told(why_unclear(times.others));
}

bool shows_what_threads_are_for(const GilTimes& times) {
    const double one_by_one = double(times.tasks) * times.round_s;
    const bool overlap = stats::median(wall_of(times.locked.waiting)) < clear_overlap * one_by_one;
    return times.tasks > 1 && times.usable > 1 && overlap && is_clear(gain_of_processes(times));
}

GilReport::GilReport(Run& run, unsigned tasks, double seconds)
    : run_(run),
      times_{.tasks = tasks, .usable = mp::process_cpu_count(), .round_s = seconds / rounds} {
    const double at_once = std::min(tasks, mp::process_cpu_count());
    run.say(fmt::format("{} of {}: they compute, and they wait, each in {} rounds. In a loop that "
                        "takes {}; here it is done in three ways, about {} in all on idle CPUs. A "
                        "mutex of C++ imitates Python's lock.\n",
                        text::counted(tasks, "task"), text::duration(seconds), rounds,
                        text::duration(tasks * seconds),
                        text::duration(seconds * (tasks * (1 + 2 / at_once) + 3))));
    run.show(fmt::format(way_layout, "", "     computing", "   waiting"));
    run.outcome.result = Value::object(
        {{"tasks", tasks}, {"seconds", seconds}, {"usable", mp::process_cpu_count()}});
}

void GilReport::run(std::array<GilTrial, 3> trials) {
    const sys::OtherPrograms others;
    const double turns = std::ceil(times_.round_s / 0.1); // an interrupt is noticed after each
    const auto compute = trials[1].compute;
    const long computations = rounds_for(times_.round_s / turns, [&](long number) {
        compute(number);
        return double(number);
    });
    const auto wait = [seconds = times_.round_s] { (void)sys::sleep_for(seconds); };
    for (int i = 0; i < rounds; ++i) {
        for (GilTrial& trial : trials) {
            const auto took = [&](const std::function<void()>& task) {
                return elapsed([&] { trial.at_once(int(times_.tasks), task); });
            };
            trial.way.computing.push_back(took([&] {
                for (double turn = 0; turn < turns && !mp::interrupted(); ++turn)
                    trial.compute(computations);
            }));
            trial.way.waiting.push_back(took(wait));
        }
        run_.outcome.so_far = fmt::format("{} of {} rounds", i + 1, rounds);
    }
    times_.others = others.cpus_used();
    times_.locked = std::move(trials[0].way);
    unlocked_ = std::move(trials[1].way);
    times_.processes = std::move(trials[2].way);
}

void GilReport::add(const GilWay& way) {
    const Fields fields = {Field::label(way.name), field_of("computing", sum_of(way.computing)),
                           field_of("waiting", sum_of(way.waiting))};
    run_.show(line(way_layout, fields));
    run_.outcome.result.set(way.key, object(fields));
}

void GilReport::finish() {
    for (const GilWay* way : {&times_.locked, &unlocked_, &times_.processes}) add(*way);
    run_.say("\nA thread holds the lock while it computes, in short turns, and not while it waits. "
             "C++ has no such lock.");
    if (shows_what_threads_are_for(times_))
        run_.say("So in Python, use threads for waiting and processes for computing.");
    compare_with_prediction(run_, times_);
    run_.outcome.meaning = what_the_lock_costs(times_);
}

} // namespace mpworkshop::kit
