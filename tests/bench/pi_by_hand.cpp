#include "bench/pi_peers.hpp"

#include <vector>
#ifdef __x86_64__
#include <immintrin.h>
#endif

namespace bench {

#ifdef __x86_64__
namespace {

// The limit on one core, written by hand: four accumulators, so that the divider never waits. Both
// sum the 4,096 steps from i = first_i - 0.5 on; the caller handles smaller numbers.
constexpr int block = 4096;

[[gnu::target("avx2,fma")]] double block_avx2(double first_i, double h) {
    const __m256d one = _mm256_set1_pd(1), four = _mm256_set1_pd(4), vh = _mm256_set1_pd(h);
    __m256d i[4], sum[4];
    for (int u = 0; u < 4; ++u) {
        i[u] = _mm256_add_pd(_mm256_set1_pd(first_i + 4 * u), _mm256_set_pd(3, 2, 1, 0));
        sum[u] = _mm256_setzero_pd();
    }
    for (int k = 0; k < block; k += 16)
        for (int u = 0; u < 4; ++u) {
            const __m256d x = _mm256_mul_pd(i[u], vh);
            sum[u] = _mm256_add_pd(sum[u], _mm256_div_pd(four, _mm256_fmadd_pd(x, x, one)));
            i[u] = _mm256_add_pd(i[u], _mm256_set1_pd(16));
        }
    const __m256d all = (sum[0] + sum[1]) + (sum[2] + sum[3]);
    return all[0] + all[1] + all[2] + all[3];
}

[[gnu::target("avx512f")]] double block_avx512(double first_i, double h) {
    const __m512d one = _mm512_set1_pd(1), four = _mm512_set1_pd(4), vh = _mm512_set1_pd(h);
    __m512d i[4], sum[4];
    for (int u = 0; u < 4; ++u) {
        i[u] =
            _mm512_add_pd(_mm512_set1_pd(first_i + 8 * u), _mm512_set_pd(7, 6, 5, 4, 3, 2, 1, 0));
        sum[u] = _mm512_setzero_pd();
    }
    for (int k = 0; k < block; k += 32)
        for (int u = 0; u < 4; ++u) {
            const __m512d x = _mm512_mul_pd(i[u], vh);
            sum[u] = _mm512_add_pd(sum[u], _mm512_div_pd(four, _mm512_fmadd_pd(x, x, one)));
            i[u] = _mm512_add_pd(i[u], _mm512_set1_pd(32));
        }
    const __m512d all = (sum[0] + sum[1]) + (sum[2] + sum[3]);
    return all[0] + all[1] + all[2] + all[3] + all[4] + all[5] + all[6] + all[7];
}

template <double (*sum_block)(double, double)> double pi_by_blocks(std::uint64_t steps) {
    const double h = 1.0 / double(steps);
    long double sum = 0;
    std::uint64_t i = 0;
    for (; i + block <= steps; i += block) sum += sum_block(double(i) + 0.5, h);
    for (; i < steps; ++i) {
        const double x = (double(i) + 0.5) * h;
        sum += 4.0 / (1.0 + x * x);
    }
    return double(sum / static_cast<long double>(steps));
}

} // namespace

std::vector<ByHand> by_hand() {
    std::vector<ByHand> found;
    if (__builtin_cpu_supports("avx512f"))
        found.push_back({"by-hand-avx512", pi_by_blocks<block_avx512>});
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        found.push_back({"by-hand-avx2", pi_by_blocks<block_avx2>});
    return found;
}
#else
std::vector<ByHand> by_hand() { return {}; }
#endif

} // namespace bench
