// check says: The lock is taken for every addition

#include "count.hpp"

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <thread>
#include <vector>

std::atomic<long> total = 0;
std::mutex total_mutex;

void count(long updates) {
    for (long i = 0; i < updates; ++i) {
        const std::lock_guard lock(total_mutex);
        total = plus_one(total);
    }
}

int main(int argc, char** argv) {
    const long updates = argc > 1 ? std::atol(argv[1]) : 1'000'000;
    const int number = argc > 2 ? std::atoi(argv[2]) : 2;
    std::vector<std::thread> threads;
    for (int i = 0; i < number; ++i) threads.emplace_back(count, updates);
    for (std::thread& thread : threads) thread.join();
    std::printf("counted %ld\n", total.load());
}
