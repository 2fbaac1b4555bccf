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

/// A thread that asks the kernel every few milliseconds what each worker has computed, for a trace:
/// no worker spends time on it. It takes one to two hundredths of a CPU; a long trace has fewer
/// samples of each second.
class CpuSampler {
public:
    /// `ask`: of worker 0 .. workers - 1, from that thread and from those that call this; empty:
    /// not known now. Where no thread can be started there are samples only when read() is called.
    CpuSampler(unsigned workers, std::function<std::optional<os::CpuTimes>(unsigned worker)> ask);
    ~CpuSampler();
    CpuSampler(const CpuSampler&) = delete;
    CpuSampler& operator=(const CpuSampler&) = delete;

    /// Those of a worker, with one of this moment.
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
    // Of a sample of all workers; the least, as other programs delay some.
    std::int64_t cost_ns_ = 0;
    std::thread thread_;
};

} // namespace mp::detail
