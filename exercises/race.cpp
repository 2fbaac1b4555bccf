// race: two threads count one number, and the count comes out too low.
//
// Counting up is three steps: read, add, write. First you will see them one by
// one, in the order in which an update is lost; then how many are lost when
// threads just run; then three cures and what each costs. Last, a cost that no
// line of the program shows: counters that stand side by side.
//
// In Python: the count of references to an object, and why one lock protects
// all of them.

#include <mp/mp.hpp>

#include <array>
#include <atomic>
#include <mutex>
#include <vector>

#include "exercises/run_simultaneously.hpp"

namespace {

// Relaxed: no order is promised beyond this one number. Even so no value is
// ever torn, and the program stays well-defined C++; with a plain integer
// anything could happen.
using Count = std::atomic<std::uint64_t>;
constexpr auto relaxed = std::memory_order_relaxed;

void careless(Count& count) {
    const std::uint64_t seen = count.load(relaxed); // read;
    count.store(seen + 1, relaxed);                 // add and write
}

void with_mutex(Count& count, std::mutex& mutex) {
    const std::lock_guard lock(mutex); // one at a time
    careless(count);
}

// The three steps as one.
void with_atomic(Count& count) { count.fetch_add(1, relaxed); }

// One counter each, added up at the end: what is not shared needs no
// protection. Two counters on one cache line are shared after all, by the
// hardware: it moves whole lines between the cores.
struct Adjacent {
    Count count;
};
struct alignas(128) Padded { // two lines: they are often fetched in pairs
    Count count;
};

struct Step {
    unsigned thread;
    const char* what;
    std::uint64_t value;
};

// Both threads load, then both store. Every step is real; only their order is
// arranged.
std::array<Step, 4> unlucky_order(Count& count) {
    std::array<Step, 4> steps{};
    std::atomic<unsigned> turn{0};
    const auto take_turn = [&](unsigned mine, auto step) {
        for (unsigned now = turn.load(); now != mine; now = turn.load())
            turn.wait(now);
        steps[mine] = step();
        turn.store(mine + 1);
        turn.notify_all();
    };
    exercises::run_simultaneously(2, [&](unsigned me) {
        std::uint64_t seen = 0;
        take_turn(me, [&] {
            seen = count.load(relaxed);
            return Step{me, "load", seen};
        });
        take_turn(2 + me, [&] {
            count.store(seen + 1, relaxed);
            return Step{me, "store", seen + 1};
        });
    });
    return steps;
}

// Every thread makes so many updates, all at once. Returns the seconds that
// took.
template <class Update>
double race(unsigned threads, std::uint64_t updates, Update update) {
    return exercises::run_simultaneously(threads, [&](unsigned me) {
        constexpr std::uint64_t updates_at_once =
            1000; // between two looks at Ctrl-C
        for (std::uint64_t done = 0; done < updates && !mp::interrupted();
             done += updates_at_once)
            for (std::uint64_t i = std::min(updates_at_once, updates - done);
                 i > 0; --i)
                update(me);
    });
}

struct Counted {
    std::uint64_t counted;
    double seconds;
};

Counted race_careless(unsigned threads, std::uint64_t updates) {
    Count count{0};
    const double seconds =
        race(threads, updates, [&](unsigned) { careless(count); });
    return {count.load(), seconds};
}

Counted race_with_mutex(unsigned threads, std::uint64_t updates) {
    Count count{0};
    std::mutex mutex;
    const double seconds =
        race(threads, updates, [&](unsigned) { with_mutex(count, mutex); });
    return {count.load(), seconds};
}

Counted race_with_atomic(unsigned threads, std::uint64_t updates) {
    Count count{0};
    const double seconds =
        race(threads, updates, [&](unsigned) { with_atomic(count); });
    return {count.load(), seconds};
}

template <class Counter>
Counted race_one_each(unsigned threads, std::uint64_t updates) {
    std::vector<Counter> counters(threads);
    const double seconds = race(
        threads, updates, [&](unsigned me) { careless(counters[me].count); });
    std::uint64_t sum = 0;
    for (const Counter& counter : counters) sum += counter.count.load();
    return {sum, seconds};
}

} // namespace

