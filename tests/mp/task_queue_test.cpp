// The queue of tasks: the pool's owner submits, workers claim, steal and run, and may die at any
// step.

#include "mp/scheduler/task_queue.hpp"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "mp/scheduler/event_count.hpp"
#include "mp/support/model.hpp"

namespace {

using mp::detail::BasicEventCount, mp::detail::BasicRangeDeque, mp::detail::BasicTaskStatus,
    mp::detail::TaskState, mp::detail::BasicTaskQueue, mp::detail::Range, mp::detail::SystemAtomics;

template <class Atomics> struct BasicTask {
    BasicTaskStatus<Atomics::template Atomic> status;
    int runs = 0; // not atomic: only the worker that has begun it writes it

    bool begin(std::uint32_t worker) { return status.try_begin(worker); }
    void end() {
        ++runs;
        status.finish(TaskState::finished);
    }
};

template <class Atomics, std::size_t Tasks, std::size_t Workers, std::uint32_t Capacity = 1U << 20>
struct Pool {
    using Task = BasicTask<Atomics>;
    using Queue = BasicTaskQueue<Task, Atomics, Capacity>;

    std::array<Task, Tasks> tasks{};
    std::array<typename Queue::Entry, 2 * Tasks> entries{}; // some are submitted twice
    Queue queue{};
    std::array<BasicRangeDeque<Atomics>, Workers> deques{};

    Pool() { queue.open(entries.data()); }

