// Several threads count together, and lose some of their updates.
//
//     ./race 1000000 2     1,000,000 updates by each of 2 threads
//
// Question: how is the count right without being slower than one thread?
// Change only count() and the variables it uses.

#include "count.hpp"

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <thread>
#include <vector>

std::atomic<long> total = 0;

// CHANGE HERE: between reading and writing, another thread adds one, too.
void count(long updates) {
    for (long i = 0; i < updates; ++i) total = plus_one(total);
}

int main(int argc, char** argv) {
    const long updates = argc > 1 ? std::atol(argv[1]) : 1'000'000;
    const int number = argc > 2 ? std::atoi(argv[2]) : 2;
    std::vector<std::thread> threads;
    for (int i = 0; i < number; ++i) threads.emplace_back(count, updates);
    for (std::thread& thread : threads) thread.join();
    std::printf("counted %ld\n", total.load());
}
