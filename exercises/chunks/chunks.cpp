// chunks: how many inputs a worker takes at once, and what that does.
//
// A pool hands out inputs in chunks. Small chunks balance the load, but each
// one costs a little to hand out. Large chunks leave workers idle: here one
// task takes 20 times as long as any other. You will see the time for each
// chunk size.
//
//     ./chunks 32 4 3e6     32 tasks of 3,000,000 rounds, 4 workers

#include <mp/mp.hpp>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <numeric>
#include <vector>

double one_task(long rounds) {
    double total = 0;
    for (long i = 0; i < rounds; ++i) {
        const double x = (double(i) + 0.5) / double(rounds);
        total += 4 / (1 + x * x);
    }
    return total / double(rounds);
}

// The rounds of each task; one task has 20 times as many.
std::vector<long> make_work(int tasks, long rounds) {
    std::vector<long> work(tasks, rounds);
    work[tasks / 4] = 20 * rounds;
    return work;
}

std::vector<double> in_chunks(mp::Pool& pool, const std::vector<long>& work,
                              int chunksize) {
    return pool.map(one_task, work, chunksize);
}

#ifndef MPWORKSHOP_LESSON // mpworkshop brings its own main
int main(int argc, char** argv) {
    const int tasks = argc > 1 ? std::atoi(argv[1]) : 32;
    const int workers = argc > 2 ? std::atoi(argv[2]) : 4;
    const long rounds = argc > 3 ? long(std::atof(argv[3])) : 3'000'000;
    if (tasks < 1 || workers < 1 || rounds < 1) {
        std::fputs("chunks: all numbers must be at least 1\n", stderr);
        return 2;
    }

    mp::Pool pool(workers);
    const std::vector<long> work = make_work(tasks, rounds);
    for (int chunksize = 1; chunksize <= tasks; chunksize *= 2) {
        const auto begin = std::chrono::steady_clock::now();
        const auto results = in_chunks(pool, work, chunksize);
        const std::chrono::duration<double> seconds =
            std::chrono::steady_clock::now() - begin;
        const double sum =
            std::accumulate(results.begin(), results.end(), 0.0);
        std::printf("mean %.12f, chunksize %d: %.4f s\n", sum / tasks,
                    chunksize, seconds.count());
    }
}
#endif
