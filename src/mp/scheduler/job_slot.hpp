#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "mp/backend.hpp"
#include "mp/scheduler/atomics.hpp"
#include "mp/scheduler/range_deque.hpp"

namespace mp::detail {

/// The state of a grain.
enum class GrainState : std::uint8_t { open, finished, lost };

/// How a job is divided into grains of consecutive items.
struct Grains {
    std::size_t size = 1;    ///< items in a grain; the last may have fewer
    std::uint32_t count = 0; ///< how many grains
    bool adaptive = false;   ///< a claim may take several grains, enough to be worthwhile
};

/// One published job, in memory that all workers share.
/// A grain is finished once its flag says so, which is after its results were written. Workers also
/// report how many grains they have finished; that is faster to read, and sufficient while no
/// worker dies. After a death the count is too low, so an audit begins: workers report every grain,
/// and the flags decide.
/// flags decide.
class alignas(line) JobSlot {
public:
    using Flag = std::atomic<GrainState>;
    static constexpr std::size_t inline_closure = 256;
    static constexpr std::size_t inline_flags = 128;

    // ---- For the pool's owner.

    /// Sets everything but the name, which publish() sets. `closure`, `flags`: memory for what does
    /// not fit into the slot, else null. REQUIRES: no worker is in a job of this slot.
    void fill(const Job& job, const Grains& grains, std::byte* closure, Flag* flags) noexcept;
    /// From now on workers may come in, and find the job. Sequentially consistent: a worker says
    /// that it is in the job, then looks at the name again; the owner withdraws the name, then
    /// looks who is in.
    void publish(JobId id) noexcept { id_.store(id, std::memory_order_seq_cst); }
    /// Workers that enter from now on find no job.
    void withdraw() noexcept { id_.store(0, std::memory_order_seq_cst); }
    /// Workers report every grain from now on. Sequentially consistent: what the owner looks at
    /// next was not reported, or it is told.
    void begin_audit() noexcept { audit_.store(true, std::memory_order_seq_cst); }
    bool is_audited() const noexcept { return audit_.load(std::memory_order_seq_cst); }
    /// Whether workers have reported every grain. Sequentially consistent, with the owner's wait:
    /// see OwnerEvent.
    bool all_reported() const noexcept { return unreported_.load(std::memory_order_seq_cst) == 0; }
    /// Sets the state of all grains that end within the items from .. to - 1.
    void mark_items(std::size_t from, std::size_t to, GrainState state) noexcept;

    // ---- For both.

    /// The job's name; 0: none.
    JobId id() const noexcept { return id_.load(std::memory_order_seq_cst); }
    /// REQUIRES (here and below): there is a job.
    const Job& job() const noexcept { return job_; }
    const Grains& grains() const noexcept { return grains_; }
    std::size_t first_item(std::uint32_t grain) const noexcept { return grain * grains_.size; }
    /// One past the last item of the grains before this one.
    std::size_t end_item(std::uint32_t grain) const noexcept {
        return std::min(grain * grains_.size, job_.size);
    }
    /// Release: a reader that sees the state sees the results, too.
    void mark(Range grains, GrainState state) noexcept {
        for (std::uint32_t grain = grains.low; grain < grains.high; ++grain)
            flags_[grain].store(state, std::memory_order_release);
    }
    bool is_open(std::uint32_t grain) const noexcept {
        return flags_[grain].load(std::memory_order_acquire) == GrainState::open;
    }

    // ---- For workers.

    /// So many more grains are finished. Whether the owner must hear of it: these were the last, or
    /// there is an audit. Sequentially consistent: the worker looks next whether the owner sleeps.
    bool report(std::uint64_t grains) noexcept {
        return unreported_.fetch_sub(grains, std::memory_order_seq_cst) == grains || is_audited();
    }

private:
    std::atomic<JobId> id_;
    Job job_;
    Grains grains_;
    Flag* flags_;
    alignas(64) std::byte closure_[inline_closure];
    std::array<Flag, inline_flags> inline_flags_;
    alignas(line) std::atomic<std::uint64_t> unreported_; // grains not yet reported as finished
    std::atomic<bool> audit_;
};

/// A worker's progress in its current claim, and the failed item with the lowest index that it has
/// met. Written by the worker; read by the pool's owner, also after the worker's death.
class Progress {
public:
    /// REQUIRES: no worker looks at it. Relaxed: what publishes the job comes later.
    void reset() noexcept {
        reached_.store(0, std::memory_order_relaxed);
        failure_.store(nullptr, std::memory_order_relaxed);
    }
    /// The worker begins something else, to which the progress recorded so far does not apply.
    void restart() noexcept { reached_.store(0, std::memory_order_relaxed); }

    /// Where TaskContext::reach() writes; release, after the results of the items before.
    std::atomic<std::uint64_t>& reached_word() noexcept { return reached_; }
    /// All items of the latest claim before this one have results, if this one lies in that claim.
    std::size_t reached() const noexcept { return reached_.load(std::memory_order_acquire); }

    /// Acquire: with the note comes its text.
    const FailureNote* failure() const noexcept { return failure_.load(std::memory_order_acquire); }
    /// Release: see failure().
    void set_failure(FailureNote* note) noexcept {
        failure_.store(note, std::memory_order_release);
    }

private:
    std::atomic<std::uint64_t> reached_;
    std::atomic<FailureNote*> failure_;
};

/// One worker's part of one job, or of the queue.
struct alignas(line) JobPart {
    RangeDeque deque;
    Progress progress;
};

} // namespace mp::detail
