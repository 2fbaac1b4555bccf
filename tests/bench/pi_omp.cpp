#include "bench/pi_peers.hpp"

#include <algorithm>

double bench::pi_openmp(std::uint64_t steps, int threads) {
    const auto n = std::int64_t(steps);
    const double h = 1.0 / double(n);
    double sum = 0;
#pragma omp parallel for simd reduction(+ : sum) num_threads(threads)
    for (std::int64_t i = 0; i < n; ++i) {
        const double x = (double(i) + 0.5) * h;
        sum += 4.0 / (1.0 + x * x);
    }
    return sum * h;
}

double bench::pi_openmp_blocks(std::uint64_t steps, int threads) {
    constexpr std::int64_t block = 1 << 20;
    const auto n = std::int64_t(steps);
    const double h = 1.0 / double(n);
    double sum = 0;
#pragma omp parallel for reduction(+ : sum) num_threads(threads)
    for (std::int64_t first = 0; first < n; first += block) {
        const double first_x = (double(first) + 0.5) * h;
        const int count = int(std::min(block, n - first));
        double part = 0;
#pragma omp simd reduction(+ : part)
        for (int j = 0; j < count; ++j) {
            const double x = first_x + h * j;
            part += 4.0 / (1.0 + x * x);
        }
        sum += part;
    }
    return sum * h;
}
