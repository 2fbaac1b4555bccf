// A loop of your own: an empty frame.
//
//     ./your-own serial     the loop, one input after the other
//     ./your-own parallel   the same by the workers of a pool

#include <cstdio>
#include <mp/mp.hpp>
#include <string>
#include <vector>

// CHANGE HERE 1: what your loop computes for one input; some milliseconds.
double compute(double input) { return input * input; }

// CHANGE HERE 2: the inputs; enough for half a second in the serial loop.
std::vector<double> inputs() { return {1, 2, 3, 4, 5, 6, 7}; }

std::vector<double> serial() {
    std::vector<double> results;
    for (double input : inputs()) results.push_back(compute(input));
    return results;
}

// CHANGE HERE 3: the same results by the workers of a pool.
std::vector<double> parallel() { return serial(); }

int main(int argc, char** argv) {
    const bool pool = argc > 1 && argv[1] == std::string("parallel");
    for (double result : pool ? parallel() : serial())
        std::printf("%.12g\n", result);
}
