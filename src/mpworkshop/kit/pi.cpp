#include "mpworkshop/kit/pi.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace mpworkshop::kit {
namespace {

// The formula at `count` points, dx apart. Each x is computed from j and not
// from the previous x, so errors do not accumulate, and the compiler may compute
// four or eight points at once ("simd"). j is an int because CPUs convert whole
// vectors of ints to doubles; few can do that for 64-bit integers.
[[gnu::always_inline]] inline double midpoints(double first_x, double dx, int count) {
    double sum = 0;
#pragma omp simd reduction(+ : sum)
    for (int j = 0; j < count; ++j) {
        const double x = first_x + dx * j;
        sum += 4.0 / (1.0 + x * x);
    }
    return sum;
}

// The sum within a block is a plain one: a longer block loses digits, a
// shorter one loses time.
constexpr std::uint64_t terms_at_once = 8192;
constexpr std::uint64_t segment = 512 * terms_at_once; // a few milliseconds

} // namespace

Sum sum_share(const Kernel& kernel, const Share& share, std::uint64_t steps,
              const PiOptions& options) {
    const double n = double(steps);
    const double dx = double(share.stride) / n;
    Sum sum;
    for (std::uint64_t begin = 0; begin < share.count; begin += segment) {
        if (options.stop && options.stop()) break;
        const std::uint64_t end = std::min(begin + segment, share.count);
        for (std::uint64_t k = begin; k < end; k += terms_at_once) {
            const std::uint64_t i = share.first + k * share.stride;
            // Past 2^52 a double cannot represent the half.
            const double x = (double(i) + 0.5) / n;
            sum.add(kernel.midpoints(x, dx, int(std::min(terms_at_once, end - k))));
        }
        if (options.done) options.done->fetch_add(end - begin, std::memory_order_relaxed);
    }
    const double quotient = sum.sum / n;
    // Exact: the rounding error of the division.
    const double remainder = std::fma(-quotient, n, sum.sum);
    return {quotient, (remainder + sum.correction) / n};
}

Sum partial_pi(std::uint64_t rank, std::uint64_t processes, std::uint64_t steps,
               const PiOptions& options) {
    const Share share = share_of(options.split, rank, processes, steps);
    return sum_share(kernels().back(), share, steps, options);
}

double pi_from(std::span<const Sum> partials) {
    Sum pi;
    for (const Sum& partial : partials) {
        pi.add(partial.sum);
        pi.add(partial.correction);
    }
    return pi.value();
}

double pi_serial(std::uint64_t steps, const PiOptions& options) {
    return partial_pi(0, 1, steps, options).value();
}

Share share_of(Split split, std::uint64_t rank, std::uint64_t processes, std::uint64_t steps) {
    if (rank >= processes)
        throw std::invalid_argument("pi: the rank must be less than the number of processes");
    if (steps < 1 || steps > std::uint64_t{1} << 53)
        throw std::invalid_argument("pi: the number of steps must be from 1 to 2^53");
    const std::uint64_t each = steps / processes;
    // The first `rest` workers take one more.
    const std::uint64_t rest = steps % processes;
    const std::uint64_t count = each + (rank < rest ? 1 : 0);
    if (split == Split::cyclic) return {rank, processes, count};
    return {each * rank + std::min(rank, rest), 1, count};
}

void Sum::add(double term) {
    const double total = sum + term;
    // The smaller one lost its last digits in `total`. These subtractions are
    // exact, and recover them.
    correction += std::abs(sum) >= std::abs(term) ? (sum - total) + term : (term - total) + sum;
    sum = total;
}

// ---- The one loop, compiled for each width of vectors. The CPU is asked at
// run time; the compiler's own way to do that, target_clones, crashes at
// start-up under the thread sanitizer.

namespace {

double baseline(double first_x, double dx, int count) { return midpoints(first_x, dx, count); }

#ifdef __x86_64__
[[gnu::target("avx2,fma")]] double avx2(double first_x, double dx, int count) {
    return midpoints(first_x, dx, count);
}

[[gnu::target("avx512f")]] double avx512(double first_x, double dx, int count) {
    return midpoints(first_x, dx, count);
}

constexpr Kernel compiled[] = {{"baseline", baseline}, {"avx2", avx2}, {"avx512", avx512}};
#else
constexpr Kernel compiled[] = {{"baseline", baseline}};
#endif

} // namespace

std::span<const Kernel> kernels() {
#ifdef __x86_64__
    const bool has_avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    const bool has_avx512 = has_avx2 && __builtin_cpu_supports("avx512f");
    return std::span(compiled).first(has_avx512 ? 3 : has_avx2 ? 2 : 1);
#else
    return compiled;
#endif
}

} // namespace mpworkshop::kit
