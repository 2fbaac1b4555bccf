#pragma once

/// How a worker's CPU time and its waits for a CPU are distributed over time.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "mp/os/cpu_times.hpp"
#include "mp/stats.hpp"

namespace mp::detail {

/// The kernel's accounting of one worker at one moment.
struct CpuSample {
    std::int64_t at_ns;
    std::int64_t cpu_ns;
    std::optional<std::int64_t> ready_ns;
};

/// What a worker did between two samples. It computed, was ready to run, or did neither: it waited
/// for work, or its task waited for something else.
struct CpuInterval {
    double begin_seconds, end_seconds;
    double cpu_seconds;                  ///< more than the elapsed time if several threads computed
    std::optional<double> ready_seconds; ///< empty: not known
};

/// The intervals between these samples, in seconds since `made_ns`. The kernel counts a wait for a
/// CPU only once it has ended. Here it is moved to when it happened: earlier, where the worker did
/// not compute.
std::vector<CpuInterval> intervals_between(const std::vector<CpuSample>& samples,
                                           std::int64_t made_ns);

/// Divides each interval among the `spans` of work in it. REQUIRES: the spans belong to one worker,
/// are sorted, and do not overlap. A span that no interval covers gets no values.
void divide_among(std::span<Span> spans, const std::vector<CpuInterval>& intervals);

} // namespace mp::detail
