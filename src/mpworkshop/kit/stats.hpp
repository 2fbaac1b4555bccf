#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

/// Statistics of repeated measurements: pure functions of their samples, of any unit.
namespace mpworkshop::stats {

/// The middle of the sorted samples, the mean of the two middle ones where their number is even; 0
/// for none.
double median(std::span<const double> samples);

/// Median absolute deviation from the median, as it is, not scaled to a standard deviation.
double mad(std::span<const double> samples);

/// What is shown of some samples. All zero for none.
struct Summary {
    std::size_t count = 0;
    double median = 0;
    double mad = 0;
    double min = 0;
    double max = 0;

    /// MAD as a share of the median; 0 where the median is.
    double scatter() const { return median > 0 ? mad / median : 0; }
};

Summary summary(std::span<const double> samples);

struct Interval {
    double low = 0;
    double high = 0;
};

/// The fewest samples whose median has a 95 % interval.
inline constexpr std::size_t least_for_interval = 6;

/// Between which two samples the median of their distribution lies, with a probability of at least
/// 95 %, whatever that distribution is; empty for fewer than six. The samples are independent.
/// Source: exact order statistics, by the sign test: of n samples the k smallest and the k largest
/// are left out, where 2 P(B <= k) is at most 5 % for a binomial B of n and 1/2. H. David and H.
/// Nagaraja, Order Statistics, 3rd ed., 7.1. Six samples reach from the least to the largest, with
/// 1 - 2/64 = 96.9 %; five do with 93.8 %.
std::optional<Interval> median_interval(std::span<const double> samples);

/// What a comparison says.
enum class Finding {
    too_few,   ///< fewer than six pairs
    undecided, ///< the interval has room for a difference and for none
    same,      ///< at most 5 % lie between the two
    faster,    ///< B is
    slower,    ///< B is
};

/// How many times as fast as A B is.
struct Speedup {
    double ratio = 0; ///< the median of the pairs' ratios
    std::size_t pairs = 0;
    std::optional<Interval> interval = {}; ///< of the ratio, by median_interval()

    Finding finding() const;
    /// Whether the interval is so narrow, 20 % of the ratio, that more may follow from the ratio.
    bool precise() const;
};

/// Compares two commands by times that were taken in pairs, so that what slows the machine down
/// slows both; a sample without a partner is left out. Empty where there is no pair, or a time that
/// is not positive.
/// Source of the least difference, 1 %: T. Mytkowicz et al., ASPLOS 2009, 265-276, who show what
/// the mere layout of memory does.
std::optional<Speedup> speedup(std::span<const double> a, std::span<const double> b);

/// How many workers a speedup was measured with, and how many CPUs they had.
struct Workers {
    unsigned count = 1;
    unsigned usable = 1;
};

/// The speedup for each worker: 1 is perfect. Empty for more workers than CPUs, and where the
/// speedup is not precise.
std::optional<double> efficiency(const Speedup& speedup, Workers workers);

/// The serial share that a speedup hints at. Empty for fewer than two workers, for more than CPUs,
/// where the interval of the speedup leaves more than 10 % of room, and where it is no share.
/// Source: A. Karp and H. Flatt, CACM 33 (1990), 539-543.
std::optional<double> karp_flatt(const Speedup& speedup, Workers workers);

/// The same for work that grows with the workers: the serial share s in S = p + (1 - p) s.
/// Source: J. Gustafson, CACM 31 (1988), 532-533.
std::optional<double> gustafson(const Speedup& scaled, Workers workers);

struct Point {
    double workers = 0;
    Speedup speedup = {};
};

/// What Amdahl promises: 1 / (s + (1 - s) / p).
double amdahl(double serial_share, double workers);

/// The serial share whose curve of 1 / speedup is nearest to the points by least squares. Empty for
/// fewer than three points, where they are all of one worker, where one has no interval or they
/// leave more than 10 % of room, and where it is no share.
/// Source: G. Amdahl, AFIPS 30 (1967), 483-485.
std::optional<double> amdahl_fit(std::span<const Point> points);

/// A cost that is paid once, and one for each step; both in seconds.
struct Cost {
    double once = 0;
    double step = 0;
};

/// Between which numbers of steps `parallel` becomes faster, by the costs of runs in pairs: the
/// interval of the median of their break-evens, infinite where steps of the parallel run are no
/// faster. Empty for fewer than six pairs.
std::optional<Interval> break_even(std::span<const Cost> serial, std::span<const Cost> parallel);

} // namespace mpworkshop::stats
