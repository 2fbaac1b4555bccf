// Asks three questions about the same random numbers, one after the other.
//
//     ./process-demo 30000000     30 million random numbers
//
// Question: how do three processes give their answers back to this one?
// Change only the marked lines, and include <mp/mp.hpp>.

#include "answers.hpp"

#include <cstdio>
#include <cstdlib>
#include <functional>

int main(int argc, char** argv) {
    const long numbers = argc > 1 ? std::atol(argv[1]) : 30'000'000;

    // CHANGE HERE: one process for each call, and an mp::SharedValue<double>
    // for each answer. Start all three, then join all three.
    const double first = mean(numbers);
    const double second = longest_gap(numbers);
    const double third = above_half(numbers);

    std::printf("mean        %.9f\n", first);
    std::printf("longest gap %.9f\n", second);
    std::printf("above half  %.9f\n", third);
}
