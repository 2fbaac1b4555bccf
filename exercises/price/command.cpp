#define MPWORKSHOP_LESSON
#include "exercises/price/price.cpp"

#include <atomic>

#include "exercises/command.hpp"
#include "mpworkshop/kit/price_report.hpp"
#include "mpworkshop/kit/run_simultaneously.hpp"
#include "mpworkshop/sys/other_programs.hpp"
#include "mpworkshop/sys/pipe_echo.hpp"

namespace exercises {
namespace {

struct Options {
    double seconds = 0.1;
    std::uint64_t processes = 0; // 0: the CPUs that may be used

    unsigned workers() const {
        return processes == 0 ? mp::process_cpu_count() : unsigned(processes);
    }
    std::vector<input::Option> options() {
        return {input::number("--seconds", "how long each is measured",
                              seconds, 0.001, 60, "0.5"),
                input::count("-p,--processes", "workers of the pool",
                             processes, {.most = 1'000'000, .such_as = "4"},
                             {[this] { return std::uint64_t{workers()}; },
                              "the CPUs you may use"})};
    }
};

void atomic_adds(int number) {
    static std::atomic<int> sum;
    for (int i = 0; i < number; ++i) ++sum;
}

void run(Run& run, const Options& o) {
    run.say(fmt::format(
        "Ten operations, each repeated for {}; the cheapest first.\n",
        text::duration(o.seconds)));
    threads(
        1); // locks are cheaper in a program that never had a second thread
    const sys::OtherPrograms others;
    sys::PipeEcho echo;
    mp::Pool pool(o.workers());
    std::vector<kit::Price> prices;
    const auto price = [&](const char* name, const char* key, int number,
                           const std::function<void(int)>& operate) {
        prices.push_back(
            kit::timed_price_of(run, o.seconds, name, key, number, operate));
    };
    price("a function call", "call", 100'000, [](int number) {
        [[maybe_unused]] const volatile double x = calls(number);
    });
    price("an atomic addition", "atomic", 100'000, atomic_adds);
    price("a lock that is free", "lock", 50'000, locks);
    // Without the start of the two threads.
    prices.push_back(
        kit::price_of(run, o.seconds, "a lock that two threads want",
                      "contended_lock", 20'000, [](int number) {
                          return kit::run_simultaneously(
                              2, [=](unsigned) { locks(number); });
                      }));
    price("an item of a map, workers awake", "map_item", 100'000,
          [&](int number) { pool_items(pool, number); });
    price("a byte to a blocked thread, back", "pipe", 50,
          [&](int number) { echo.round_trips(number); });
    price("a task in a pool, worker awake", "task", 50,
          [&](int number) { pool_tasks(pool, number); });
    prices.push_back(
        kit::price_when_idle(run, o.seconds, "a task in a pool, worker asleep",
                             "task_asleep", 3, [&] { pool_tasks(pool, 1); }));
    price("a thread, started and joined", "thread", 20, threads);
    price("a process, started and joined", "process", 2, processes);
    kit::report_prices(run, o.seconds, o.workers(), std::move(prices),
                       others.cpus_used());
}

} // namespace

Plan plan_price() { return planned(run); }

} // namespace exercises
