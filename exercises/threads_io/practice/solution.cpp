// Fetches pages from a slow server, all at the same time.

#include "fetch.hpp"

#include <cstdio>
#include <cstdlib>
#include <thread>
#include <vector>

int main(int argc, char** argv) {
    const int count = argc > 1 ? std::atoi(argv[1]) : 8;
    const int milliseconds = argc > 2 ? std::atoi(argv[2]) : 100;
    std::vector<int> bytes(count);

    std::vector<std::thread> threads;
    for (int page = 0; page < count; ++page)
        threads.emplace_back(
            [&, page] { bytes[page] = fetch(page, milliseconds); });
    for (std::thread& thread : threads) thread.join();

    for (int page = 0; page < count; ++page)
        std::printf("page %d: %d bytes\n", page, bytes[page]);
}
