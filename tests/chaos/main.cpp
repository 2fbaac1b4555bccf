// Kills workers at random moments while they work, and checks every result: chaos [SECONDS [SEED]]

#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <limits>
#include <mp/mp.hpp>
#include <numeric>
#include <random>
#include <string_view>
#include <utility>
#include <vector>

#include "chaos/killer.hpp"
#include "chaos/workload.hpp"

namespace {

constexpr unsigned patience_s = 60; // without a finished item, and for the end of a pool
// For all of a pool's work. It takes a second, but far longer where each chunk takes a new worker
// and a busy machine starts fifty of them in a second.
constexpr auto longest_life = std::chrono::minutes(5);

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

// Workers that are killed faster than they start break the pool in the end, as they should. How
// often that happens depends on the machine. With fewer kills than this it never does.
constexpr std::uint64_t kills_of_a_storm = 20;

bool is_a_storm(const mp::BrokenPool& error) {
    return std::string_view(error.what()).find("before they are ready") != std::string_view::npos;
}

std::uint64_t sum(const chaos::Killer::Count& kills) {
    return std::accumulate(kills.begin(), kills.end(), std::uint64_t{0});
}

struct Counts {
    std::uint64_t pools = 0, rounds = 0, restarts = 0, storms = 0;
};

constexpr unsigned any_number = std::numeric_limits<unsigned>::max();
unsigned few_kills(std::mt19937_64& random) { return 1 + static_cast<unsigned>(random() % 20); }

// The life of one pool, whose workers are killed throughout.
void one_pool(chaos::Stepper& stepper, std::mt19937_64& random, chaos::Killer::Count& kills,
              chaos::Tally& tally, Counts& counts) {
    using Clock = std::chrono::steady_clock;
    const mp::PoolOptions options = some_options(random);
    mp::Pool pool(options);
    ++counts.pools;
    const auto workers = [&pool, born = Clock::now(), done = std::uint64_t{0}]() mutable {
        std::vector<pid_t> pids;
        std::uint64_t items = 0;
        for (const auto& worker : pool.stats()) {
            pids.push_back(worker.pid);
            items += worker.items;
        }
        if (std::exchange(done, items) != items && Clock::now() - born < longest_life)
            alarm(patience_s);
        return pids;
    };
    {
        const double interval_us = 100 + double(random() % 2000);
        chaos::Killer killer(stepper, random(), interval_us, workers, kills);
        const auto until = Clock::now() + std::chrono::milliseconds(random() % 1000);
        do {
            alarm(patience_s);
            killer.work_begins(random() % 2 == 0 ? few_kills(random) : any_number);
            chaos::work(pool, random, options.retries != 0, tally);
            ++counts.rounds;
        } while (Clock::now() < until);
    }
    for (const auto& worker : pool.stats()) counts.restarts += worker.restarts;
    if (random() % 2 == 0) {
        pool.close();
        pool.join();
    }
    alarm(patience_s); // this also limits its end
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
    Counts counts;
    std::mt19937_64 random(seed);
    const auto end = Clock::now() + std::chrono::duration<double>(seconds);
    try {
        while (Clock::now() < end) {
            const std::uint64_t before = sum(kills);
            try {
                one_pool(stepper, random, kills, tally, counts);
            } catch (const mp::BrokenPool& error) {
                if (!is_a_storm(error) || sum(kills) - before < kills_of_a_storm) throw;
                ++counts.storms;
            }
        }
    } catch (const std::exception& error) {
        std::printf("chaos: %s\n", error.what());
        return 1;
    }
    for (std::size_t way = 0; way < kills.size(); ++way)
        std::printf("  %-29s%7llu\n", chaos::name_of(static_cast<chaos::Way>(way)).c_str(),
                    static_cast<unsigned long long>(kills[way]));
    const auto line = [](const char* what, std::uint64_t number) {
        std::printf("%-31s%7llu\n", what, static_cast<unsigned long long>(number));
    };
    line("pools", counts.pools);
    line("pieces of work", counts.rounds);
    line("kills survived", sum(kills));
    line("workers replaced", counts.restarts);
    line("results checked", tally.results);
    line("died, as they should", tally.died);
    line("pools given up, as they should", counts.storms);
    line("wrong", tally.wrong);
    line("lost", tally.lost);
    line("doubled", tally.doubled);
    line("hangs", 0);
    const bool good = tally.wrong + tally.lost + tally.doubled == 0;
    return good && sum(kills) != 0 ? 0 : 1;
}
