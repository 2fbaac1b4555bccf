#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "mpworkshop/benchmark/runner.hpp"
#include "mpworkshop/benchmark/verdict.hpp"
#include "mpworkshop/kit/stats.hpp"
#include "mpworkshop/report/plot.hpp"
#include "mpworkshop/report/table.hpp"

/// What measurements with more and more workers show.
namespace mpworkshop {

enum class Scaling { strong, weak };

/// A series whose first command is the serial program, the others with more and more workers.
struct ScalingRun {
    Scaling kind = Scaling::strong;
    std::uint64_t steps = 0; ///< of the serial program; weak: for each worker
    unsigned usable = 1;     ///< CPUs
    benchmark::Results results = {};

    std::uint64_t steps_of(unsigned workers) const {
        return kind == Scaling::weak ? steps * workers : steps;
    }
};

/// One number of workers compared with the serial program.
struct ScalingPoint {
    unsigned workers = 1;
    stats::Speedup speedup; ///< weak: of the work done per second
    bool oversubscribed = false;
};

/// Those that were measured, in the order of the series.
std::vector<ScalingPoint> points_of(const ScalingRun& run);

/// The serial share of Amdahl's law that fits best; empty for weak scaling, for fewer than three
/// points that are not oversubscribed, and if their intervals do not determine one.
std::optional<double> amdahl_share(const ScalingRun& run);

/// A row for the serial program, then one for each number of workers.
report::Table table_of(const ScalingRun& run);

/// Measured points, the ideal, and Amdahl's law if it fits, both up to the usable CPUs, with a mark
/// there.
report::Plot plot_of(const ScalingRun& run);

/// The number of steps, as a range, from which the fastest parallel run that is not oversubscribed
/// is faster, and how that was found. Empty if that run was not certainly faster, or if the range
/// is vague.
std::string break_even_of(const ScalingRun& run);

/// What the points mean, in one or two sentences; empty if none was measured.
std::string verdict_of(const ScalingRun& run, const Conditions& where);

} // namespace mpworkshop
