// Where do these particles end? This program computes one after the other.
//
//     ./map 100 2     100 particles, 2 workers
//
// Question: can the workers of a pool compute them at the same time?
// Change only the marked loop, and include <mp/mp.hpp>.

#include "simulate.hpp"

#include <cstdio>
#include <cstdlib>
#include <numeric>
#include <vector>

int main(int argc, char** argv) {
    const int count = argc > 1 ? std::atoi(argv[1]) : 100;
    const int workers = argc > 2 ? std::atoi(argv[2]) : 2;
    std::vector<int> numbers(count);
    std::iota(numbers.begin(), numbers.end(), 1); // 1, 2, 3, ...

    // CHANGE HERE: let a pool of `workers` processes map simulate() over them.
    std::vector<long> ends;
    for (int number : numbers) ends.push_back(simulate(number));

    for (int i = 0; i < count; ++i)
        std::printf("particle %d ends at %ld\n", numbers[i], ends[i]);
}
