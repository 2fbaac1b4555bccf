#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

/// Statistics of repeated measurements: pure functions of samples in any unit.
namespace mpworkshop::stats {

/// The median: the middle sorted sample, or the mean of the two middle ones; 0 for none.
double median(std::span<const double> samples);

/// Median absolute deviation from the median, not scaled to a standard deviation.
double mad(std::span<const double> samples);

/// A summary of some samples. All zero for none.
struct Summary {
    std::size_t count = 0;
    double median = 0;
    double mad = 0;
    double min = 0;
    double max = 0;

    /// MAD divided by the median; 0 if the median is 0.
    double scatter() const { return median > 0 ? mad / median : 0; }
};

Summary summary(std::span<const double> samples);

struct Interval {
    double low = 0;
    double high = 0;
};

/// The fewest samples whose median has a 95 % interval.
inline constexpr std::size_t least_for_interval = 6;

/// The two samples between which the median of their distribution lies with a probability of at
/// least 95 %, whatever that distribution is; empty for fewer than six. The samples must be
/// independent. Source: exact order statistics, by the sign test: of n samples the k smallest and
/// the k largest are left out, where 2 P(B <= k) is at most 5 % for a binomial B of n and 1/2. H.
/// David and H. Nagaraja, Order Statistics, 3rd ed., 7.1. Six samples span from the smallest to the
/// largest with 1 - 2/64 = 96.9 %; five would with 93.8 %.
std::optional<Interval> median_interval(std::span<const double> samples);

/// The result of a comparison.
enum class Finding {
    too_few,   ///< fewer than six pairs
    undecided, ///< the interval allows both a difference and none
    same,      ///< they differ by at most 5 %
    faster,    ///< B is faster
    slower,    ///< B is slower
};

/// How many times as fast as A B is.
struct Speedup {
    double ratio = 0; ///< the median of the ratios of the pairs
    std::size_t pairs = 0;
    std::optional<Interval> interval = {}; ///< of the ratio, from median_interval()

    Finding finding() const;
    /// Whether the interval is so narrow, 20 % of the ratio, that conclusions may be drawn from the
    /// ratio.
    bool precise() const;
};

/// Compares two commands by times that were taken in pairs, so that disturbances slow both; a
/// sample without a partner is left out. Empty if there is no pair, or a time is not positive.
/// Source of the smallest difference, 1 %: T. Mytkowicz et al., ASPLOS 2009, 265-276, who show the
/// effect of memory layout alone.
std::optional<Speedup> speedup(std::span<const double> a, std::span<const double> b);

/// The number of workers of a speedup, and the CPUs they had.
struct Workers {
    unsigned count = 1;
    unsigned usable = 1;
};

/// The speedup divided by the number of workers: 1 is perfect. Empty for more workers than CPUs,
/// and if the speedup is not precise.
std::optional<double> efficiency(const Speedup& speedup, Workers workers);

/// The serial share that a speedup suggests (Karp-Flatt). Empty for fewer than two workers, for
/// more than CPUs, if the interval of the speedup leaves a range of more than 10 %, and if it is
/// not between 0 and 1. Source: A. Karp and H. Flatt, CACM 33 (1990), 539-543.
std::optional<double> karp_flatt(const Speedup& speedup, Workers workers);

/// The same for work that grows with the number of workers: the serial share s in S = p + (1 - p)
/// s. Source: J. Gustafson, CACM 31 (1988), 532-533.
std::optional<double> gustafson(const Speedup& scaled, Workers workers);

struct Point {
    double workers = 0;
    Speedup speedup = {};
};

/// The speedup that Amdahl's law predicts: 1 / (s + (1 - s) / p).
double amdahl(double serial_share, double workers);

/// The serial share whose curve of 1 / speedup fits the points best, by least squares. Empty for
/// fewer than three points, if all have one worker, if one has no interval or they leave a range of
/// more than 10 %, and if it is not between 0 and 1. Source: G. Amdahl, AFIPS 30 (1967), 483-485.
std::optional<double> amdahl_fit(std::span<const Point> points);

/// A fixed cost, and a cost for each step; both in seconds.
struct Cost {
    double once = 0;
    double step = 0;
};

/// The range of step numbers at which `parallel` becomes faster, from the costs of paired runs: the
/// interval of the median of their break-evens, infinite if steps of the parallel run are not
/// faster. Empty for fewer than six pairs.
std::optional<Interval> break_even(std::span<const Cost> serial, std::span<const Cost> parallel);

} // namespace mpworkshop::stats
