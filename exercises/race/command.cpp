#define MPWORKSHOP_LESSON
#include "exercises/race/race.cpp"

#include "exercises/command.hpp"
#include "mpworkshop/kit/elapsed.hpp"
#include "mpworkshop/kit/lost_update.hpp"
#include "mpworkshop/kit/run_simultaneously.hpp"

namespace exercises {
namespace {

struct Options {
    std::uint64_t threads = 0; // 0: the CPUs, from two to eight
    std::uint64_t updates = 2'000'000;

    unsigned workers() const {
        return threads == 0 ? std::clamp(mp::process_cpu_count(), 2U, 8U)
                            : unsigned(threads);
    }
    std::uint64_t expected() const { return workers() * updates; }
};

using Add = decltype(careless);

void with_atomic(Count& count, long updates) {
    for (long i = 0; i < updates; ++i) ++count; // the three steps as one
}

// Two counts on one cache line are shared by the hardware, which moves whole
// lines between the cores.
struct Adjacent {
    Count count = 0;
};
struct alignas(128) Padded { // two lines: they are often fetched in pairs
    Count count = 0;
};

struct Counted {
    std::uint64_t counted;
    double seconds;
};

// All threads add at once, until an interrupt: to one count, or each to the
// one with its number.
template <class Counter, bool shared> Counted race(const Options& o, Add add) {
    std::vector<Counter> counters(o.workers());
    const auto updates = long(o.updates);
    const double seconds =
        kit::run_simultaneously(o.workers(), [&](unsigned me) {
            constexpr long some = 1000;
            Count& count = counters[shared ? 0 : me].count;
            for (long done = 0; done < updates && !mp::interrupted();
                 done += some)
                add(count, std::min(some, updates - done));
        });
    if (mp::interrupted()) throw mp::Interrupted();
    std::uint64_t sum = 0;
    for (const Counter& each : counters) sum += std::uint64_t(each.count);
    return {sum, seconds};
}

Value step_by_step(Run& run) {
    const kit::LostUpdate found = kit::lost_update();
    std::string lines =
        "A reference count of 1. Two threads each add a reference, in an unlucky order:\n\n"
        "  T1         T2\n";
    Value::List list;
    for (const kit::LostUpdate::Step& step : found.steps) {
        lines +=
            fmt::format("  {}{} {}\n", step.thread == 1 ? "" : "           ",
                        step.what, step.value);
        list.push_back(Value::object({{"thread", step.thread},
                                      {"step", step.what},
                                      {"value", step.value}}));
    }
    run.say(fmt::format(
        "{}\nThe count is {}, and 3 references exist: one update is lost. When two of them are gone "
        "it is 0, and the memory is released while the third still uses it. Lose an update when "
        "counting down, and the memory is never released.",
        lines, found.counted));
    return Value::object(
        {{"steps", list}, {"expected", 3}, {"counted", found.counted}});
}

struct Attempts {
    Value::List list;
    std::uint64_t lost = 0; // in all
    std::vector<double> seconds;
};

// At least five attempts; with two threads or more up to twenty, until a loss
// was seen.
Attempts in_numbers(Run& run, const Options& o) {
    run.say(fmt::format("\nNow {}, {} each, without care:",
                        text::counted(o.workers(), "thread"),
                        text::counted(o.updates, "update")));
    Attempts attempts;
    const unsigned most = o.workers() > 1 ? 20 : 5;
    for (unsigned i = 1; i <= 5 || (attempts.lost == 0 && i <= most); ++i) {
        const Counted found = race<Adjacent, true>(o, careless);
        const std::uint64_t lost = o.expected() - found.counted;
        const double percent = 100 * double(lost) / double(o.expected());
        run.say(fmt::format(
            "  attempt {:<3} counted {:>13} of {:<13} {:5.1f} % lost", i,
            text::grouped(found.counted), text::grouped(o.expected()),
            percent));
        run.outcome.so_far = text::counted(i, "attempt");
        attempts.lost += lost;
        attempts.seconds.push_back(found.seconds);
        attempts.list.push_back(Value::object({{"counted", found.counted},
                                               {"expected", o.expected()},
                                               {"lost", lost},
                                               {"lost_percent", percent}}));
    }
    if (o.workers() == 1)
        run.say("One thread alone loses nothing: give two or more --threads.");
    else if (attempts.lost == 0)
        run.say(
            "No update was lost here. That is luck and no proof: a longer run may lose some.");
    if (mp::process_cpu_count() == 1)
        run.say(
            "Only one CPU may be used here: threads take turns, and an update is lost only if "
            "the switch comes between its load and its store. With two CPUs it is common.");
    return attempts;
}

struct Way {
    const char *name, *key;
    Counted (*race)(const Options&, Add);
    Add* add;
};

constexpr Way cures[] = {
    {"a mutex", "mutex", race<Adjacent, true>, with_lock},
    {"an atomic addition", "atomic", race<Adjacent, true>, with_atomic},
    {"one counter each, side by side", "adjacent", race<Adjacent, false>,
     careless},
    {"one counter each, kept apart", "padded", race<Padded, false>, careless},
};

void run(Run& run, const Options& o) {
    Value& result = run.outcome.result;
    result = Value::object({{"threads", o.workers()},
                            {"updates", o.updates},
                            {"usable", mp::process_cpu_count()}});
    result.set("unlucky_order", step_by_step(run));
    const Attempts attempts = in_numbers(run, o);
    result.set("attempts", attempts.list);
    result.set("loss_seen", attempts.lost > 0);

    const auto update_ns = [&](const std::vector<double>& seconds) {
        return kit::median(seconds) / double(o.updates) * 1e9;
    };
    const auto row = [&](const char* name, const std::string& counted,
                         double ns, double times) {
        run.show(fmt::format("  {:<32}{:>14}{:>12}{:>8.1f} x", name, counted,
                             text::duration(ns * 1e-9), times));
    };
    const double careless_ns = update_ns(attempts.seconds);
    run.say(
        fmt::format("\nThe cures, and what one update takes in each of {}:\n",
                    text::counted(o.workers(), "thread")));
    run.show(fmt::format("  {:<32}{:>14}{:>12}{:>10}", "", "counted",
                         "an update", "times"));
    row("without care", attempts.lost > 0 ? "too few" : "all this time",
        careless_ns, 1);
    Value::List list;
    std::vector<double> ns;
    for (const Way& cure : cures) {
        std::vector<double> seconds;
        std::uint64_t counted = 0;
        for (int repeat = 0; repeat < 3; ++repeat) {
            const Counted found = cure.race(o, cure.add);
            counted = found.counted;
            seconds.push_back(found.seconds);
        }
        ns.push_back(update_ns(seconds));
        row(cure.name, text::grouped(counted), ns.back(),
            ns.back() / careless_ns);
        list.push_back(Value::object({{"name", cure.key},
                                      {"counted", counted},
                                      {"expected", o.expected()},
                                      {"update_ns", ns.back()}}));
    }
    result.set("careless_ns", careless_ns);
    result.set("cures", list);
    const double sharing = ns[2] / ns[3];
    result.set("false_sharing", sharing);

    // Less is over before the last thread is awake.
    const bool measurable = o.updates >= 10'000;
    if (!measurable)
        run.say(
            "\nToo few updates to say what one takes: give --updates 2e6.");
    else if (sharing >= 1.5 && o.workers() > 1)
        run.say(fmt::format(
            "\nSide by side the counters stand on one cache line, which the cores "
            "take from each other: {:.1f} times as slow, for the same "
            "instructions. That is called false sharing.",
            sharing));
    run.outcome.meaning =
        attempts.lost > 0
            ? fmt::format(
                  "{:.3g} % of the updates were lost; every cure counted all of them.",
                  100 * double(attempts.lost) /
                      double(attempts.list.size() * o.expected()))
            : "No loss was seen this time; a cure makes sure that there is none.";
}

} // namespace

Plan plan_race() {
    auto o = std::make_shared<Options>();
    input::Option threads = input::count(
        "--threads", "how many (default: the CPUs you may use, from 2 to 8)",
        o->threads, {.most = 1000, .such_as = "2"});
    threads.value = [o] { return Value(o->workers()); };
    return {
        .options = {threads,
                    input::count("--updates", "by each thread (default: 2e6)",
                                 o->updates,
                                 {.most = 1'000'000'000, .such_as = "1e6"})},
        .run = [o](Run& each) { run(each, *o); },
    };
}

} // namespace exercises
