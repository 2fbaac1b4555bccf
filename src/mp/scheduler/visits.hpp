#pragma once

#include <atomic>
#include <cstdint>

#include "mp/backend.hpp"
#include "mp/scheduler/atomics.hpp"

namespace mp::detail {

/// What a worker says of where it is: in a job, at the queue, or outside; and how often it has come
/// anywhere. The worker writes both words; after its death the pool's owner clears the first.
template <class Atomics = SystemAtomics> class BasicVisits {
    template <class T> using Atomic = typename Atomics::template Atomic<T>;

public:
    /// Says that the worker looks at a job, or at the queue, for as long as `work` takes. It says
    /// so first and looks then; the owner withdraws a job first, then looks who is in it.
    ///
    /// It is counted after it has said so: an owner that has counted it sees it in the job. The
    /// other way round is_settled() could look at the worker between the two.
    ///
    /// Sequentially consistent, all of them: store buffering between this and JobSlot::withdraw()
    /// or the owner's look at a deque would hide a worker that is in.
    template <class F> bool visit(JobId job, F work) {
        enter(job);
        const bool worked = work();
        leave();
        return worked;
    }
    void enter(JobId job) noexcept {
        in_job_.store(job, std::memory_order_seq_cst);
        visits_.fetch_add(1, std::memory_order_seq_cst);
    }
    /// The worker is done; or it has died, and the owner says so for it.
    void leave() noexcept { in_job_.store(0, std::memory_order_seq_cst); }
    JobId in_job() const noexcept { return in_job_.load(std::memory_order_seq_cst); }
    std::uint64_t count() const noexcept { return visits_.load(std::memory_order_seq_cst); }

private:
    Atomic<std::uint64_t> visits_;
    Atomic<JobId> in_job_;
};

using Visits = BasicVisits<>;

/// Whether no worker is in the job and none has a grain of it: then what is open was lost.
/// `visits_of(i)`, `deque_of(i)`: those of the worker i, below `workers`.
///
/// A worker that is outside when it is looked at gains nothing later without another visit; so
/// if none has come meanwhile, no grain was moved from a deque that was still to be looked at
/// into one that had been.
template <class V, class D>
bool is_settled(JobId job, unsigned workers, V visits_of, D deque_of) noexcept {
    const auto visits = [&] {
        std::uint64_t sum = 0;
        for (unsigned i = 0; i < workers; ++i) sum += visits_of(i).count();
        return sum;
    };
    const std::uint64_t before = visits();
    for (unsigned i = 0; i < workers; ++i)
        if (visits_of(i).in_job() == job || deque_of(i).has_stealable()) return false;
    return visits() == before;
}

} // namespace mp::detail
