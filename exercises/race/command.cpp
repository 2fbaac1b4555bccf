#define MPWORKSHOP_LESSON
#include "exercises/race/race.cpp"

#include "exercises/command.hpp"
#include "mpworkshop/kit/race_report.hpp"
#include "mpworkshop/kit/run_simultaneously.hpp"

namespace exercises {
namespace {

struct Options {
    std::uint64_t threads = 0; // 0: the CPUs, from two to eight
    std::uint64_t updates = 2'000'000;
    kit::PredictionChoice prediction = {
        .question = "How many of the updates are lost without care?",
        .quantity = kit::Quantity::percent};

    unsigned workers() const {
        return threads == 0 ? std::clamp(mp::process_cpu_count(), 2U, 8U)
                            : unsigned(threads);
    }
    std::vector<input::Option> options() {
        return {input::count("--threads", "number of threads", threads,
                             {.most = 1000, .such_as = "2"},
                             {[this] { return std::uint64_t{workers()}; },
                              "the CPUs you may use, from 2 to 8"}),
                input::count("--updates", "updates by each thread", updates,
                             {.most = 1'000'000'000, .such_as = "1e6"})};
    }
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

// All threads add at once, until an interrupt: to one count, or each to the
// one with its number.
template <class Counter, bool shared>
kit::Counted race(const Options& o, Add add) {
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

void run(Run& run, const Options& o) {
    kit::RaceReport report(run, o.workers(), o.updates);
    report.unlucky_order();
    report.careless([&] { return race<Adjacent, true>(o, careless); });
    report.cure("a mutex", "mutex",
                [&] { return race<Adjacent, true>(o, with_lock); });
    report.cure("an atomic addition", "atomic",
                [&] { return race<Adjacent, true>(o, with_atomic); });
    report.counters_of_their_own(
        [&] { return race<Adjacent, false>(o, careless); },
        [&] { return race<Padded, false>(o, careless); });
    report.finish();
}

} // namespace

Plan plan_race() { return planned(run); }

} // namespace exercises
