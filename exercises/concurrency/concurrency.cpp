// concurrency: tasks that overlap, and tasks that run at the same moment.
//
// Some tasks run one by one, then all at once. All at once, their steps
// interleave: the tasks are concurrent. The clock tells whether they also run
// in parallel: on two CPUs they take half the wall-clock time. The CPU time
// stays the same.
//
//     ./concurrency 2 1e8                 2 tasks of 4 steps
//     taskset -c 0 ./concurrency 2 1e8    the same, on one CPU

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <thread>
#include <vector>

using Task = std::function<void(int)>;

double step(long rounds) {
    double total = 0;
    for (long i = 0; i < rounds; ++i) {
        const double x = (double(i) + 0.5) / double(rounds);
        total += 4 / (1 + x * x);
    }
    return total / double(rounds);
}

void four_steps(int number, long rounds) {
    for (int i = 1; i <= 4; ++i)
        std::printf("  task %d, step %d: %.12f\n", number, i, step(rounds));
}

// Threads are enough in C++: no lock keeps them from computing in parallel.
void one_by_one(int tasks, const Task& task) {
    for (int number = 1; number <= tasks; ++number) task(number);
}

void all_at_once(int tasks, const Task& task) {
    std::vector<std::jthread> threads;
    for (int number = 1; number <= tasks; ++number)
        threads.emplace_back(task, number);
    for (std::jthread& thread : threads) thread.join();
}

#ifndef MPWORKSHOP_LESSON // mpworkshop brings its own main
void run(const char* name, decltype(all_at_once) way, int tasks, long rounds) {
    std::printf("%s:\n", name);
    const std::clock_t cpu_begin = std::clock();
    const auto begin = std::chrono::steady_clock::now();
    way(tasks, [=](int number) { four_steps(number, rounds); });
    const std::chrono::duration<double> wall =
        std::chrono::steady_clock::now() - begin;
    const double cpu = double(std::clock() - cpu_begin) / CLOCKS_PER_SEC;
    std::printf("%s took %.2f s wall-clock time, %.2f s CPU time\n", name,
                wall.count(), cpu);
}

int main(int argc, char** argv) {
    const int tasks = argc > 1 ? std::atoi(argv[1]) : 2;
    const long rounds = argc > 2 ? long(std::atof(argv[2])) : 100'000'000;
    if (tasks < 1 || rounds < 1) {
        std::fputs("concurrency: both numbers must be at least 1\n", stderr);
        return 2;
    }

    run("one by one", one_by_one, tasks, rounds);
    run("all at once", all_at_once, tasks, rounds);
}
#endif
