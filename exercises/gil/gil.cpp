// gil: one lock for the whole interpreter, and what it means for threads.
//
// Some tasks compute, then some tasks wait, for as long as one of them
// computed: one by one, in threads under one lock, in threads without it, and
// in processes. You will see that threads under the lock take turns to
// compute, but wait at the same time. C++ has no such lock: a mutex stands in.
//
//     ./gil 2 1e8     2 tasks of a hundred million rounds

#include <mp/mp.hpp>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

using Seconds = std::chrono::duration<double>;
using Work = std::function<void()>;
using Way = std::function<void(int tasks, const Work& task)>;

std::mutex interpreter;          // stands in for the global interpreter lock
std::atomic<double> last_result; // of the task that finished last

void compute(long rounds) {
    double total = 0;
    for (long i = 0; i < rounds; ++i) {
        const double x = (double(i) + 0.5) / double(rounds);
        total += 4 / (1 + x * x);
    }
    last_result = total / double(rounds);
}

void compute_with_lock(long rounds) {
    for (int turn = 0; turn < 100; ++turn) {
        const std::lock_guard held(interpreter);
        compute(rounds / 100);
    }
}

void one_by_one(int tasks, const Work& task) {
    for (int i = 0; i < tasks; ++i) task();
}

void in_threads(int tasks, const Work& task) {
    std::vector<std::jthread> threads;
    for (int i = 0; i < tasks; ++i) threads.emplace_back(task);
    for (std::jthread& thread : threads) thread.join();
}

std::vector<mp::Process> in_processes(int tasks, const Work& task) {
    std::vector<mp::Process> processes;
    for (int i = 0; i < tasks; ++i) processes.emplace_back([&] { task(); });
    for (mp::Process& process : processes) process.start();
    for (mp::Process& process : processes) process.join();
    return processes;
}

#ifndef MPWORKSHOP_LESSON // mpworkshop brings its own main
double seconds(const Way& way, int tasks, const Work& task) {
    const auto begin = std::chrono::steady_clock::now();
    way(tasks, task);
    return Seconds(std::chrono::steady_clock::now() - begin).count();
}

int main(int argc, char** argv) {
    const int tasks = argc > 1 ? std::atoi(argv[1]) : 2;
    const long rounds = argc > 2 ? long(std::atof(argv[2])) : 100'000'000;
    if (tasks < 1 || rounds < 1) {
        std::fputs("gil: TASKS and ROUNDS must be at least 1\n", stderr);
        return 2;
    }

    const Work computing = [=] { compute(rounds); };
    const Work computing_with_lock = [=] { compute_with_lock(rounds); };
    const double alone = seconds(one_by_one, 1, computing);
    std::printf("each task computes %.12f\n", last_result.load());
    const Work waiting = [=] { std::this_thread::sleep_for(Seconds(alone)); };
    const auto row = [=](const char* name, const Way& way, const Work& task) {
        const double computed = seconds(way, tasks, task);
        const double waited = seconds(way, tasks, waiting);
        std::printf("%s: compute %.2f s, wait %.2f s\n", name, computed,
                    waited);
    };
    row("one by one", one_by_one, computing);
    row("threads, one lock", in_threads, computing_with_lock);
    row("threads, no lock", in_threads, computing);
    row("processes", in_processes, computing);
}
#endif
