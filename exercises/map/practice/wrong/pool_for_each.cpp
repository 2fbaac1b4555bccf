// check says: The pool is made inside the loop

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

    std::vector<long> ends;
    for (int number : numbers) {
        mp::Pool pool(workers);
        ends.push_back(pool.map(simulate, std::vector{number})[0]);
    }

    for (int i = 0; i < count; ++i)
        std::printf("particle %d ends at %ld\n", numbers[i], ends[i]);
}
