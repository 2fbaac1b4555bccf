// check says: A process has its own copy of every variable

#include "answers.hpp"

#include <mp/mp.hpp>

#include <cstdio>
#include <cstdlib>
#include <functional>

int main(int argc, char** argv) {
    const long numbers = argc > 1 ? std::atol(argv[1]) : 30'000'000;

    double first = 0, second = 0, third = 0;
    mp::Process one([&] { first = mean(numbers); });
    mp::Process two([&] { second = longest_gap(numbers); });
    mp::Process three([&] { third = above_half(numbers); });
    for (mp::Process* each : {&one, &two, &three}) each->start();
    for (mp::Process* each : {&one, &two, &three}) each->join();

    std::printf("mean        %.9f\n", first);
    std::printf("longest gap %.9f\n", second);
    std::printf("above half  %.9f\n", third);
}
