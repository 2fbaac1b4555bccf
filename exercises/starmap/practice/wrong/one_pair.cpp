// check says: with one pair at a time

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
    for (int a = 0; a < count; ++a)
        for (int b = 0; b < count; ++b) pairs.push_back({a, b});
    mp::Pool pool(workers);
    std::vector<int> meetings;
    for (const std::pair<int, int>& pair : pairs) {
        meetings.push_back(pool.starmap(meet, std::vector{pair})[0]);
    }

    for (int i = 0; i < count * count; ++i)
        std::printf("%d and %d: %d\n", i / count, i % count, meetings[i]);
}
