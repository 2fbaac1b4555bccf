// price: what a call, a lock, a task, a thread, and a process cost.
//
// Each is repeated many times. You will see the median of several such runs,
// for one operation. It tells how large a chunk must be, and why you keep a
// pool.
//
//     ./price 5 2     5 runs of each, 2 workers in the pool

#include <mp/mp.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <mutex>
#include <ranges>
#include <thread>
#include <vector>

std::mutex free_mutex;

double calls(int number) {
    double x = 1;
    for (int i = 0; i < number; ++i) x = std::cos(x);
    return x;
}

void locks(int number) {
    for (int i = 0; i < number; ++i) const std::lock_guard lock(free_mutex);
}

void threads(int number) {
    for (int i = 0; i < number; ++i) {
        std::thread thread([] {});
        thread.join();
    }
}

void processes(int number) {
    for (int i = 0; i < number; ++i) {
        mp::Process process([] {});
        process.start();
        process.join();
    }
}

void pool_items(mp::Pool& pool, int number) {
    pool.map([](int i) { return i; }, std::views::iota(0, number));
}

void pool_tasks(mp::Pool& pool, int number) {
    for (int i = 0; i < number; ++i) pool.apply([] {});
}

#ifndef MPWORKSHOP_LESSON // mpworkshop brings its own main
// Prints the median time of one operation; operate does `number` of them.
void price(const char* name, int repeats,
           const std::function<void(int)>& operate, int number) {
    std::vector<double> times;
    for (int i = 0; i < repeats; ++i) {
        const auto begin = std::chrono::steady_clock::now();
        operate(number);
        const std::chrono::duration<double, std::micro> time =
            std::chrono::steady_clock::now() - begin;
        times.push_back(time.count() / number);
    }
    std::ranges::sort(times);
    std::printf("%s: %.3f us\n", name, times[times.size() / 2]);
}

int main(int argc, char** argv) {
    const int repeats = argc > 1 ? std::atoi(argv[1]) : 5;
    const int workers = argc > 2 ? std::atoi(argv[2]) : 2;
    if (repeats < 1 || workers < 1) {
        std::fputs("price: REPEATS and WORKERS must be at least 1\n", stderr);
        return 2;
    }

    std::printf("x = cos(x), a hundred times: %.12f\n", calls(100));
    mp::Pool pool(workers);
    price("a function call", repeats, calls, 100'000);
    price("a lock that is free", repeats, locks, 100'000);
    price(
        "an item of a map", repeats,
        [&](int number) { pool_items(pool, number); }, 100'000);
    price(
        "a task in a pool", repeats,
        [&](int number) { pool_tasks(pool, number); }, 100);
    price("a thread", repeats, threads, 100);
    price("a process", repeats, processes, 2);
}
#endif
