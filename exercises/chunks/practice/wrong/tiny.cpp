// check says: The chunks are still tiny

#include "count_up.hpp"

#include <mp/mp.hpp>

#include <cstdio>
#include <cstdlib>
#include <numeric>
#include <vector>

int main(int argc, char** argv) {
    const int count = argc > 1 ? std::atoi(argv[1]) : 2'000'000;
    const int workers = argc > 2 ? std::atoi(argv[2]) : 2;
    std::vector<int> sizes(count, 50);
    sizes.push_back(10 * count);
    mp::Pool pool(workers);

    const std::size_t chunksize = 1;
    const std::vector<long> counts = pool.map(count_up, sizes, chunksize);

    std::printf("%ld\n", std::accumulate(counts.begin(), counts.end(), 0L));
}
