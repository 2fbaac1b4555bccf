// The round trip of one task: while all are awake, and while all sleep.

#include <memory>
#include <mp/mp.hpp>
#include <tbb/global_control.h>
#include <tbb/task_group.h>

#include "bench/floors.hpp"
#include "bench/workload.hpp"

namespace bench {
namespace {

constexpr int asleep_trips = 50;

int successor(int number) { return number + 1; }

void one_trip(mp::Pool& pool, int i) {
    check(pool.apply(successor, i) == i + 1, "apply gave a wrong result");
}

std::vector<Side> awake(const Settings& settings) {
    const int threads = int(settings.workers);
    const auto pool = std::make_shared<mp::Pool>(unsigned(settings.workers));
    const auto limit = std::make_shared<tbb::global_control>(
        tbb::global_control::max_allowed_parallelism, settings.workers);
    return {
        {"mp", [=] { return 1e6 * typical_trip([&](int i) { one_trip(*pool, i); }); }},
        {"spinning processes", [] { return 1e6 * trip(Pair::processes); }, {5, 0.5}},
        {"spinning threads", [] { return 1e6 * trip(Pair::threads); }},
        {"OpenMP parallel",
         [=] {
             return 1e6 * typical_trip([&](int i) {
                        int sum = 0;
#pragma omp parallel num_threads(threads) reduction(+ : sum)
                        sum += successor(i);
                        check(sum == threads * (i + 1), "OpenMP gave a wrong result");
                    });
         }},
        {"oneTBB run + wait",
         [limit] {
             tbb::task_group group;
             return 1e6 * typical_trip([&](int i) {
                        int result = 0;
                        group.run([&] { result = successor(i); });
                        group.wait();
                        check(result == i + 1, "oneTBB gave a wrong result");
                    });
         }},
    };
}

std::vector<Side> asleep(const Settings& settings) {
    const auto pool = std::make_shared<mp::Pool>(unsigned(settings.workers));
    return {
        {"mp",
         [=] {
             std::vector<double> times;
             for (int i = 0; i < asleep_trips; ++i) {
                 let_all_sleep();
                 times.push_back(seconds([&] { one_trip(*pool, i); }));
             }
             return 1e6 * median(times);
         }},
        {"futex pair", [] { return 1e6 * trip_after_sleep(Pair::futex, asleep_trips); }, {1.5}},
    };
}

} // namespace

std::vector<Workload> latency() {
    return {
        {"roundtrip", "apply of a trivial function, one after the other; all awake", "us",
         Better::lower, Rounds::warm, awake},
        {"roundtrip-parked",
         "apply of a trivial function, each after 2 ms in which all fall asleep", "us",
         Better::lower, Rounds::warm, asleep},
    };
}

} // namespace bench
