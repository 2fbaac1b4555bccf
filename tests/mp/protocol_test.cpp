// The scheduler with threads as workers, on the same memory that processes share, so that Thread
// Sanitizer can observe them; and what the scheduler does about workers that die.

#include <algorithm>
#include <gtest/gtest.h>

#include <functional>
#include <mp/mp.hpp>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "mp/scheduler/rerun.hpp"
#include "mp/scheduler/scheduler.hpp"
#include "mp/scheduler/shared_state.hpp"
#include "mp/scheduler/worker_loop.hpp"

namespace {

using namespace mp::detail;

// Workers that never end; a test may also check.
class NoStaff : public Staff {
public:
    std::function<void()> on_look = [] {};

    std::vector<mp::os::Watched>& descriptors() noexcept override { return nothing_; }
    void look() override { on_look(); }
    mp::os::Deadline look_by() noexcept override { return std::nullopt; }
    bool end_worker(unsigned) noexcept override { return false; }
    void terminate(const std::string&) noexcept override {}

private:
    std::vector<mp::os::Watched> nothing_;
};

// A scheduler whose workers are threads, and a job that writes i + 1 to index i without atomics.
class Protocol : public testing::Test {
protected:
    explicit Protocol(unsigned workers = 4) : scheduler_({.processes = workers}, staff_) {
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
        scheduler_.wait([&] { return scheduler_.finished(id); }, std::nullopt);
        scheduler_.finish(id);
    }

