// How the pool's owner finds out that no worker is in a job and that no grain of it is left to
// take.

#include "mp/scheduler/visits.hpp"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <memory>

#include "mp/scheduler/range_deque.hpp"
#include "mp/support/model.hpp"

namespace {

using mp::detail::BasicVisits, mp::detail::JobId;

class VisitsModel : public testing::Test {
protected:
    void SetUp() override {
        if (const char* why = model::why_unavailable()) GTEST_SKIP() << why;
    }
};

constexpr JobId job = 7;

struct TwoWorkers {
    std::array<mp::detail::BasicRangeDeque<model::Atomics>, 2> deques;
    std::array<BasicVisits<model::Atomics>, 2> visits;
    bool settled = false;

    bool look() {
        return mp::detail::is_settled(
            job, 2, [this](unsigned i) -> auto& { return visits[i]; },
            [this](unsigned i) -> auto& { return deques[i]; });
    }
};

// Worker 1 has left a grain, as after a death; worker 0 comes and takes it.
TEST_F(VisitsModel, a_job_is_not_settled_while_one_who_comes_moves_a_grain) {
    EXPECT_EQ(model::explore({.preemptions = 3},
                             [](model::Run& run) {
                                 const auto all = std::make_shared<TwoWorkers>();
                                 all->deques[1].push({4, 5});
                                 run.thread([all, &run] {
                                     all->visits[0].visit(job, [&] {
                                         (void)all->deques[0].steal_from(all->deques[1]);
                                         // It works on what it has.
                                         run.wait_until([&run] { return run.is_over(1); });
                                         return true;
                                     });
                                 });
                                 run.thread([all] { all->settled = all->look(); });
                                 run.at_end([all] { return all->settled ? "settled" : ""; });
                             }),
              "");
}

TEST_F(VisitsModel, a_job_whose_slot_was_withdrawn_has_nobody_in_it_whom_the_owner_does_not_see) {
    struct Slot {
        BasicVisits<model::Atomics> visits;
        model::Atomic<JobId> id;
        bool filling = false, seen = false;
    };
    EXPECT_EQ(model::explore({.preemptions = 3},
                             [](model::Run& run) {
                                 const auto all = std::make_shared<Slot>();
                                 all->id.store(job, std::memory_order_seq_cst);
                                 run.thread([all, &run] {
                                     all->visits.visit(job, [&] {
                                         if (all->id.load(std::memory_order_seq_cst) != job)
                                             return false;
                                         all->seen |= all->filling;
                                         run.wait_until([] { return true; });
                                         all->seen |= all->filling;
                                         return true;
                                     });
                                 });
                                 run.thread([all] { // retire, find_free, fill
                                     all->id.store(0, std::memory_order_seq_cst);
                                     if (all->visits.in_job() == job) return;
                                     all->filling = true;
                                 });
                                 run.at_end([all] { return all->seen ? "filled under it" : ""; });
                             }),
              "");
}

} // namespace
