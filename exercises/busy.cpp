#include "exercises/busy.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>

namespace exercises {

double compute(std::uint64_t rounds) {
    // Each round needs the one before, so that the compiler can neither skip
    // nor regroup them; the number stays between 0 and 1 for ever.
    double x = 0.5;
    for (std::uint64_t i = 0; i < rounds; ++i) x = 3.9 * x * (1 - x);
    return x;
}

std::uint64_t rounds_for(double seconds) {
    using Clock = std::chrono::steady_clock;
    constexpr std::uint64_t sample = 200'000;
    // What disturbs a measurement only ever makes it longer.
    double fastest = HUGE_VAL;
    volatile double sink = 0;
    for (int i = 0; i < 5; ++i) {
        const auto begin = Clock::now();
        sink = compute(sample);
        fastest = std::min(
            fastest,
            std::chrono::duration<double>(Clock::now() - begin).count());
    }
    (void)sink;
    return std::max<std::uint64_t>(
        1, std::uint64_t(seconds / fastest * double(sample)));
}

} // namespace exercises
