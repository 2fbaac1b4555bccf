#pragma once

#include <atomic>
#include <cstdint>
#include <span>

// Pi is the area under 4 / (1 + x*x) between 0 and 1. Cut it into n strips,
// each as high as the curve is at its middle:
//
//     x = (i + 0.5) / n        pi = sum of 4 / (1 + x*x) / n,   i = 0 .. n-1
//
// The strips are too large by 1 / (12 n*n): from n = 1e7 on, rounding is all
// that could be wrong. Source: the midpoint rule; the compensated sum is A.
// Neumaier's, ZAMM 54 (1974), 39-51.

namespace mpworkshop::kit {

/// A sum, and its rounding error. Workers send it back unchanged, as 16 plain
/// bytes.
struct Sum {
    double sum = 0;
    double correction = 0;

    void add(double term);
    double value() const { return sum + correction; }
};

/// Which worker sums which steps: dealt like cards, or cut like a cake.
enum class Split {
    cyclic, ///< rank, rank + processes, rank + 2 * processes, ...
    blocks, ///< one contiguous share for each worker
};

/// Hooks for a long sum. `done` and `stop` change no bit of the sum.
struct PiOptions {
    Split split = Split::cyclic;
    /// Increased by the steps done, every few milliseconds.
    std::atomic<std::uint64_t>* done = nullptr;
    /// Called as often; once it returns true, the sum stays partial.
    bool (*stop)() = nullptr;
};

/// One worker's part of pi, rank = 0 .. processes-1; 0 for workers without
/// steps. The same arguments give the same bits on the same machine. Errors:
/// std::invalid_argument unless rank < processes and 1 <= steps <= 2^53, the
/// limit up to which doubles represent every whole number.
Sum partial_pi(std::uint64_t rank, std::uint64_t processes, std::uint64_t steps,
               const PiOptions& options = {});

/// The parts added in rank order, so that the result does not depend on timing.
/// Within 1e-15 of pi from 1e8 to 1e10 steps, for 1 to 1,000 workers.
double pi_from(std::span<const Sum> partials);

/// All of pi by one worker, with the same accuracy.
double pi_serial(std::uint64_t steps, const PiOptions& options = {});

// ---- The building blocks.

/// The steps first, first + stride, ...: `count` of them.
struct Share {
    std::uint64_t first, stride, count;
};

/// The steps of one worker. Errors: those of partial_pi.
Share share_of(Split split, std::uint64_t rank, std::uint64_t processes, std::uint64_t steps);

/// The loop over the formula, compiled for one kind of CPU.
struct Kernel {
    const char* name;
    double (*midpoints)(double first_x, double dx, int count);
};

/// The kernels that this CPU can run; partial_pi takes the last, which has the
/// widest vectors.
std::span<const Kernel> kernels();

/// The sum over a share, divided by steps.
Sum sum_share(const Kernel& kernel, const Share& share, std::uint64_t steps,
              const PiOptions& options = {});

} // namespace mpworkshop::kit
