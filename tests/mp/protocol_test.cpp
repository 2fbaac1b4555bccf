// Claim, commit and park, run by threads over the same memory that processes share: what Thread
// Sanitizer can see.

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <mp/mp.hpp>
#include <numeric>
#include <ranges>
#include <thread>
#include <vector>

#include "mp/scheduler/event_count.hpp"
#include "mp/scheduler/scheduler.hpp"
#include "mp/scheduler/shared_state.hpp"
#include "mp/scheduler/worker_loop.hpp"

namespace {

using namespace mp::detail;

// A scheduler whose workers are threads, and a job that writes i + 1 to place i, plainly, without
// any atomic.
class Protocol : public testing::Test {
protected:
    explicit Protocol(unsigned workers = 4)
        : scheduler_({.processes = workers}, {nothing_, [] {}, [] { return mp::os::Deadline(); }}) {
        for (unsigned i = 0; i < workers; ++i)
            threads_.emplace_back([this, i] {
                const WorkerHost host{[this] { scheduler_.owner_event().notify(); }, this};
                start_worker(scheduler_.shared_state(), i, {}, host);
                run_worker(scheduler_.shared_state(), i, host);
            });
    }
    ~Protocol() override {
        scheduler_.close();
        for (std::thread& thread : threads_) thread.join();
    }

    void run(std::vector<int>& results, std::size_t chunksize) {
        std::ranges::fill(results, 0);
        const char nothing = 0;
        const mp::detail::JobId id = scheduler_.post(mp::detail::Job{
            .run =
                [](const mp::detail::Job& job, std::size_t first, std::size_t last,
                   mp::detail::TaskContext& context) {
                    for (std::size_t i = first; i < last; ++i)
                        static_cast<int*>(job.results)[i] += static_cast<int>(i) + 1;
                    context.reach(last);
                },
            .closure = &nothing,
            .closure_size = 1,
            .results = results.data(),
            .size = results.size(),
            .chunksize = chunksize});
        scheduler_.wait([&] { return scheduler_.finished(id); });
        scheduler_.finish(id);
    }

