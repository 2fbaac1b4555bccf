#include "mp/scheduler/cpu_sampler.hpp"

#include <algorithm>
#include <chrono>
#include <system_error>
#include <utility>

#include "mp/scheduler/worker_stats.hpp"

namespace mp::detail {

namespace {

constexpr std::int64_t shortest_period_ns = 2'000'000; // half a time slice of most kernels
constexpr std::int64_t wake_up_ns = 10'000;            // the cost of running this thread at all
constexpr std::int64_t period_factor =
    100; // the shortest period, in multiples of the cost of one sample
constexpr std::size_t most_samples = 1U << 13; // of each worker

} // namespace

CpuSampler::CpuSampler(unsigned workers,
                       std::function<std::optional<os::CpuTimes>(unsigned worker)> ask)
    : ask_(std::move(ask)), samples_(workers), period_ns_(shortest_period_ns) {
    cost_ns_ = sample_all();
    try {
        thread_ = std::thread([this] { run(); });
    } catch (const std::system_error&) { // the trace then has less detail
    }
}

CpuSampler::~CpuSampler() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    stop_.notify_all();
    if (thread_.joinable()) thread_.join();
}

void CpuSampler::run() {
    std::unique_lock lock(mutex_);
    const auto stopping = [this] { return stopping_; };
    const auto period = [&] {
        return std::chrono::nanoseconds(
            std::max(period_ns_, period_factor * (cost_ns_ + wake_up_ns)));
    };
    while (!stop_.wait_for(lock, period(), stopping)) cost_ns_ = std::min(cost_ns_, sample_all());
}

// The cost of this sample.
std::int64_t CpuSampler::sample_all() {
    const std::int64_t begin = now_ns();
    for (unsigned worker = 0; worker < samples_.size(); ++worker) sample(worker);
    const auto is_full = [](const auto& samples) { return samples.size() >= most_samples; };
    if (std::ranges::any_of(samples_, is_full)) thin_out();
    return now_ns() - begin;
}

void CpuSampler::sample(unsigned worker) {
    const std::int64_t at_ns = now_ns();
    const std::optional<os::CpuTimes> times = ask_(worker);
    if (times) samples_[worker].push_back({at_ns, times->cpu_ns, times->ready_ns});
}

void CpuSampler::thin_out() {
    for (auto& samples : samples_) {
        std::size_t kept = 0;
        for (std::size_t i = 0; i < samples.size(); i += 2) samples[kept++] = samples[i];
        samples.resize(kept);
    }
    period_ns_ *= 2;
}

std::vector<CpuSample> CpuSampler::read(unsigned worker) {
    const std::lock_guard lock(mutex_);
    sample(worker);
    return samples_[worker];
}

} // namespace mp::detail
