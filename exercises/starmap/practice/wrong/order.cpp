// check says: The pairs are in another order

#include "meet.hpp"

#include <mp/mp.hpp>

#include <cstdio>
#include <cstdlib>
#include <utility>
#include <vector>

int main(int argc, char** argv) {
    const int count = argc > 1 ? std::atoi(argv[1]) : 10;
    const int workers = argc > 2 ? std::atoi(argv[2]) : 2;

    std::vector<std::pair<int, int>> pairs;
    for (int b = 0; b < count; ++b)
        for (int a = 0; a < count; ++a) pairs.push_back({a, b});
    mp::Pool pool(workers);
    const std::vector<int> meetings = pool.starmap(meet, pairs);

    for (int i = 0; i < count * count; ++i)
        std::printf("%d and %d: %d\n", i / count, i % count, meetings[i]);
}