    std::vector<mp::os::Watched> nothing_;
    Scheduler scheduler_;
    std::vector<std::thread> threads_;
};

TEST_F(Protocol, each_item_runs_once_and_its_result_is_visible_to_the_owner) {
    for (std::size_t size : {1U, 2U, 5U, 300U, 5000U})
        for (std::size_t chunksize : {0U, 1U, 3U}) {
            std::vector<int> results(size);
            for (int round = 0; round < 30; ++round) {
                run(results, chunksize);
                for (std::size_t i = 0; i < size; ++i)
                    ASSERT_EQ(results[i], static_cast<int>(i) + 1);
            }
        }
}

TEST_F(Protocol, short_jobs_in_a_row_never_mix) {
    std::vector<int> results(3);
    for (int round = 0; round < 2000; ++round) {
        run(results, 1);
        ASSERT_EQ(results, (std::vector{1, 2, 3})) << round;
    }
}

TEST(Ranges, own_grains_come_from_the_low_end) {
    RangeDeque deque{};
    deque.range = Range{3, 6}.word();
    for (std::uint32_t expected : {3U, 4U}) {
        EXPECT_EQ(pop(deque, 1).low, expected);
        EXPECT_EQ(deque.base, expected);
    }
    EXPECT_EQ(pop(deque, 7).word(), (Range{5, 6}.word()));
    EXPECT_TRUE(pop(deque, 1).empty());
}

// A shared state without any worker, to play one by hand.
class ByHand : public testing::Test {
protected:
    ByHand() : memory_(new(std::align_val_t{line}) std::byte[SharedState::bytes(3)]()) {
        shared_ = SharedState::make(memory_.get(), 3, 2);
    }
    struct Free {
        void operator()(std::byte* memory) const {
            ::operator delete[](memory, std::align_val_t{line});
        }
    };
    std::unique_ptr<std::byte[], Free> memory_;
    SharedState* shared_;
};

TEST_F(ByHand, a_thief_takes_the_upper_half_and_leaves_no_note) {
    shared_->deque(1, 2).range = Range{10, 20}.word();
    ASSERT_TRUE(steal(*shared_, 1, 0));
    EXPECT_EQ(shared_->deque(1, 0).range, (Range{15, 20}.word()));
    EXPECT_EQ(shared_->deque(1, 0).base, 15U);
    EXPECT_EQ(shared_->deque(1, 0).stealing, 0U);
    EXPECT_EQ(shared_->deque(1, 2).range, (Range{10, 15}.word()));
}

TEST_F(ByHand, the_last_grain_can_be_stolen_and_then_there_is_none) {
    shared_->deque(1, 1).range = Range{7, 8}.word();
    ASSERT_TRUE(steal(*shared_, 1, 0));
    EXPECT_EQ(shared_->deque(1, 0).range, (Range{7, 8}.word()));
    EXPECT_TRUE(Range::of(shared_->deque(1, 1).range).empty());
    shared_->deque(1, 2).range = 0;
    shared_->deque(1, 0).range = 0;
    shared_->deque(1, 1).range = 0;
    EXPECT_FALSE(steal(*shared_, 1, 1));
}

TEST_F(ByHand, nobody_falls_asleep_while_another_has_tasks_that_it_has_not_begun) {
    shared_->task_deque(1).range = Range{3, 5}.word();
    (void)wait_for_work(*shared_, 0, shared_->epoch, false); // returns, although nobody rings
    EXPECT_EQ(shared_->waiters, 0U);
    EXPECT_EQ(shared_->pollers, 0U);
}

TEST(Ranges, every_grain_is_taken_exactly_once_under_contention) {
    constexpr unsigned workers = 4;
    constexpr std::uint32_t grains = 20'000;
    std::unique_ptr<std::byte[]> memory(new (std::align_val_t{line})
                                            std::byte[SharedState::bytes(workers)]());
    SharedState* shared = SharedState::make(memory.get(), workers, 2);
    for (int round = 0; round < 5; ++round) {
        std::vector<std::atomic<int>> taken(grains);
        // All of it lies with one worker, so that the others live by theft.
        for (unsigned i = 0; i < workers; ++i)
            shared->deque(1, i).range = Range{0, i == 0 ? grains : 0}.word();
        std::vector<std::thread> threads;
        for (unsigned i = 0; i < workers; ++i)
            threads.emplace_back([&, i] {
                do
                    for (Range own; !(own = pop(shared->deque(1, i), 3)).empty();)
                        for (std::uint32_t grain = own.low; grain < own.high; ++grain)
                            ++taken[grain];
                while (steal(*shared, 1, i));
            });
        for (std::thread& thread : threads) thread.join();
        for (std::uint32_t grain = 0; grain < grains; ++grain) ASSERT_EQ(taken[grain], 1) << grain;
    }
    ::operator delete[](memory.release(), std::align_val_t{line});
}

// The owner's bookkeeping of deaths. There are no workers: the test plays them, at the owner's
// first look at the shared state; at the later ones it plays one that takes what shall be run
// again.
struct Play {
    std::size_t chunksize = 1;
    unsigned retries = 0;
    std::size_t size = 10;
};

void finish(SharedState& shared, std::uint32_t first, std::uint32_t last) {
    for (std::uint32_t grain = first; grain < last; ++grain)
        shared.job_slots[0].flags[grain] = finished_grain;
}

// Runs what stands in the queue; which items that was.
std::string rerun(SharedState& shared) {
    std::string ran;
    TaskQueue& queue = shared.queue;
    for (; queue.has_unclaimed(); ++queue.claimed) {
        mp::detail::TaskSlot* task = queue.at(queue.claimed).exchange(nullptr);
        if (task == nullptr || task->done()) continue;
        const mp::detail::TaskFrame& frame = mp::detail::TaskFrame::of(*task);
        ran += ", again " + std::to_string(frame.next) + " to " + std::to_string(frame.end - 1);
        const std::size_t grain = shared.job_slots[0].grain;
        finish(shared, static_cast<std::uint32_t>(frame.next / grain),
               static_cast<std::uint32_t>((frame.end - 1) / grain) + 1);
        task->state = static_cast<std::uint32_t>(mp::detail::TaskState::finished);
    }
    return ran;
}

std::string outcome(Play how, void (*play)(Scheduler&, SharedState&)) {
    std::vector<mp::os::Watched> nothing;
    bool played = false;
    std::string again;
    Scheduler* playing = nullptr;
    Scheduler scheduler({.processes = 2, .retries = how.retries},
                        {nothing,
                         [&] {
                             if (!std::exchange(played, true))
                                 play(*playing, playing->shared_state());
                             again += rerun(playing->shared_state());
                             playing->owner_event().notify();
                         },
                         [] { return mp::os::Deadline(); }});
    playing = &scheduler;
    const char function = 0;
    const mp::detail::JobId job = scheduler.post(mp::detail::Job{
        .closure = &function, .closure_size = 1, .size = how.size, .chunksize = how.chunksize});
    scheduler.owner_event().notify();
    scheduler.wait([&] { return scheduler.finished(job); });
    try {
        scheduler.finish(job);
    } catch (const mp::WorkerDied& error) {
        return "lost " + std::to_string(error.item()) + again;
    }
    return "finished" + again;
}

void empty_ranges(SharedState& shared) {
    shared.deque(0, 0).range = 0;
    shared.deque(0, 1).range = 0;
}

void die(Scheduler& scheduler, unsigned worker) {
    scheduler.worker_lost(worker, -9, mp::detail::Fate::died);
}

TEST(WorkerExits, who_dies_while_it_runs_an_item_loses_that_one) {
    EXPECT_EQ(outcome({},
                      [](Scheduler& scheduler, SharedState& shared) {
                          shared.deque(0, 0).range = Range{1, 5}.word();
                          die(scheduler, 0);
                          EXPECT_EQ(shared.deque(0, 0).range, (Range{1, 5}.word()));
                          finish(shared, 1, 10);
                          empty_ranges(shared);
                      }),
              "lost 0");
}

TEST(WorkerExits, the_item_is_run_again_as_often_as_is_allowed) {
    EXPECT_EQ(outcome({.retries = 1},
                      [](Scheduler& scheduler, SharedState& shared) {
                          shared.deque(0, 0).range = Range{1, 5}.word();
                          die(scheduler, 0);
                          finish(shared, 1, 10);
                          empty_ranges(shared);
                      }),
              "finished, again 0 to 0");
}

TEST(WorkerExits, of_a_chunk_what_was_not_done_with_is_run_again_one_by_one) {
    EXPECT_EQ(outcome({.chunksize = 1000, .size = 4000},
                      [](Scheduler& scheduler, SharedState& shared) {
                          shared.deque(0, 0).range = Range{1, 2}.word();
                          shared.deque(0, 0).reached = 128;
                          die(scheduler, 0);
                          finish(shared, 1, 4);
                          empty_ranges(shared);
                      }),
              "finished, again 128 to 999");
}

TEST(WorkerExits, of_several_grains_those_that_were_not_begun_go_back) {
    EXPECT_EQ(outcome({.chunksize = 1000, .size = 40'000},
                      [](Scheduler& scheduler, SharedState& shared) {
                          shared.deque(0, 0).base = 2;
                          shared.deque(0, 0).range = Range{15, 20}.word();
                          shared.deque(0, 0).reached = 3500;
                          finish(shared, 0, 2);
                          die(scheduler, 0);
                          EXPECT_EQ(shared.job_slots[0].flags[2], finished_grain);
                          EXPECT_EQ(shared.job_slots[0].flags[3], open_grain);
                          EXPECT_EQ(shared.deque(0, 0).range, (Range{8, 20}.word()));
                          finish(shared, 8, 40);
                          empty_ranges(shared);
                      }),
              "finished, again 3500 to 7999"); // 4096 items, to the end of their last grain
}

TEST(WorkerExits, who_dies_at_the_end_of_a_claim_has_done_it) {
    EXPECT_EQ(outcome({.chunksize = 10, .size = 40},
                      [](Scheduler& scheduler, SharedState& shared) {
                          shared.deque(0, 0).range = Range{2, 2}.word();
                          shared.deque(0, 0).reached = 20;
                          die(scheduler, 0);
                          EXPECT_EQ(shared.job_slots[0].flags[1], finished_grain);
                          finish(shared, 2, 4);
                          empty_ranges(shared);
                      }),
              "finished");
}

TEST(WorkerExits, where_an_earlier_claim_came_to_says_nothing_of_this_one) {
    EXPECT_EQ(outcome({.chunksize = 10, .size = 40},
                      [](Scheduler& scheduler, SharedState& shared) {
                          shared.deque(0, 0).base = 1;
                          shared.deque(0, 0).range = Range{2, 2}.word();
                          shared.deque(0, 0).reached = 40; // it had stolen the end first
                          finish(shared, 0, 1);
                          die(scheduler, 0);
                          finish(shared, 2, 4);
                          empty_ranges(shared);
                      }),
              "finished, again 10 to 19");
}

TEST(WorkerExits, who_dies_between_two_grains_loses_none) {
    EXPECT_EQ(outcome({},
                      [](Scheduler& scheduler, SharedState& shared) {
                          shared.deque(0, 0).range = Range{2, 5}.word();
                          finish(shared, 0, 2);
                          die(scheduler, 0);
                          finish(shared, 2, 10);
                          empty_ranges(shared);
                      }),
              "finished");
}

TEST(WorkerExits, who_dies_before_it_took_any_loses_none) {
    EXPECT_EQ(outcome({},
                      [](Scheduler& scheduler, SharedState& shared) {
                          die(scheduler, 0);
                          die(scheduler, 1);
                          finish(shared, 0, 10);
                          empty_ranges(shared);
                      }),
              "finished");
}

TEST(WorkerExits, stolen_grains_that_are_in_no_range_are_run_after_all) {
    EXPECT_EQ(outcome({},
                      [](Scheduler& scheduler, SharedState& shared) {
                          shared.deque(0, 0).range = 0;
                          // Announced, and taken from the victim, but not brought home.
                          shared.deque(0, 0).stealing = Range{7, 10}.word();
                          shared.deque(0, 1).range = Range{6, 7}.word();
                          die(scheduler, 0);
                          finish(shared, 0, 7);
                          shared.deque(0, 1).range = 0;
                      }),
              "finished, again 7 to 7, again 8 to 8, again 9 to 9");
}

TEST(WorkerExits, who_dies_before_its_theft_succeeds_loses_none) {
    EXPECT_EQ(outcome({},
                      [](Scheduler& scheduler, SharedState& shared) {
                          shared.deque(0, 0).range = 0;
                          shared.deque(0, 0).stealing = Range{7, 10}.word();
                          die(scheduler, 0);
                          finish(shared, 0, 10); // the victim had them all the time
                          shared.deque(0, 1).range = 0;
                      }),
              "finished");
}

} // namespace
