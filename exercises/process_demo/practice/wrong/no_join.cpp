// check says: Nothing waits for the processes

#include "answers.hpp"

#include <mp/mp.hpp>

#include <cstdio>
#include <cstdlib>
#include <functional>

int main(int argc, char** argv) {
    const long numbers = argc > 1 ? std::atol(argv[1]) : 30'000'000;

    mp::SharedValue<double> first, second, third;
    mp::Process one([&] { *first = mean(numbers); });
    mp::Process two([&] { *second = longest_gap(numbers); });
    mp::Process three([&] { *third = above_half(numbers); });
    for (mp::Process* each : {&one, &two, &three}) each->start();

    std::printf("mean        %.9f\n", *first);
    std::printf("longest gap %.9f\n", *second);
    std::printf("above half  %.9f\n", *third);
}
