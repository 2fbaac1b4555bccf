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

/// How often B is as fast as A.
struct Speedup {
    double ratio = 0; ///< the median of A over the median of B
    double low = 0;   ///< with at least `level`, the true ratio is between these two
    double high = 0;
    double level = 0; ///< 0.95, or less where there are too few samples for it

    /// Neither "no change at all" nor less than 1 % of it is within the interval's reach: then the
    /// two can be told apart.
    bool measurable() const;
};

/// Compares two commands by their times, whatever distribution those have; empty where one has no
/// samples or a time that is not positive.
/// Source: the interval is that of L. Moses, on logarithms: all ratios a/b in order, without the k
/// smallest and largest, where k is given by the rank-sum distribution of H. Mann and D. Whitney,
/// Ann. Math. Stat. 18 (1947), 50-60; see Hollander, Wolfe and Chicken, Nonparametric Statistical
/// Methods, 3rd ed., 4.3. That ratios below 1 % say nothing: Mytkowicz et al., ASPLOS 2009, who
/// show what the mere layout of memory does.
std::optional<Speedup> speedup(std::span<const double> a, std::span<const double> b);

/// How many of all rank sums of m and n samples are so extreme: P(U < k) for two equal
/// distributions. Exact up to 50 samples each, then the normal approximation.
double rank_sum_tail(std::size_t m, std::size_t n, std::size_t k);

/// The speedup for each worker: 1 is perfect.
double efficiency(double speedup, double workers);

/// The serial share that a speedup hints at; empty for fewer than two workers.
/// Source: A. Karp and H. Flatt, CACM 33 (1990), 539-543.
std::optional<double> karp_flatt(double speedup, double workers);

/// The same for work that grows with the workers: the serial share s in S = p + (1 - p) s.
/// Source: J. Gustafson, CACM 31 (1988), 532-533.
std::optional<double> gustafson(double scaled_speedup, double workers);

struct Point {
    double workers = 0;
    double speedup = 0;
};

/// What Amdahl promises: 1 / (s + (1 - s) / p).
double amdahl(double serial_share, double workers);

/// The serial share, 0 to 1, whose curve of 1 / speedup is nearest to the points by least squares;
/// empty for fewer than three points, or where they are all of one worker.
/// Source: G. Amdahl, AFIPS 30 (1967), 483-485.
std::optional<double> amdahl_fit(std::span<const Point> points);

/// A cost that is paid once, and one for each step; both in seconds.
struct Cost {
    double once = 0;
    double step = 0;
};

/// The number of steps from which on `parallel` is faster; empty where it never is, its steps being
/// no faster by what can be measured (5 %).
std::optional<double> break_even(const Cost& serial, const Cost& parallel);

} // namespace mpworkshop::stats