    NoStaff staff_;
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

// Recovery. There are no workers: the test acts as all of them when the owner first looks at the
// shared state. Later it acts as one that takes what must be run again.
struct Play {
    std::size_t chunksize = 1;
    unsigned retries = 0;
    std::size_t size = 10;
};

void finish(SharedState& shared, std::uint32_t first, std::uint32_t last) {
    shared.job_slot(0).mark({first, last}, GrainState::finished);
}

// Runs the tasks in the queue; returns the items.
std::string rerun(SharedState& shared) {
    std::string ran;
    RangeDeque deque{};
    while (shared.queue().claim(deque, 1) != 0)
        for (Range mine; !(mine = deque.pop(1)).empty();) {
            TaskSlot* task = shared.queue().at(mine.low);
            shared.queue().remove(mine.low, task);
            if (task == nullptr || task->done()) continue;
            const Rerun& again = Rerun::of(*task);
            ran += ", again " + std::to_string(again.next()) + " to " +
                   std::to_string(again.end() - 1);
            shared.job_slot(0).mark_items(again.next(), again.end(), GrainState::finished);
            task->status.finish(TaskState::finished);
        }
    return ran;
}

std::string outcome(Play how, void (*play)(Scheduler&, SharedState&)) {
    bool played = false;
    std::string again;
    NoStaff staff;
    Scheduler scheduler({.processes = 2, .retries = how.retries}, staff);
    staff.on_look = [&] {
        if (!std::exchange(played, true)) play(scheduler, scheduler.shared_state());
        again += rerun(scheduler.shared_state());
        scheduler.owner_event().notify();
    };
    const char function = 0;
    const JobId job = scheduler.post(
        Job{.closure = &function, .closure_size = 1, .size = how.size, .chunksize = how.chunksize});
    scheduler.owner_event().notify();
    scheduler.wait([&] { return scheduler.finished(job); }, std::nullopt);
    try {
        scheduler.finish(job);
    } catch (const mp::WorkerDied& error) {
        return "lost " + std::to_string(error.item()) + again;
    }
    return "finished" + again;
}

// The two workers' parts of the job.
RangeDeque& deque(SharedState& shared, unsigned worker) {
    return shared.job_parts(0)[worker].deque;
}
void reach(SharedState& shared, unsigned worker, std::uint64_t item) {
    shared.job_parts(0)[worker].progress.reached_word() = item;
}
void empty_deques(SharedState& shared) {
    for (const unsigned worker : {0U, 1U}) (void)deque(shared, worker).take_back();
}
void die(Scheduler& scheduler, unsigned worker) { scheduler.worker_lost(worker, -9, Fate::died); }

TEST(WorkerExits, who_dies_while_it_runs_an_item_loses_that_one) {
    EXPECT_EQ(outcome({},
                      [](Scheduler& scheduler, SharedState& shared) {
                          (void)deque(shared, 0).pop(1);
                          die(scheduler, 0);
                          EXPECT_EQ(deque(shared, 0).take_back(), (Range{1, 5}));
                          finish(shared, 1, 10);
                          empty_deques(shared);
                      }),
              "lost 0");
}

TEST(WorkerExits, the_item_is_run_again_as_often_as_is_allowed) {
    EXPECT_EQ(outcome({.retries = 1},
                      [](Scheduler& scheduler, SharedState& shared) {
                          (void)deque(shared, 0).pop(1);
                          die(scheduler, 0);
                          finish(shared, 1, 10);
                          empty_deques(shared);
                      }),
              "finished, again 0 to 0");
}

TEST(WorkerExits, of_a_chunk_what_was_not_done_with_is_run_again_one_by_one) {
    EXPECT_EQ(outcome({.chunksize = 1000, .size = 4000},
                      [](Scheduler& scheduler, SharedState& shared) {
                          (void)deque(shared, 0).pop(1);
                          reach(shared, 0, 128);
                          die(scheduler, 0);
                          finish(shared, 1, 4);
                          empty_deques(shared);
                      }),
              "finished, again 128 to 999");
}

TEST(WorkerExits, of_several_grains_those_that_were_not_begun_go_back) {
    EXPECT_EQ(outcome({.chunksize = 1000, .size = 40'000},
                      [](Scheduler& scheduler, SharedState& shared) {
                          (void)deque(shared, 0).pop(2);
                          finish(shared, 0, 2);
                          (void)deque(shared, 0).pop(13);
                          reach(shared, 0, 3500);
                          die(scheduler, 0);
                          EXPECT_FALSE(shared.job_slot(0).is_open(2));
                          EXPECT_TRUE(shared.job_slot(0).is_open(3));
                          EXPECT_EQ(deque(shared, 0).take_back(), (Range{8, 20}));
                          finish(shared, 8, 40);
                          empty_deques(shared);
                      }),
              "finished, again 3500 to 7999"); // 4096 items, to the end of their last grain
}

TEST(WorkerExits, who_dies_at_the_end_of_a_claim_has_done_it) {
    EXPECT_EQ(outcome({.chunksize = 10, .size = 40},
                      [](Scheduler& scheduler, SharedState& shared) {
                          (void)deque(shared, 0).pop(2);
                          reach(shared, 0, 20);
                          die(scheduler, 0);
                          EXPECT_FALSE(shared.job_slot(0).is_open(1));
                          finish(shared, 2, 4);
                          empty_deques(shared);
                      }),
              "finished");
}

TEST(WorkerExits, where_an_earlier_claim_came_to_says_nothing_of_this_one) {
    EXPECT_EQ(outcome({.chunksize = 10, .size = 40},
                      [](Scheduler& scheduler, SharedState& shared) {
                          (void)deque(shared, 0).pop(1);
                          finish(shared, 0, 1);
                          (void)deque(shared, 0).pop(1);
                          reach(shared, 0, 40); // it had already stolen the end
                          die(scheduler, 0);
                          finish(shared, 2, 4);
                          empty_deques(shared);
                      }),
              "finished, again 10 to 19");
}

TEST(WorkerExits, who_dies_between_two_grains_loses_none) {
    EXPECT_EQ(outcome({},
                      [](Scheduler& scheduler, SharedState& shared) {
                          (void)deque(shared, 0).pop(2);
                          finish(shared, 0, 2);
                          die(scheduler, 0);
                          finish(shared, 2, 10);
                          empty_deques(shared);
                      }),
              "finished");
}

TEST(WorkerExits, who_dies_before_it_took_any_loses_none) {
    EXPECT_EQ(outcome({},
                      [](Scheduler& scheduler, SharedState& shared) {
                          die(scheduler, 0);
                          die(scheduler, 1);
                          finish(shared, 0, 10);
                          empty_deques(shared);
                      }),
              "finished");
}

TEST(WorkerExits, stolen_grains_that_are_in_no_range_are_run_after_all) {
    EXPECT_EQ(outcome({},
                      [](Scheduler& scheduler, SharedState& shared) {
                          deque(shared, 0).push({});
                          // Announced, and taken from the victim, but not received.
                          deque(shared, 0).announce({7, 10});
                          deque(shared, 1).push({6, 7});
                          die(scheduler, 0);
                          finish(shared, 0, 7);
                          empty_deques(shared);
                      }),
              "finished, again 7 to 7, again 8 to 8, again 9 to 9");
}

TEST(WorkerExits, who_dies_before_its_theft_succeeds_loses_none) {
    EXPECT_EQ(outcome({},
                      [](Scheduler& scheduler, SharedState& shared) {
                          deque(shared, 0).push({});
                          deque(shared, 0).announce({7, 10});
                          die(scheduler, 0);
                          finish(shared, 0, 10); // the victim had them all along
                          empty_deques(shared);
                      }),
              "finished");
}

// Takes the next task of the queue as a worker does, up to its begin.
TaskSlot* begin_next(SharedState& shared, unsigned worker) {
    RangeDeque& tasks = shared.task_parts()[worker].deque;
    EXPECT_EQ(shared.queue().claim(tasks, 1), 1U);
    TaskSlot* const task = shared.queue().at(tasks.pop(1).low);
    shared.worker_slot(worker).begin_task(*task);
    EXPECT_TRUE(task->status.try_begin(worker));
    return task;
}

TEST(WorkerExits, who_dies_between_the_end_of_a_rerun_and_saying_so_has_done_it) {
    EXPECT_EQ(outcome({.retries = 2},
                      [](Scheduler& scheduler, SharedState& shared) {
                          (void)deque(shared, 0).pop(1);
                          die(scheduler, 0);
                          finish(shared, 1, 10);
                          empty_deques(shared);
                          TaskSlot* const rerun_of_0 = begin_next(shared, 1);
                          finish(shared, 0, 1);
                          die(scheduler, 1);
                          // The job is over: its memory may be its caller's again.
                          EXPECT_TRUE(rerun_of_0->done());
                          EXPECT_FALSE(shared.queue().has_unclaimed());
                      }),
              "finished");
}

TEST(WorkerExits, a_task_that_a_dead_worker_ran_is_queued_again_whatever_became_of_its_entry) {
    NoStaff staff;
    Scheduler scheduler({.processes = 3, .retries = 1}, staff);
    SharedState& shared = scheduler.shared_state();
    const mp::SharedValue<TaskSlot> memory;
    TaskSlot& task = *memory;
    task.kind = TaskKind::call;
    task.next = 0;
    task.end = 1;
    static FailureNote* no_failure[1] = {};
    static constexpr TaskType type = {.run = [](TaskSlot&, TaskContext&) {},
                                      .items =
                                          [](TaskSlot&) {
                                              return TaskItems{{}, no_failure};
                                          }};
    task.type = &type;
    task.status.reset(TaskState::open);
    scheduler.submit(task);
    // Worker 0 has claimed it, and worker 1 dies while it was about to steal it.
    RangeDeque& tasks = shared.task_parts()[0].deque;
    ASSERT_EQ(shared.queue().claim(tasks, 1), 1U);
    shared.task_parts()[1].deque.announce({0, 1});
    const Range mine = tasks.pop(1);
    ASSERT_EQ(shared.queue().at(mine.low), &task);
    die(scheduler, 1);
    shared.worker_slot(0).begin_task(task);
    ASSERT_TRUE(task.status.try_begin(0));
    // Worker 2 finds the entry that was made for worker 1, and that the task is running.
    RangeDeque& others = shared.task_parts()[2].deque;
    ASSERT_EQ(shared.queue().claim(others, 1), 1U);
    const Range again = others.pop(1);
    ASSERT_EQ(shared.queue().at(again.low), &task);
    ASSERT_FALSE(task.status.try_begin(2));
    shared.queue().remove(again.low, &task);
    die(scheduler, 0);
    ASSERT_TRUE(shared.queue().has_unclaimed()) << "it is lost";
    EXPECT_EQ(begin_next(shared, 0), &task);
    task.status.finish(TaskState::finished);
}

} // namespace
