// The cost of a worker's death: deaths [REPEATS]. Run it on an idle machine; see tests/README.md.

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <mp/mp.hpp>
#include <ranges>
#include <string>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

std::int64_t now_ns() { return Clock::now().time_since_epoch().count(); }

void print(const char* what, std::vector<double> times_us) {
    std::ranges::sort(times_us);
    const auto at = [&](double part) {
        return times_us[static_cast<std::size_t>(part * double(times_us.size() - 1))];
    };
    std::printf("%-44s p50 %7.0f us   p99 %7.0f us   max %7.0f us\n", what, at(0.5), at(0.99),
                at(1));
}

// From SIGKILL, which the item sends to its own process, to the error.
void until_the_error(int repeats) {
    mp::Pool pool(2);
    const mp::SharedValue<std::atomic<std::int64_t>> killed;
    std::vector<double> times;
    for (int i = 0; i < repeats; ++i) {
        try {
            pool.apply([at = killed.span()] {
                at[0] = now_ns();
                std::raise(SIGKILL);
            });
        } catch (const mp::WorkerDied&) {
            times.push_back(double(now_ns() - *killed) / 1e3);
        }
    }
    print("from a kill to the item's error", times);
}

// From SIGKILL to the first instruction of the second run, in the replacement worker.
void until_the_rerun(int repeats) {
    mp::Pool pool({.processes = 1, .retries = 1});
    const mp::SharedValue<std::atomic<std::int64_t>> killed, again;
    std::vector<double> times;
    for (int i = 0; i < repeats; ++i) {
        *killed = 0;
        pool.apply([at = killed.span(), then = again.span()] {
            if (at[0] != 0) {
                then[0] = now_ns();
                return;
            }
            at[0] = now_ns();
            std::raise(SIGKILL);
        });
        times.push_back(double(*again - *killed) / 1e3);
    }
    print("from a kill to the item's second run", times);
}

void idle_kills(int repeats) {
    mp::Pool pool(2);
    int right = 0;
    for (int i = 0; i < repeats; ++i) {
        kill(pool.stats()[static_cast<std::size_t>(i) % 2].pid, SIGKILL);
        if (pool.map([](int j) { return 2 * j; }, std::views::iota(0, 10), 1)[9] == 18) ++right;
    }
    std::printf("%-44s %d of %d\n", "idle workers killed, and the next map right", right, repeats);
}

std::size_t open_descriptors() {
    const std::filesystem::directory_iterator all("/proc/self/fd");
    return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}
long resident_kib() {
    std::ifstream in("/proc/self/statm");
    long size = 0, resident = 0;
    in >> size >> resident;
    return resident * (sysconf(_SC_PAGESIZE) / 1024);
}

void many_pools(int repeats) {
    const auto use = [] {
        mp::Pool pool(2);
        (void)pool.map([](int i) { return std::to_string(i); }, std::views::iota(0, 10));
    };
    for (int i = 0; i < 100; ++i) use();
    const long memory = resident_kib();
    const std::size_t descriptors = open_descriptors();
    for (int i = 0; i < repeats; ++i) use();
    std::printf("%-44s %+ld KiB, %+ld descriptors\n",
                (std::to_string(repeats) + " pools made and dropped").c_str(),
                resident_kib() - memory, long(open_descriptors()) - long(descriptors));
}

} // namespace

int main(int argc, char** argv) {
    const int repeats = argc > 1 ? std::atoi(argv[1]) : 1000;
    until_the_error(repeats);
    until_the_rerun(repeats);
    idle_kills(repeats);
    many_pools(10 * repeats);
}
