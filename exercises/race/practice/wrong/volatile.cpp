// check says: Updates are lost

#include "count.hpp"

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <thread>
#include <vector>

volatile long total = 0;

void count(long updates) {
    for (long i = 0; i < updates; ++i) total = plus_one(total);
}

int main(int argc, char** argv) {
    const long updates = argc > 1 ? std::atol(argv[1]) : 1'000'000;
    const int number = argc > 2 ? std::atoi(argv[2]) : 2;
    std::vector<std::thread> threads;
    for (int i = 0; i < number; ++i) threads.emplace_back(count, updates);
    for (std::thread& thread : threads) thread.join();
    std::printf("counted %ld\n", long(total));
}
