// race: threads add to one count at once, and the count comes out too low.
//
// Adding one takes three steps: read, add, write. If two threads interleave
// these steps, an update is lost. You will see the count without a lock, then
// with a lock, then with one count for each thread.
//
//     ./race 10000000 2     10,000,000 updates by each of 2 threads

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <mutex>
#include <numeric>
#include <thread>
#include <vector>

// Each read and each write of an atomic number is whole. C++ promises nothing
// at all about a plain number that two threads change at once.
using Count = std::atomic<long>;

std::mutex count_mutex;

void careless(Count& count, long updates) {
    for (long i = 0; i < updates; ++i) {
        const long seen = count; // read
        count = seen + 1;        // add, write
    }
}

void with_lock(Count& count, long updates) {
    for (long i = 0; i < updates; ++i) {
        const std::lock_guard lock(count_mutex); // one thread at a time
        count = count + 1;
    }
}

#ifndef MPWORKSHOP_LESSON // mpworkshop brings its own main
void run(const char* name, decltype(careless) function,
         const std::vector<int>& indices, long updates) {
    std::vector<Count> counts(indices.size());
    std::vector<std::thread> threads;
    for (int index : indices)
        threads.emplace_back(function, std::ref(counts[index]), updates);
    for (std::thread& thread : threads) thread.join();
    long sum = 0;
    for (const Count& count : counts) sum += count;
    const long expected = long(threads.size()) * updates;
    std::printf("%s: counted %ld of %ld\n", name, sum, expected);
}

int main(int argc, char** argv) {
    const long updates = argc > 1 ? std::atol(argv[1]) : 10'000'000;
    const int threads = argc > 2 ? std::atoi(argv[2]) : 2;
    if (updates < 1 || threads < 1) {
        std::fputs("race: UPDATES and THREADS must be at least 1\n", stderr);
        return 2;
    }

    const std::vector<int> shared(threads); // all use the count with index 0
    std::vector<int> own(threads);
    std::iota(own.begin(), own.end(), 0);
    run("without a lock", careless, shared, updates);
    run("with a lock", with_lock, shared, updates);
    run("one count for each thread", careless, own, updates);
}
#endif
