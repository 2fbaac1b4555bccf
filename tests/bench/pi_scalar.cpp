#include "bench/pi_peers.hpp"

double bench::pi_scalar(std::uint64_t steps) {
    const double h = 1.0 / double(steps);
    double sum = 0;
    for (std::uint64_t i = 0; i < steps; ++i) {
        const double x = (double(i) + 0.5) * h;
        sum += 4.0 / (1.0 + x * x);
    }
    return sum * h;
}
