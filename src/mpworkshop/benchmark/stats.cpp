#include "mpworkshop/benchmark/stats.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace mpworkshop::stats {
namespace {

constexpr double wanted_level = 0.95;
constexpr double least_change = 0.01;
constexpr std::size_t exact_up_to = 50;

double middle_of_sorted(std::span<const double> sorted) {
    if (sorted.empty()) return 0;
    const std::size_t half = sorted.size() / 2;
    return sorted.size() % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

std::vector<double> sorted(std::span<const double> samples) {
    std::vector<double> copy(samples.begin(), samples.end());
    std::ranges::sort(copy);
    return copy;
}

/// ways[u]: how many of the orders of m and n samples have the rank sum u. One sample after the
/// other: the recursion of Mann and Whitney as a product of (1 - x^(n + i)) / (1 - x^i).
std::vector<double> ways_of_rank_sums(std::size_t m, std::size_t n) {
    std::vector<double> ways(m * n + 1, 0);
    ways[0] = 1;
    for (std::size_t i = 1; i <= m; ++i) {
        for (std::size_t u = m * n; u >= n + i && u <= m * n; --u) ways[u] -= ways[u - n - i];
        for (std::size_t u = i; u <= m * n; ++u) ways[u] += ways[u - i];
    }
    return ways;
}

} // namespace

double median(std::span<const double> samples) { return middle_of_sorted(sorted(samples)); }

double mad(std::span<const double> samples) {
    const double middle = median(samples);
    std::vector<double> distances(samples.begin(), samples.end());
    for (double& each : distances) each = std::abs(each - middle);
    return median(distances);
}

Summary summary(std::span<const double> samples) {
    if (samples.empty()) return {};
    const auto [min, max] = std::ranges::minmax_element(samples);
    return {samples.size(), median(samples), mad(samples), *min, *max};
}

double rank_sum_tail(std::size_t m, std::size_t n, std::size_t k) {
    if (m <= exact_up_to && n <= exact_up_to) {
        const std::vector<double> ways = ways_of_rank_sums(m, n);
        double below = 0, all = 0;
        for (std::size_t u = 0; u < ways.size(); ++u) {
            all += ways[u];
            if (u < k) below += ways[u];
        }
        return below / all;
    }
    const double mean = double(m) * double(n) / 2;
    const double deviation = std::sqrt(double(m) * double(n) * double(m + n + 1) / 12);
    return std::erfc((mean - double(k) + 0.5) / deviation / std::numbers::sqrt2) / 2;
}

bool Speedup::measurable() const {
    const bool excludes_none = low > 1 || high < 1;
    return level >= wanted_level && excludes_none && std::abs(std::log(ratio)) > least_change;
}

std::optional<Speedup> speedup(std::span<const double> a, std::span<const double> b) {
    const auto positive = [](double each) { return each > 0; };
    if (a.empty() || b.empty() || !std::ranges::all_of(a, positive) ||
        !std::ranges::all_of(b, positive))
        return std::nullopt;

    std::vector<double> ratios;
    ratios.reserve(a.size() * b.size());
    for (const double each : a)
        for (const double other : b) ratios.push_back(each / other);
    std::ranges::sort(ratios);

    // Leaving out `cut` on either side is wrong with probability 2 P(U <= cut), so the first is for
    // nothing.
    const auto wrong = [&](std::size_t cut) {
        return 2 * rank_sum_tail(a.size(), b.size(), cut + 1);
    };
    std::size_t low = 0, high = ratios.size() / 2; // wrong() grows: halve until it is found
    while (low + 1 < high) {
        const std::size_t half = (low + high) / 2;
        (wrong(half) <= 1 - wanted_level ? low : high) = half;
    }
    const double ratio = median(a) / median(b);
    return Speedup{.ratio = ratio,
                   // The ratio of the medians is not the median of the ratios, though near it.
                   .low = std::min(ratio, ratios[low]),
                   .high = std::max(ratio, ratios[ratios.size() - 1 - low]),
                   .level = std::min(wanted_level, std::max(0.0, 1 - wrong(0)))};
}

double efficiency(double speedup, double workers) { return speedup / workers; }

std::optional<double> karp_flatt(double speedup, double workers) {
    if (workers < 2 || speedup <= 0) return std::nullopt;
    return (1 / speedup - 1 / workers) / (1 - 1 / workers);
}

std::optional<double> gustafson(double scaled_speedup, double workers) {
    if (workers < 2) return std::nullopt;
    return (workers - scaled_speedup) / (workers - 1);
}

double amdahl(double serial_share, double workers) {
    return 1 / (serial_share + (1 - serial_share) / workers);
}

std::optional<double> amdahl_fit(std::span<const Point> points) {
    if (points.size() < 3) return std::nullopt;
    // 1/S = 1/p + s (1 - 1/p): a straight line through the origin in x = 1 - 1/p.
    double xy = 0, xx = 0;
    for (const auto& [workers, speedup] : points) {
        const double x = 1 - 1 / workers;
        xy += x * (1 / speedup - 1 / workers);
        xx += x * x;
    }
    if (xx <= 0) return std::nullopt;
    return std::clamp(xy / xx, 0.0, 1.0);
}

std::optional<double> break_even(const Cost& serial, const Cost& parallel) {
    const double gain = serial.step - parallel.step;
    if (gain < serial.step * 0.05) return std::nullopt;
    return std::max(0.0, (parallel.once - serial.once) / gain);
}

} // namespace mpworkshop::stats
