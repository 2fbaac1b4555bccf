#include "mpworkshop/kit/rounds_for.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>

namespace mpworkshop::kit {

long rounds_for(double seconds, const std::function<double(long rounds)>& work) {
    using Clock = std::chrono::steady_clock;
    constexpr long sample = 200'000;
    // Disturbances only ever make a measurement longer.
    double fastest = HUGE_VAL;
    volatile double sink = 0;
    for (int i = 0; i < 5; ++i) {
        const auto begin = Clock::now();
        sink = work(sample);
        fastest = std::min(fastest, std::chrono::duration<double>(Clock::now() - begin).count());
    }
    (void)sink;
    return std::max(1L, long(seconds / fastest * double(sample)));
}

} // namespace mpworkshop::kit
