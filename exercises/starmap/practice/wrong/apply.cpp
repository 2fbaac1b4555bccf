// check says: waits for its result before it hands out the next pair

#include "meet.hpp"

#include <mp/mp.hpp>

#include <cstdio>
#include <cstdlib>
#include <utility>
#include <vector>

int main(int argc, char** argv) {
    const int count = argc > 1 ? std::atoi(argv[1]) : 10;
    const int workers = argc > 2 ? std::atoi(argv[2]) : 2;

    mp::Pool pool(workers);
    std::vector<int> meetings;
    for (int a = 0; a < count; ++a)
        for (int b = 0; b < count; ++b)
            meetings.push_back(pool.apply(meet, a, b));

    for (int i = 0; i < count * count; ++i)
        std::printf("%d and %d: %d\n", i / count, i % count, meetings[i]);
}
