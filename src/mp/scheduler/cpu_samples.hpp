#pragma once

/// How a worker's CPU time and its waits for a CPU lie in time.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "mp/os/cpu_times.hpp"
#include "mp/stats.hpp"

namespace mp::detail {

/// The kernel's account of one worker at one moment.
struct CpuSample {
    std::int64_t at_ns;
    std::int64_t cpu_ns;
    std::optional<std::int64_t> ready_ns;
};

/// What a worker did between two samples. It computed, was ready, or neither: it waited for work,
/// or its task for something else.
struct CpuInterval {
    double begin_seconds, end_seconds;
    double cpu_seconds;                  ///< more than the time that passed: by several threads
    std::optional<double> ready_seconds; ///< empty: not known
};

/// The intervals between these samples, in seconds since `made_ns`. The kernel counts a wait for a
/// CPU only once it has ended; here it is where it was: in the time before, as far as the worker
/// did not compute then.
std::vector<CpuInterval> intervals_between(const std::vector<CpuSample>& samples,
                                           std::int64_t made_ns);

/// Divides each interval among the `spans` of work that lie in it. REQUIRES: the spans are of one
/// worker, sorted, and do not overlap. A span that the intervals do not cover gets no figures.
void divide_among(std::span<Span> spans, const std::vector<CpuInterval>& intervals);

} // namespace mp::detail
