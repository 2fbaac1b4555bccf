// Fetches pages from a slow server, one after the other.
//
//     ./threads-io 8 100     8 pages, each takes 100 ms to come
//
// Question: how long does it take if each page has a thread of its own?
// Change only the marked loop. A thread is a std::thread or std::jthread.

#include "fetch.hpp"

#include <cstdio>
#include <cstdlib>
#include <thread>
#include <vector>

int main(int argc, char** argv) {
    const int count = argc > 1 ? std::atoi(argv[1]) : 8;
    const int milliseconds = argc > 2 ? std::atoi(argv[2]) : 100;
    std::vector<int> bytes(count);

    // CHANGE HERE: start a thread for each page; when all run, join them all.
    for (int page = 0; page < count; ++page)
        bytes[page] = fetch(page, milliseconds);

    for (int page = 0; page < count; ++page)
        std::printf("page %d: %d bytes\n", page, bytes[page]);
}
