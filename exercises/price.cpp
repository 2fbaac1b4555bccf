// price: what it costs to call, to share, to start and to send, on this
// machine.
//
// You will see nine things that parallel programs are made of, the cheapest
// first, each measured on the spot and given as so many function calls.
// Between the first and the last lie five or six powers of ten: that decides
// how much work a task must be, and what is worth keeping.
//
// In Python: the same parts; multiprocessing sends each task through a pipe.

#include <mp/mp.hpp>

#include <atomic>
#include <mutex>
#include <numeric>
#include <thread>
#include <vector>

#include "exercises/run_simultaneously.hpp"
#include "mpworkshop/sys/pipe_echo.hpp"

namespace {

int one_more(int i) { return i + 1; }

void function_calls(int number) {
    // Volatile: each call is really made.
    int (*volatile function)(int) = one_more;
    int sum = 0;
    for (int i = 0; i < number; ++i) sum = function(sum);
}

void atomic_adds(int number) {
    static std::atomic<int> sum;
    for (int i = 0; i < number; ++i) ++sum;
}

std::mutex mutex;

void locks(int number) {
    for (int i = 0; i < number; ++i) const std::lock_guard lock(mutex);
}

// Returns the seconds without the start of the two threads.
double contended_locks(int number) {
    return exercises::run_simultaneously(2, [&](unsigned) { locks(number); });
}

void threads(int number) {
    for (int i = 0; i < number; ++i) std::thread([] {}).join();
}

void processes(int number) {
    for (int i = 0; i < number; ++i) {
        mp::Process process([] {});
        process.start();
        process.join();
    }
}

void tasks(mp::Pool& pool, int number) {
    for (int i = 0; i < number; ++i) pool.apply(one_more, i);
}

void map_items(mp::Pool& pool, const std::vector<int>& items) {
    pool.map(one_more, items);
}

} // namespace

// ---- Options, and the lines on the screen.

#include "exercises/elapsed.hpp"
#include "exercises/lesson.hpp"
#include "exercises/spans.hpp"

namespace exercises {
namespace {

struct Options {
    double seconds = 0.1;
    std::uint64_t processes = 0; // 0: the CPUs that may be used

    unsigned workers() const {
        return processes == 0 ? mp::process_cpu_count() : unsigned(processes);
    }
};

struct Price {
    const char* name;
    const char* key;
    int repeats; // operations between two looks at the clock
    std::function<double()> operate;  // `repeats` times; the seconds of that
    std::vector<double> seconds = {}; // of one operation, by sample
    double median_s = 0;
};

template <class F> std::function<double()> timed(F work) {
    return [work] {
        const double begin = clock_s();
        work();
        return clock_s() - begin;
    };
}

// As many samples as fit into the time, but at least five and at most a
// hundred.
void sample_price(Price& price, double budget_s) {
    price.operate(); // the first time is dearer: pages, caches
    const double end = clock_s() + budget_s;
    while (price.seconds.size() < 5 ||
           (clock_s() < end && price.seconds.size() < 100)) {
        if (mp::interrupted()) throw mp::Interrupted();
        price.seconds.push_back(price.operate() / price.repeats);
    }
    price.median_s = median(price.seconds);
}

// Two digits: more would promise too much.
std::string two_digits(double number) {
    if (number < 9.95) return fmt::format("{:.1f}", number);
    const double unit = std::pow(10, std::floor(std::log10(number)) - 1);
    return text::grouped(std::uint64_t(std::round(number / unit) * unit));
}

// Measures them all and sorts them, the cheapest first.
std::vector<Price> sampled_prices(Run& run, const Options& o) {
    // Locks are cheaper in a program that never had a second thread.
    std::thread([] {}).join();
    sys::PipeEcho echo;
    mp::Pool pool({.processes = o.workers()});
    std::vector<int> items(100'000);
    std::iota(items.begin(), items.end(), 0);
    std::vector<Price> prices = {
        {"a function call", "call", 100'000,
         timed([] { function_calls(100'000); })},
        {"an atomic addition", "atomic", 100'000,
         timed([] { atomic_adds(100'000); })},
        {"a lock that is free", "lock", 50'000, timed([] { locks(50'000); })},
        {"a lock that two threads want", "contended_lock", 20'000,
         [] { return contended_locks(20'000); }},
        {"an item of a map in a pool", "map_item", int(items.size()),
         timed([&] { map_items(pool, items); })},
        {"a byte to a thread and back", "pipe", 50,
         timed([&] { echo.round_trips(50); })},
        {"a task in a running pool", "task", 50,
         timed([&] { tasks(pool, 50); })},
        {"a thread, started and joined", "thread", 20,
         timed([] { threads(20); })},
        {"a process, started and joined", "process", 2,
         timed([] { processes(2); })},
    };
    for (Price& price : prices) {
        sample_price(price, o.seconds);
        run.outcome.so_far =
            fmt::format("the price of {} is known", price.name);
    }
    std::ranges::sort(prices, {}, &Price::median_s);
    return prices;
}

double median_of(const std::vector<Price>& prices, std::string_view key) {
    return std::ranges::find(prices, key, &Price::key)->median_s;
}

void run(Run& run, const Options& o) {
    run.say(fmt::format(
        "Nine things, each done again and again for {}; the cheapest first.\n",
        text::duration(o.seconds)));
    const std::vector<Price> prices = sampled_prices(run, o);
    const double call_s = median_of(prices, "call");

    run.say(fmt::format("  {:<32}{:>10}{:>22}{:>13}", "", "median",
                        "from .. to", "calls"));
    Value::List list;
    for (const Price& price : prices) {
        const auto [least, most] = std::ranges::minmax(price.seconds);
        const double calls = price.median_s / call_s;
        run.say(
            fmt::format("  {:<32}{:>10}{:>22}{:>13}", price.name,
                        text::duration(price.median_s),
                        text::duration(least) + " .. " + text::duration(most),
                        two_digits(calls)));
        list.push_back(Value::object({{"name", price.key},
                                      {"median_s", price.median_s},
                                      {"least_s", least},
                                      {"most_s", most},
                                      {"samples", price.seconds.size()},
                                      {"function_calls", calls}}));
    }
    run.outcome.result = Value::object({{"seconds", o.seconds},
                                        {"processes", o.workers()},
                                        {"usable", mp::process_cpu_count()},
                                        {"prices", list}});

    const double task_s = median_of(prices, "task");
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
        two_digits(median_of(prices, "process") / task_s));
    run.outcome.next = "pi-serial 10 1000 1e5 1e7";
}

Plan plan() {
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

} // namespace

const Exercise price = {
    .kind = mpworkshop::Kind::demonstration,
    .minutes = 5,
    .name = "price",
    .summary = "what a call, a lock, a thread, a process and a task cost here",
    .about =
        "Nine things that parallel programs are made of, measured on the spot: the median, "
        "the spread, and how many function calls take as long. It follows how large a chunk "
        "must be, and why a pool is kept.",
    .example = "price --seconds 0.2",
    .plan = plan,
};

} // namespace exercises
