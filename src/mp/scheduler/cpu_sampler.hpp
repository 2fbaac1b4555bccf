#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "mp/scheduler/cpu_samples.hpp"

namespace mp::detail {

/// A thread that reads the CPU accounting of each worker every few milliseconds, for a trace; the
/// workers spend no time on it. It uses 1 to 2 % of a CPU; a long trace has fewer samples per
/// second.
class CpuSampler {
public:
    /// `ask`: returns the accounting of worker 0 .. workers - 1; empty: currently unknown. It is
    /// called by this thread and by callers of this class. If no thread can be started, samples are
    /// taken only when read() is called.
    CpuSampler(unsigned workers, std::function<std::optional<os::CpuTimes>(unsigned worker)> ask);
    ~CpuSampler();
    CpuSampler(const CpuSampler&) = delete;
    CpuSampler& operator=(const CpuSampler&) = delete;

    /// The samples of a worker, including one of this moment.
    std::vector<CpuSample> read(unsigned worker);

private:
    void run();
    std::int64_t sample_all();
    void sample(unsigned worker);
    void thin_out();

    std::function<std::optional<os::CpuTimes>(unsigned worker)> ask_;
    std::mutex mutex_;
    std::condition_variable stop_;
    bool stopping_ = false;
    std::vector<std::vector<CpuSample>> samples_; // by worker
    std::int64_t period_ns_;                      // at least
    // The cost of sampling all workers: the minimum, because other programs delay some samples.
    std::int64_t cost_ns_ = 0;
    std::thread thread_;
};

} // namespace mp::detail
