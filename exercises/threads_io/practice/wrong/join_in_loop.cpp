// check says: join() is inside the loop

#include "fetch.hpp"

#include <cstdio>
#include <cstdlib>
#include <thread>
#include <vector>

int main(int argc, char** argv) {
    const int count = argc > 1 ? std::atoi(argv[1]) : 8;
    const int milliseconds = argc > 2 ? std::atoi(argv[2]) : 100;
    std::vector<int> bytes(count);

    for (int page = 0; page < count; ++page) {
        std::thread thread(
            [&, page] { bytes[page] = fetch(page, milliseconds); });
        thread.join();
    }

    for (int page = 0; page < count; ++page)
        std::printf("page %d: %d bytes\n", page, bytes[page]);
}
