#pragma once

#include <optional>
#include <string>
#include <vector>

#include "mpworkshop/benchmark/runner.hpp"
#include "mpworkshop/benchmark/stats.hpp"

/// What measurements mean, in words.
namespace mpworkshop {

/// What disturbs a measurement.
struct Conditions {
    std::optional<double> load; ///< processes that wanted a CPU before it began
    unsigned usable = 1;        ///< CPUs
    std::string build;          ///< "Release"
};

/// As this machine is now. Ask before the first run: the runs are a load themselves.
Conditions conditions();

/// One sentence for each reason to doubt: a busy machine, a debug build, times that scatter, too
/// little work.
std::vector<std::string> cautions(const std::vector<benchmark::Result>& commands,
                                  const Conditions& where);

/// "B is 1.96 times as fast as A.", that there is no measurable difference, or that the
/// runs are too few to tell. Empty where one of
/// them was not measured.
std::string verdict(const std::string& a, const std::string& b,
                    const std::optional<stats::Speedup>& speedup);

/// "1.96" or "127" for a ratio: two digits after the point below 10, then none.
std::string times(double ratio);

} // namespace mpworkshop
