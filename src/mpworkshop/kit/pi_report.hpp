#pragma once

#include <cstdint>
#include <vector>

#include "mpworkshop/kit/exercise.hpp"
#include "mpworkshop/kit/pi.hpp"
#include "mpworkshop/kit/python.hpp"

namespace mpworkshop::kit {

/// How to sum: by the vectorized kernel, by the loop of the lesson, or by its Python program, which
/// does a hundredth of the steps.
struct SumChoice {
    Way way;
    bool plain = false;

    bool by_kernel() const { return !plain && !way.python; }
    std::uint64_t usual_steps() const { return way.python ? 10'000'000 : 1'000'000'000; }
    /// Names the kernel, in one line.
    void tell(const Run& run) const;
};

/// --plain and --python, added to an exercise's own options.
std::vector<input::Option> with_sum(std::vector<input::Option> options, SumChoice& sum);

/// The report of pi-serial: one sum, or a table of several.
class SumReport {
public:
    SumReport(Run& run, const std::vector<std::uint64_t>& steps, const SumChoice& sum);
    void add(double pi, double seconds);
    void finish();

private:
    Run& run_;
    const std::vector<std::uint64_t>& steps_;
    Value::List runs_;
};

/// The partial sums of a pool; the shares are those of the lesson: (rank, workers, steps).
std::vector<Sum> partial_sums(mp::Pool& pool, std::uint64_t steps, const PiOptions& options,
                              std::size_t chunksize);
/// The rounded partial sums.
std::vector<Sum> as_sums(const std::vector<double>& partials);

/// What pi-parallel prints before and after its sum; pi is added in rank order.
void announce_shares(const Run& run, std::uint64_t steps, Split split, const SumChoice& sum,
                     const input::PoolChoice& pool);
void report_shares(Run& run, std::uint64_t steps, Split split, const std::vector<Sum>& partials);

} // namespace mpworkshop::kit
