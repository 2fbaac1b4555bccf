// Kills workers at random moments while they work, and looks at every result: chaos [SECONDS
// [SEED]]

#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <mp/mp.hpp>
#include <random>
#include <vector>

#include "chaos/killer.hpp"
#include "chaos/work.hpp"

namespace {

constexpr unsigned patience_s = 60; // for one piece of work, which takes milliseconds

[[noreturn]] void hang(int) {
    constexpr char text[] = "chaos: a hang; run it again with the same seed\n";
    (void)!write(STDERR_FILENO, text, sizeof text - 1);
    _exit(3);
}

mp::PoolOptions some_options(std::mt19937_64& random) {
    mp::PoolOptions options;
    options.processes = 1 + static_cast<unsigned>(random() % 4);
    options.retries = random() % 4 == 0 ? 0 : 1'000'000;
    constexpr unsigned chunks[] = {0, 0, 1, 5, 50};
    options.maxtasksperchild = chunks[random() % std::size(chunks)];
    if (random() % 4 == 0) options.task_timeout = std::chrono::seconds(30);
    if (random() % 4 == 0)
        options.initializer = [] {
            for (volatile int i = 0; i < 100'000;) {
                const int next = i + 1;
                i = next;
            }
        };
    return options;
}

} // namespace

int main(int argc, char** argv) {
    using Clock = std::chrono::steady_clock;
    const double seconds = argc > 1 ? std::atof(argv[1]) : 10;
    const std::uint64_t seed =
        argc > 2 ? std::strtoull(argv[2], nullptr, 10) : std::random_device{}();
    std::printf("chaos: %g s, seed %llu\n", seconds, static_cast<unsigned long long>(seed));
    std::fflush(stdout);
    std::signal(SIGALRM, hang);
    chaos::Stepper stepper;
    chaos::Killer::Count kills{};
    chaos::Tally tally;
    std::uint64_t pools = 0, pieces = 0, restarts = 0;
    std::mt19937_64 random(seed);
    const auto end = Clock::now() + std::chrono::duration<double>(seconds);
    try {
        while (Clock::now() < end) {
            const mp::PoolOptions options = some_options(random);
            mp::Pool pool(options);
            ++pools;
            {
                const chaos::Killer killer(
                    stepper, random(), 100 + double(random() % 2000),
                    [&] {
                        std::vector<pid_t> pids;
                        for (const auto& worker : pool.stats()) pids.push_back(worker.pid);
                        return pids;
                    },
                    kills);
                const auto until = Clock::now() + std::chrono::milliseconds(random() % 1000);
                do {
                    alarm(patience_s);
                    chaos::work(pool, random, options.retries != 0, tally);
                    ++pieces;
                } while (Clock::now() < until);
            }
            for (const auto& worker : pool.stats()) restarts += worker.restarts;
            if (random() % 2 == 0) {
                pool.close();
                pool.join();
            }
            alarm(patience_s); // also for its end
        }
    } catch (const std::exception& error) {
        std::printf("chaos: %s\n", error.what());
        return 1;
    }
    std::uint64_t all = 0;
    for (std::size_t way = 0; way < kills.size(); ++way) {
        std::printf("  %-27s%9llu\n", chaos::name_of(static_cast<chaos::Way>(way)).c_str(),
                    static_cast<unsigned long long>(kills[way]));
        all += kills[way];
    }
    const auto line = [](const char* what, std::uint64_t number) {
        std::printf("%-29s%9llu\n", what, static_cast<unsigned long long>(number));
    };
    line("pools", pools);
    line("pieces of work", pieces);
    line("kills survived", all);
    line("workers replaced", restarts);
    line("results checked", tally.results);
    line("died, as they should", tally.died);
    line("wrong", tally.wrong);
    line("lost", tally.lost);
    line("doubled", tally.doubled);
    line("hangs", 0);
    return tally.wrong + tally.lost + tally.doubled == 0 && all != 0 ? 0 : 1;
}