// ---- Options, and the lines on the screen.

#include "exercises/elapsed.hpp"
#include "exercises/lesson.hpp"

namespace exercises {
namespace {

struct Options {
    // 0: as many as CPUs may be used, from two to eight.
    std::uint64_t threads = 0;
    std::uint64_t updates = 2'000'000;

    unsigned workers() const {
        return threads == 0 ? std::clamp(mp::process_cpu_count(), 2U, 8U)
                            : unsigned(threads);
    }
    std::uint64_t expected() const { return workers() * updates; }
};

Value step_by_step(Run& run) {
    Count count{1};
    const auto steps = unlucky_order(count);
    run.say(
        "A reference count of 1. Two threads each add a reference, in an unlucky order:\n\n"
        "  T1         T2");
    Value::List list;
    for (const Step& step : steps) {
        const std::string words = fmt::format("{} {}", step.what, step.value);
        run.say(fmt::format("  {}{}", step.thread == 0 ? "" : "           ",
                            words));
        list.push_back(Value::object({{"thread", step.thread + 1},
                                      {"step", step.what},
                                      {"value", step.value}}));
    }
    run.say(fmt::format(
        "\nThe count is {}, and 3 references exist: one update is lost. When two of them are gone "
        "it is 0, and the memory is released while the third still uses it. Lose an update when "
        "counting down, and the memory is never released.",
        count.load()));
    return Value::object(
        {{"steps", list}, {"expected", 3}, {"counted", count.load()}});
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
        const Counted found = race_careless(o.workers(), o.updates);
        if (mp::interrupted()) throw mp::Interrupted();
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
    const char* name;
    const char* key;
    Counted (*race)(unsigned, std::uint64_t);
};

constexpr Way cures[] = {
    {"a mutex", "mutex", race_with_mutex},
    {"an atomic addition", "atomic", race_with_atomic},
    {"one counter each, side by side", "adjacent", race_one_each<Adjacent>},
    {"one counter each, kept apart", "padded", race_one_each<Padded>},
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
        return median(seconds) / double(o.updates) * 1e9;
    };
    const auto row = [&](const char* name, const std::string& counted,
                         double ns, double times) {
        run.say(fmt::format("  {:<32}{:>14}{:>12}{:>8.1f} x", name, counted,
                            text::duration(ns * 1e-9), times));
    };
    const double careless_ns = update_ns(attempts.seconds);
    run.say(
        fmt::format("\nThe cures, and what one update takes in each of {}:\n",
                    text::counted(o.workers(), "thread")));
    run.say(fmt::format("  {:<32}{:>14}{:>12}{:>10}", "", "counted",
                        "an update", "times"));
    row("without care", attempts.lost > 0 ? "too few" : "all this time",
        careless_ns, 1);
    Value::List list;
    double ns[std::size(cures)] = {};
    for (std::size_t i = 0; i < std::size(cures); ++i) {
        std::vector<double> seconds;
        std::uint64_t counted = 0;
        for (int repeat = 0; repeat < 3; ++repeat) {
            const Counted found = cures[i].race(o.workers(), o.updates);
            if (mp::interrupted()) throw mp::Interrupted();
            counted = found.counted;
            seconds.push_back(found.seconds);
        }
        ns[i] = update_ns(seconds);
        row(cures[i].name, text::grouped(counted), ns[i], ns[i] / careless_ns);
        list.push_back(Value::object({{"name", cures[i].key},
                                      {"counted", counted},
                                      {"expected", o.expected()},
                                      {"update_ns", ns[i]}}));
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
    run.outcome.next = "gil";
}

Plan plan() {
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

} // namespace

const Exercise race = {
    .kind = mpworkshop::Kind::demonstration,
    .minutes = 10,
    .name = "race",
    .summary =
        "threads lose updates of a shared count; three cures and their price",
    .about =
        "Two threads read a count, add one and write it back. Where both read before either "
        "writes, an update is lost: shown step by step, then in numbers. A mutex, an atomic "
        "addition and one counter for each thread cure it, each at its price.",
    .example = "race --threads 2 --updates 1e7",
    .plan = plan,
};

} // namespace exercises
