// pi_parallel: the sum of pi_serial, shared out to a pool of workers.
//
// Worker `rank` adds every strip from `rank` on in steps of `workers`. The
// inputs are tuples (rank, workers, steps). You will see one partial sum from
// each worker; their sum is pi.
//
//     ./pi_parallel 1e8 4     a hundred million steps, 4 workers

#include <mp/mp.hpp>

#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <numbers>
#include <numeric>
#include <tuple>
#include <vector>

double partial_pi(long rank, long workers, long steps) {
    double total = 0;
    for (long i = rank; i < steps; i += workers) {
        const double x = (double(i) + 0.5) / double(steps); // middle of strip
        total += 4 / (1 + x * x);
    }
    return total / double(steps);
}

std::vector<double> partial_sums(mp::Pool& pool, long workers, long steps) {
    std::vector<std::tuple<long, long, long>> shares;
    for (long rank = 0; rank < workers; ++rank)
        shares.push_back({rank, workers, steps});
    return pool.starmap(partial_pi, shares, 1);
}

#ifndef MPWORKSHOP_LESSON // mpworkshop brings its own main
int main(int argc, char** argv) {
    const long steps = argc > 1 ? long(std::atof(argv[1])) : 100'000'000;
    const int workers = argc > 2 ? std::atoi(argv[2]) : 4;
    if (steps < 1 || workers < 1) {
        std::fputs("pi_parallel: both numbers must be at least 1\n", stderr);
        return 2;
    }

    const auto begin = std::chrono::steady_clock::now();
    mp::Pool pool(workers);
    const auto partial = partial_sums(pool, workers, steps);
    const double pi = std::accumulate(partial.begin(), partial.end(), 0.0);
    const std::chrono::duration<double> seconds =
        std::chrono::steady_clock::now() - begin;
    for (int rank = 0; rank < workers; ++rank)
        std::printf("rank %d: partial sum %.15f\n", rank, partial[rank]);
    std::printf("pi    %.15f\n", pi);
    std::printf("error %.1e\n", std::abs(pi - std::numbers::pi));
    std::printf("time  %.3f s\n", seconds.count());
}
#endif