    void run_own(std::uint32_t self) {
        for (Range own; !(own = deques[self].pop(1)).empty();) {
            Task* const task = queue.at(own.low);
            if (task == nullptr) continue;
            if (task->begin(self)) task->end();
            queue.remove(own.low, task);
        }
    }
    bool steal(std::uint32_t self) {
        for (std::size_t step = 1; step < Workers; ++step)
            if (deques[self].steal_from(deques[(self + step) % Workers])) return true;
        return false;
    }
    // Runs tasks until it finds none.
    void work(std::uint32_t self) {
        do run_own(self);
        while (queue.claim(deques[self], Workers) != 0 || steal(self));
    }
    void submit_all() {
        for (Task& task : tasks) queue.submit(task);
    }
    std::string check(std::size_t entries_used) const {
        for (std::size_t i = 0; i < Tasks; ++i)
            if (tasks[i].runs != 1)
                return "task " + std::to_string(i) + " was run " + std::to_string(tasks[i].runs) +
                       " times";
        for (std::size_t at = 0; at < entries_used; ++at)
            if (!queue.is_empty(static_cast<std::uint32_t>(at)))
                return "entry " + std::to_string(at) + " is not empty";
        return {};
    }
};

TEST(TaskQueue, a_worker_claims_a_part_of_what_is_there_from_the_front) {
    Pool<SystemAtomics, 12, 2> pool;
    EXPECT_FALSE(pool.queue.has_unclaimed());
    pool.submit_all();
    EXPECT_TRUE(pool.queue.has_unclaimed());
    EXPECT_EQ(pool.queue.claim(pool.deques[0], 2), 3U);
    EXPECT_EQ(pool.queue.claim(pool.deques[1], 2), 2U);
    EXPECT_EQ(pool.deques[0].pop(100), (Range{0, 3}));
    EXPECT_EQ(pool.deques[1].pop(100), (Range{3, 5}));
    EXPECT_EQ(pool.queue.at(4), &pool.tasks[4]);
}

TEST(TaskQueue, an_entry_can_be_used_again_once_its_task_was_run) {
    Pool<SystemAtomics, 1, 1> pool;
    pool.submit_all();
    EXPECT_FALSE(pool.queue.is_empty(0));
    EXPECT_EQ(pool.queue.end(), 1U);
    pool.work(0);
    EXPECT_TRUE(pool.queue.is_empty(0));
    EXPECT_EQ(pool.check(1), "");
}

TEST(TaskQueue, what_is_discarded_nobody_claims) {
    Pool<SystemAtomics, 3, 1> pool;
    pool.submit_all();
    pool.queue.discard_unclaimed();
    EXPECT_FALSE(pool.queue.has_unclaimed());
    EXPECT_EQ(pool.queue.claim(pool.deques[0], 1), 0U);
    EXPECT_FALSE(pool.deques[0].is_in_use());
}

TEST(TaskQueue, a_dead_workers_tasks_are_submitted_again_except_what_it_ran) {
    Pool<SystemAtomics, 8, 1> pool;
    pool.submit_all();
    ASSERT_EQ(pool.queue.claim(pool.deques[0], 1), 4U);
    const Range first = pool.deques[0].pop(1);
    pool.tasks[0].begin(0);
    pool.tasks[0].end();
    pool.queue.remove(first.low, &pool.tasks[0]);
    (void)pool.deques[0].pop(1); // the worker dies here
    std::vector<const void*> again;
    pool.queue.owner_died(pool.deques[0], [&](auto& task) { again.push_back(&task); });
    EXPECT_EQ(again, (std::vector<const void*>{&pool.tasks[1], &pool.tasks[2], &pool.tasks[3]}));
    for (const std::uint32_t at : {0U, 1U, 2U, 3U}) EXPECT_TRUE(pool.queue.is_empty(at));
    again.clear();
    pool.queue.owner_died(pool.deques[0], [&](auto& task) { again.push_back(&task); });
    EXPECT_TRUE(again.empty());
}

// A worker dies between the end of a task and emptying its entry; by then the task's memory holds
// the next task, which another worker runs at another position.
TEST(TaskQueue, the_entry_of_a_dead_worker_is_emptied_though_its_task_is_another_by_now) {
    Pool<SystemAtomics, 1, 2> pool;
    auto& [task] = pool.tasks;
    pool.queue.submit(task);
    (void)pool.queue.claim(pool.deques[0], 1);
    (void)pool.deques[0].pop(1);
    ASSERT_TRUE(task.begin(0));
    task.end(); // and here it is killed

    task.status.reset(TaskState::open);
    pool.queue.submit(task);
    (void)pool.queue.claim(pool.deques[1], 1);
    const Range own = pool.deques[1].pop(1);
    ASSERT_TRUE(task.begin(1));
    pool.queue.owner_died(pool.deques[0], [](auto&) { FAIL() << "nothing is to be run again"; });
    EXPECT_TRUE(pool.queue.is_empty(0));
    task.end();
    pool.queue.remove(own.low, &task);
    EXPECT_TRUE(pool.queue.is_empty(1));
}

TEST(TaskQueueThreads, run_each_task_once) {
    constexpr std::size_t tasks = 4000, workers = 3;
    const auto pool = std::make_unique<Pool<SystemAtomics, tasks, workers>>();
    std::atomic<bool> all_are_there = false;
    std::vector<std::thread> threads;
    for (std::uint32_t self = 0; self < workers; ++self)
        threads.emplace_back([&, self] {
            while (!all_are_there) pool->work(self);
            pool->work(self);
        });
    pool->submit_all();
    all_are_there = true;
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(pool->check(tasks), "");
}

// ---- Every interleaving of short threads.

class TaskQueueModel : public testing::Test {
protected:
    void SetUp() override {
        if (const char* why = model::why_unavailable()) GTEST_SKIP() << why;
    }
};

TEST_F(TaskQueueModel, each_task_is_run_once) {
    EXPECT_EQ(model::explore({.preemptions = 2},
                             [](model::Run& run) {
                                 const auto pool = std::make_shared<Pool<model::Atomics, 2, 2>>();
                                 run.thread([pool] { pool->submit_all(); });
                                 for (const std::uint32_t self : {0U, 1U})
                                     run.thread([pool, self] { pool->work(self); });
                                 run.at_end([pool] {
                                     pool->work(0); // tasks that arrived after its last check
                                     return pool->check(2);
                                 });
                             }),
              "");
}

TEST_F(TaskQueueModel, a_submitted_task_wakes_a_worker_that_sleeps) {
    struct State : Pool<model::Atomics, 1, 1> {
        BasicEventCount<model::Atomics> events{};
        BasicEventCount<model::Atomics>::Waiter waiter{};
    };
    EXPECT_EQ(model::explore({.preemptions = 2},
                             [](model::Run& run) {
                                 const auto pool = std::make_shared<State>();
                                 pool->events.open(1, 2);
                                 run.thread([pool] {
                                     pool->queue.submit(pool->tasks[0]);
                                     if (pool->events.has_waiters()) pool->events.notify(1);
                                 });
                                 run.thread([pool] {
                                     while (pool->tasks[0].runs == 0) {
                                         const auto key = pool->events.key();
                                         pool->work(0);
                                         if (pool->tasks[0].runs != 0) break;
                                         pool->events.wait(
                                             0, pool->waiter, key,
                                             [&] { return pool->queue.has_unclaimed(); },
                                             [] { return false; });
                                     }
                                 });
                                 run.at_end([pool] { return pool->check(1); });
                             }),
              "");
}

TEST_F(TaskQueueModel, a_worker_may_die_at_any_step) {
    EXPECT_EQ(model::explore({.preemptions = 1, .killed = 0},
                             [](model::Run& run) {
                                 const auto pool = std::make_shared<Pool<model::Atomics, 2, 2>>();
                                 pool->submit_all();
                                 run.thread([pool] { pool->work(0); });
                                 run.thread([pool] { pool->work(1); });
                                 run.thread([pool, &run] { // the pool's owner
                                     run.wait_until([&run] { return run.is_over(0); });
                                     for (auto& task :
                                          pool->tasks) // the task it was running is lost
                                         if (task.status.is_running_on(0)) {
                                             task.runs = 1;
                                             task.status.finish(TaskState::finished);
                                         }
                                     pool->queue.owner_died(pool->deques[0], [&](auto& task) {
                                         pool->queue.submit(task);
                                     });
                                 });
                                 run.at_end([pool] {
                                     pool->work(1);
                                     return pool->check(4);
                                 });
                             }),
              "");
}

// The ring is full, and the death of a thief makes room in it for another task while a worker is
// about to empty the same entry.
TEST_F(TaskQueueModel, an_entry_that_is_used_again_is_not_emptied_for_the_task_before) {
    using Ring = Pool<model::Atomics, 3, 2, 2>;
    EXPECT_EQ(model::explore({.preemptions = 2, .killed = 1},
                             [](model::Run& run) {
                                 const auto pool = std::make_shared<Ring>();
                                 for (const std::size_t i : {0U, 1U})
                                     pool->queue.submit(pool->tasks[i]);
                                 (void)pool->queue.claim(pool->deques[0], 1); // the first
                                 run.thread([pool] { pool->run_own(0); });
                                 run.thread([pool] { (void)pool->steal(1); });
                                 run.thread([pool, &run] { // the pool's owner
                                     run.wait_until([&run] { return run.is_over(1); });
                                     std::vector<Ring::Task*> again;
                                     pool->queue.owner_died(pool->deques[1], [&](auto& task) {
                                         again.push_back(&task);
                                     });
                                     again.push_back(&pool->tasks[2]);
                                     for (Ring::Task* const task : again) {
                                         if (!pool->queue.has_room())
                                             run.wait_until([&run] { return run.is_over(0); });
                                         while (!pool->queue.has_room()) pool->work(0);
                                         pool->queue.submit(*task);
                                     }
                                 });
                                 run.at_end([pool] {
                                     pool->work(0);
                                     return pool->check(2);
                                 });
                             }),
              "");
}

} // namespace
