// The costs of a pool over MPI, as one line of JSON: mpirun -n 3 bench_ranks. tests/bench/ranks.py
// compares it with its peer.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <mp/mp.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "mpworkshop/kit/pi.hpp"

namespace {

double seconds(const std::function<void()>& work) {
    const auto begin = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

int identity(int i) { return i; }

// A warm round trip of a call.
double round_trip_us(mp::Pool& pool, int calls) {
    for (int i = 0; i < 100; ++i) (void)pool.apply(identity, i);
    return 1e6 * seconds([&] {
               for (int i = 0; i < calls; ++i) (void)pool.apply(identity, i);
           }) /
           calls;
}

double items_per_second(mp::Pool& pool, int items, std::size_t chunksize) {
    const std::vector<int> all(static_cast<std::size_t>(items), 1);
    (void)pool.map(identity, all, chunksize);
    return items / seconds([&] { (void)pool.map(identity, all, chunksize); });
}

double calls_per_second(mp::Pool& pool, int calls) {
    return calls / seconds([&] {
               std::vector<mp::AsyncResult<int>> results;
               for (int i = 0; i < calls; ++i) results.push_back(pool.apply_async(identity, i));
               for (auto& each : results) (void)each.get();
           });
}

double cpu_seconds() {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return double(now.tv_sec) + double(now.tv_nsec) / 1e9;
}

// The time that rank 0 spends on a chunk while the workers keep requesting more.
void print_chunks(mp::Pool& pool) {
    constexpr int chunks = 200'000;
    const std::vector<int> all(chunks, 1);
    (void)pool.map(identity, all, 1);
    const double before = cpu_seconds();
    const double wall = seconds([&] { (void)pool.map(identity, all, 1); });
    std::printf("{\"cpu_us_per_chunk\": %.3f, \"wall_us_per_chunk\": %.3f}\n",
                1e6 * (cpu_seconds() - before) / chunks, 1e6 * wall / chunks);
}

double pi_seconds(mp::Pool& pool, std::uint64_t steps) {
    const unsigned workers = pool.processes();
    const auto sum = [&] {
        const auto parts = pool.map(
            [workers, steps](unsigned rank) {
                return mpworkshop::kit::partial_pi(rank, workers, steps);
            },
            std::views::iota(0U, workers));
        if (std::abs(mpworkshop::kit::pi_from(parts) - 3.141592653589793) > 1e-13) std::abort();
    };
    return seconds(sum);
}

} // namespace

int main(int argc, char** argv) {
    const bool only_chunks = argc > 1 && std::string_view(argv[1]) == "--chunks";
    const std::uint64_t steps = argc > 1 && !only_chunks ? std::uint64_t(std::atof(argv[1])) : 0;
    // Here, before MPI is initialized.
    const auto over_processes = [steps] {
        mp::Pool pool(2);
        (void)pi_seconds(pool, 1'000'000);
        return pi_seconds(pool, steps);
    };
    mp::Ranks ranks;
    if (ranks.rank() != 0) return ranks.serve();
    mp::Pool pool({.backend = "mpi"});
    if (only_chunks) {
        print_chunks(pool);
        return 0;
    }
    std::printf("{\"round_trip_us\": %.3f, \"items_per_s_one_by_one\": %.0f, "
                "\"items_per_s_automatic\": %.0f, \"calls_per_s\": %.0f",
                round_trip_us(pool, 5000), items_per_second(pool, 50'000, 1),
                items_per_second(pool, 2'000'000, 0), calls_per_second(pool, 50'000));
    if (steps != 0) {
        (void)pi_seconds(pool, 1'000'000);
        const double there = pi_seconds(pool, steps);
        std::printf(", \"pi_s\": %.4f, \"pi_s_processes\": %.4f", there, over_processes());
    }
    std::printf("}\n");
}
