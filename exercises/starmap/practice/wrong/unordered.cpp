// check says: gives the results in the order in which they are ready

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
    for (int met : pool.imap_unordered(
             [](std::pair<int, int> pair) {
                 return meet(pair.first, pair.second);
             },
             pairs))
        meetings.insert(meetings.begin(), met);

    for (int i = 0; i < count * count; ++i)
        std::printf("%d and %d: %d\n", i / count, i % count, meetings[i]);
}
