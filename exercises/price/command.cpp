#define MPWORKSHOP_LESSON
#include "exercises/price/price.cpp"

#include <atomic>

#include "exercises/command.hpp"
#include "mpworkshop/kit/elapsed.hpp"
#include "mpworkshop/kit/run_simultaneously.hpp"
#include "mpworkshop/kit/samples.hpp"
#include "mpworkshop/sys/pipe_echo.hpp"

namespace exercises {
namespace {

struct Options {
    double seconds = 0.1;
    std::uint64_t processes = 0; // 0: the CPUs that may be used

    unsigned workers() const {
        return processes == 0 ? mp::process_cpu_count() : unsigned(processes);
    }
};

void atomic_adds(int number) {
    static std::atomic<int> sum;
    for (int i = 0; i < number; ++i) ++sum;
}

struct Price {
    const char *name, *key;
    int number; // operations between two looks at the clock
    std::function<double(int)> seconds_of;
    kit::Samples samples = {}; // seconds of one operation
};

std::function<double(int)> timed(std::function<void(int)> operate) {
    return [=](int number) {
        const double begin = kit::clock_s();
        operate(number);
        return kit::clock_s() - begin;
    };
}

// Measures them all and sorts them, the cheapest first.
std::vector<Price> all_prices(Run& run, const Options& o) {
    // Locks are cheaper in a program that never had a second thread.
    threads(1);
    sys::PipeEcho echo;
    mp::Pool pool(o.workers());
    std::vector<Price> prices = {
        {"a function call", "call", 100'000, timed([](int number) {
             [[maybe_unused]] const volatile double x = calls(number);
         })},
        {"an atomic addition", "atomic", 100'000, timed(atomic_adds)},
        {"a lock that is free", "lock", 50'000, timed(locks)},
        {"a lock that two threads want", "contended_lock", 20'000,
         [](int number) { // without the start of the two threads
             return kit::run_simultaneously(2,
                                            [=](unsigned) { locks(number); });
         }},
        {"an item of a map in a pool", "map_item", 100'000,
         timed([&](int number) { pool_items(pool, number); })},
        {"a byte to a thread and back", "pipe", 50,
         timed([&](int number) { echo.round_trips(number); })},
        {"a task in a running pool", "task", 50,
         timed([&](int number) { pool_tasks(pool, number); })},
        {"a thread, started and joined", "thread", 20, timed(threads)},
        {"a process, started and joined", "process", 2, timed(processes)},
    };
    for (Price& price : prices) {
        price.samples = kit::samples(o.seconds, [&] {
            return price.seconds_of(price.number) / price.number;
        });
        run.outcome.so_far =
            fmt::format("the price of {} is known", price.name);
    }
    std::ranges::sort(prices, {},
                      [](const Price& p) { return p.samples.median; });
    return prices;
}

// Two digits: more would promise too much.
std::string two_digits(double number) {
    if (number < 9.95) return fmt::format("{:.1f}", number);
    const double unit = std::pow(10, std::floor(std::log10(number)) - 1);
    return text::grouped(std::uint64_t(std::round(number / unit) * unit));
}

void run(Run& run, const Options& o) {
    run.say(fmt::format(
        "Nine things, each done again and again for {}; the cheapest first.\n",
        text::duration(o.seconds)));
    const std::vector<Price> prices = all_prices(run, o);
    const auto median_of = [&](std::string_view key) {
        return std::ranges::find(prices, key, &Price::key)->samples.median;
    };

    run.show(fmt::format("  {:<32}{:>10}{:>22}{:>13}", "", "median",
                         "from .. to", "calls"));
    Value::List list;
    for (const Price& price : prices) {
        const auto& [median, least, most, count] = price.samples;
        const double calls = median / median_of("call");
        run.show(fmt::format(
            "  {:<32}{:>10}{:>22}{:>13}", price.name, text::duration(median),
            text::duration(least) + " .. " + text::duration(most),
            two_digits(calls)));
        list.push_back(Value::object({{"name", price.key},
                                      {"median_s", median},
                                      {"least_s", least},
                                      {"most_s", most},
                                      {"samples", count},
                                      {"function_calls", calls}}));
    }
    run.outcome.result = Value::object({{"seconds", o.seconds},
                                        {"processes", o.workers()},
                                        {"usable", mp::process_cpu_count()},
                                        {"prices", list}});

    const double task_s = median_of("task");
    run.say(fmt::format(
        "\nCalls: as many function calls take as long. What is sent to a pool at once should be "
        "worth its way: in chunks of {} of work, a hundred times the price of a task, less than "
        "1 % is lost.",
        text::duration(100 * task_s)));
    if (mp::process_cpu_count() == 1)
        run.say(
            "With one CPU two threads seldom want a lock at the same moment.");
    run.outcome.meaning = fmt::format(
        "A process costs as much as {} tasks in a pool: start a pool once, keep it.",
        two_digits(median_of("process") / task_s));
}

} // namespace

Plan plan_price() {
    auto o = std::make_shared<Options>();
    input::Option processes =
        input::count("-p,--processes",
                     "workers of the pool (default: the CPUs you may use)",
                     o->processes, {.most = 1'000'000, .such_as = "4"});
    processes.value = [o] { return Value(o->workers()); };
    return {
        .options = {input::number("--seconds",
                                  "how long each is measured (default: 0.1)",
                                  o->seconds, 0.001, 60, "0.5"),
                    processes},
        .run = [o](Run& each) { run(each, *o); },
    };
}

} // namespace exercises
