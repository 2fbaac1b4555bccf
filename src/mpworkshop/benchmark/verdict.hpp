#pragma once

#include <optional>
#include <string>
#include <vector>

#include "mpworkshop/benchmark/runner.hpp"
#include "mpworkshop/input/value.hpp"
#include "mpworkshop/kit/prediction.hpp"
#include "mpworkshop/kit/stats.hpp"

/// What measurements mean, in words.
namespace mpworkshop {

/// What may disturb a measurement.
struct Conditions {
    std::optional<double> load; ///< processes that wanted a CPU before it began
    unsigned usable = 1;        ///< CPUs
    std::string build;          ///< "Release"
    /// CPUs that other programs used meanwhile; empty if unknown.
    std::optional<sys::CpusUsed> others = {};
};

/// The current state of this machine. Call it before the first run: the runs are a load themselves.
Conditions conditions();

/// One sentence for each reason for doubt: a busy machine, a debug build, scattered times, too
/// little work.
std::vector<std::string> cautions(const std::vector<benchmark::Result>& commands,
                                  const Conditions& where);
/// The same, and remarks of the schedule: runs that did not count, a budget that was too small.
std::vector<std::string> all_cautions(const benchmark::Results& results,
                                      const benchmark::Alternation& alternation,
                                      const Conditions& where);

/// "B is 1.96 times as fast as A (95 % interval: 1.90 to 2.01).", that there is no measurable
/// difference, or why the runs cannot show one. Empty if one of them was not measured.
std::string verdict(const std::string& a, const std::string& b,
                    const std::optional<stats::Speedup>& speedup, const Conditions& where);

/// Compares what was said before a series with its speedup, as far as that is a finding.
void compare_with_prediction(std::optional<kit::Prediction>& prediction,
                             const std::optional<stats::Speedup>& speedup, const Conditions& where);

/// " The sum of A would take it about 52 s, 98 times as long as C++." `python` did a `part` of the
/// steps of `cpp`. Empty if the interval of that ratio is not narrow.
std::string python_verdict(const benchmark::Result& cpp, const benchmark::Result& python,
                           double part);

/// Why `speedup` is not conclusive, and what to do: "8 runs of each are too few; give --runs 9
/// ...".
std::string why_undecided(const stats::Speedup& speedup, const Conditions& where);

/// "95 % interval: 1.90 to 2.01".
std::string shown(const stats::Interval& interval);

/// "1.96" or "127" for a ratio: two digits after the point below 10, then none.
std::string times(double ratio);

} // namespace mpworkshop
