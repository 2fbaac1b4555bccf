// pi_serial: pi as a sum, computed by one process.
//
// Pi is the area under 4 / (1 + x * x) from 0 to 1. Cut it into strips, take
// the height in the middle of each, and add up the areas. You will see pi, the
// error, and the wall-clock time. More steps: more accurate, and slower.
//
//     ./pi_serial 1e8     a hundred times as many steps as in Python

#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <numbers>

double pi_serial(long steps) {
    double total = 0;
    for (long i = 0; i < steps; ++i) {
        const double x = (double(i) + 0.5) / double(steps); // middle of strip
        total += 4 / (1 + x * x);
    }
    return total / double(steps);
}

#ifndef MPWORKSHOP_LESSON // mpworkshop brings its own main
int main(int argc, char** argv) {
    const long steps = argc > 1 ? long(std::atof(argv[1])) : 100'000'000;
    if (steps < 1) {
        std::fputs("pi_serial: STEPS must be at least 1\n", stderr);
        return 2;
    }

    const auto begin = std::chrono::steady_clock::now();
    const double pi = pi_serial(steps);
    const std::chrono::duration<double> seconds =
        std::chrono::steady_clock::now() - begin;
    std::printf("pi    %.15f\n", pi);
    std::printf("error %.1e\n", std::abs(pi - std::numbers::pi));
    std::printf("time  %.3f s\n", seconds.count());
}
#endif
