#include "mpworkshop/kit/stats.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace mpworkshop::stats {
namespace {

constexpr double wanted_level = 0.95;
constexpr double least_change = 0.01;
constexpr Interval near_one = {0.95, 1.05};
constexpr double precise_width = 0.2; // of the ratio
constexpr double serial_part_width = 0.1;

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

/// How many samples may be left out on each side: the largest k for which 2 P(B <= k - 1) is at
/// most 5 %. Zero: none, and the samples have no interval.
std::size_t beyond_median(std::size_t samples) {
    double log_term = -double(samples) * std::numbers::ln2; // of P(B = 0)
    double below = 0;
    for (std::size_t k = 0;; ++k) {
        below += std::exp(log_term);
        if (2 * below > 1 - wanted_level) return k;
        log_term += std::log(double(samples - k) / double(k + 1));
    }
}

double karp_flatt_of(double speedup, double workers) {
    return (1 / speedup - 1 / workers) / (1 - 1 / workers);
}

double gustafson_of(double speedup, double workers) { return (workers - speedup) / (workers - 1); }

/// Empty if it is not between 0 and 1, apart from rounding, or if its bounds are too far apart.
std::optional<double> share(double value, double one_end, double other_end) {
    constexpr double rounding = 1e-9;
    if (value < -rounding || value > 1 + rounding) return std::nullopt;
    if (std::abs(one_end - other_end) > serial_part_width) return std::nullopt;
    return std::clamp(value, 0.0, 1.0);
}

std::optional<double> serial_share(const Speedup& speedup, Workers workers,
                                   double (*law)(double speedup, double workers)) {
    if (workers.count < 2 || workers.count > workers.usable || !speedup.interval)
        return std::nullopt;
    const auto by = [&](double ratio) { return law(ratio, workers.count); };
    return share(by(speedup.ratio), by(speedup.interval->low), by(speedup.interval->high));
}

/// 1/S = 1/p + s (1 - 1/p): a straight line through the origin in x = 1 - 1/p.
template <class Ratio> double fitted_share(std::span<const Point> points, Ratio ratio) {
    double xy = 0, xx = 0;
    for (const Point& each : points) {
        const double x = 1 - 1 / each.workers;
        xy += x * (1 / ratio(each.speedup) - 1 / each.workers);
        xx += x * x;
    }
    return xy / xx;
}

double break_even(const Cost& serial, const Cost& parallel) {
    const double gain = serial.step - parallel.step;
    if (gain <= 0) return HUGE_VAL;
    return std::max(0.0, (parallel.once - serial.once) / gain);
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

std::optional<Interval> median_interval(std::span<const double> samples) {
    const std::size_t cut = beyond_median(samples.size());
    if (cut == 0) return std::nullopt;
    const std::vector<double> order = sorted(samples);
    return Interval{order[cut - 1], order[order.size() - cut]};
}

Finding Speedup::finding() const {
    if (!interval) return Finding::too_few;
    const auto [low, high] = *interval;
    const bool apart = (low > 1 || high < 1) && std::abs(std::log(ratio)) > least_change;
    if (apart) return low > 1 ? Finding::faster : Finding::slower;
    return low >= near_one.low && high <= near_one.high ? Finding::same : Finding::undecided;
}

bool Speedup::precise() const {
    return interval && interval->high - interval->low <= precise_width * ratio;
}

std::optional<Speedup> speedup(std::span<const double> a, std::span<const double> b) {
    const std::size_t pairs = std::min(a.size(), b.size());
    std::vector<double> ratios;
    for (std::size_t i = 0; i < pairs; ++i) {
        if (!(a[i] > 0 && b[i] > 0)) return std::nullopt;
        ratios.push_back(a[i] / b[i]);
    }
    if (ratios.empty()) return std::nullopt;
    return Speedup{median(ratios), pairs, median_interval(ratios)};
}

std::optional<double> efficiency(const Speedup& speedup, Workers workers) {
    if (workers.count > workers.usable || !speedup.precise()) return std::nullopt;
    return speedup.ratio / workers.count;
}

std::optional<double> karp_flatt(const Speedup& speedup, Workers workers) {
    return serial_share(speedup, workers, karp_flatt_of);
}

std::optional<double> gustafson(const Speedup& scaled, Workers workers) {
    return serial_share(scaled, workers, gustafson_of);
}

double amdahl(double serial_share, double workers) {
    return 1 / (serial_share + (1 - serial_share) / workers);
}

std::optional<double> amdahl_fit(std::span<const Point> points) {
    const auto of_several = [](const Point& each) { return each.workers > 1; };
    const auto has_interval = [](const Point& each) { return each.speedup.interval.has_value(); };
    if (points.size() < 3 || std::ranges::none_of(points, of_several) ||
        !std::ranges::all_of(points, has_interval))
        return std::nullopt;
    return share(fitted_share(points, [](const Speedup& s) { return s.ratio; }),
                 fitted_share(points, [](const Speedup& s) { return s.interval->low; }),
                 fitted_share(points, [](const Speedup& s) { return s.interval->high; }));
}

std::optional<Interval> break_even(std::span<const Cost> serial, std::span<const Cost> parallel) {
    std::vector<double> steps;
    for (std::size_t i = 0; i < std::min(serial.size(), parallel.size()); ++i)
        steps.push_back(break_even(serial[i], parallel[i]));
    return median_interval(steps);
}

} // namespace mpworkshop::stats
