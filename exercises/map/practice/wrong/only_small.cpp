// check says: For the timed run

#include "simulate.hpp"

#include <mp/mp.hpp>

#include <cstdio>
#include <cstdlib>
#include <numeric>
#include <vector>

int main(int argc, char** argv) {
    const int count = argc > 1 ? std::atoi(argv[1]) : 100;
    const int workers = argc > 2 ? std::atoi(argv[2]) : 2;
    std::vector<int> numbers(count);
    std::iota(numbers.begin(), numbers.end(), 1); // 1, 2, 3, ...

    mp::Pool pool(workers);
    const std::vector<long> ends = pool.map(simulate, numbers);

    for (int i = 0; i < count && i < 8; ++i)
        std::printf("particle %d ends at %ld\n", numbers[i], ends[i]);
}
