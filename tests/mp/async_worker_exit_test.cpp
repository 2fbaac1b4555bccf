// Workers that die during asynchronous and lazy calls.

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <mp/mp.hpp>
#include <ranges>
#include <thread>
#include <vector>

#include "support/invariants.hpp"
#include "support/sanitizers.hpp"

namespace {

using AsyncWorkerExits = support::Invariants;

int deadly_seven(int i) {
    if (i == 7) std::raise(SIGKILL);
    return i;
}

TEST_F(AsyncWorkerExits, a_task_that_kills_its_worker_fails_alone) {
    mp::Pool pool(2);
    std::vector<mp::AsyncResult<int>> tasks;
    for (int i = 0; i < 100; ++i) tasks.push_back(pool.apply_async(deadly_seven, i));
    for (int i = 0; i < 100; ++i) {
        auto& task = tasks[static_cast<std::size_t>(i)];
        if (i != 7) {
            EXPECT_EQ(task.get(), i);
            continue;
        }
        try {
            task.get();
            ADD_FAILURE() << "nothing was thrown";
        } catch (const mp::WorkerDied& error) {
            EXPECT_EQ(error.exitcode(), -SIGKILL);
        }
    }
}

TEST_F(AsyncWorkerExits, of_several_maps_only_the_one_with_the_deadly_item_fails) {
    mp::Pool pool(2);
    auto good = pool.map_async([](int i) { return 2 * i; }, std::views::iota(0, 2000), 1);
    auto bad = pool.map_async(deadly_seven, std::views::iota(0, 20), 1);
    auto also_good = pool.map_async([](int i) { return 3 * i; }, std::views::iota(0, 2000));
    EXPECT_THROW(bad.get(), mp::WorkerDied);
    EXPECT_EQ(good.get()[1999], 2 * 1999);
    EXPECT_EQ(also_good.get()[1999], 3 * 1999);
}

TEST_F(AsyncWorkerExits, imap_names_the_deadly_item_and_goes_on) {
    mp::Pool pool(2);
    auto results = pool.imap(deadly_seven, std::views::iota(0, 50));
    int sum = 0;
    std::vector<std::size_t> lost;
    for (bool more = true; more;) {
        try {
            auto at = results.begin();
            if (lost.empty()) sum = 0;
            for (; at != results.end(); ++at) sum += *at;
            more = false;
        } catch (const mp::WorkerDied& error) {
            lost.push_back(error.item());
        }
    }
    EXPECT_EQ(lost, std::vector<std::size_t>{7});
    EXPECT_EQ(sum, 49 * 50 / 2 - 7);
}

TEST_F(AsyncWorkerExits, close_replaces_a_worker_while_there_is_work) {
    mp::Pool pool(1);
    std::vector<mp::AsyncResult<int>> tasks;
    for (int i = 0; i < 20; ++i) tasks.push_back(pool.apply_async(deadly_seven, i));
    auto map = pool.map_async(deadly_seven, {1, 7, 2}, 1);
    pool.close();
    pool.join();
    EXPECT_THROW(map.get(), mp::WorkerDied);
    for (int i = 0; i < 20; ++i) {
        if (i != 7) {
            EXPECT_EQ(tasks[static_cast<std::size_t>(i)].get(), i);
        }
    }
}

TEST_F(AsyncWorkerExits, are_noticed_by_who_only_asks_whether_it_is_ready) {
    mp::Pool pool(2);
    auto task = pool.apply_async(deadly_seven, 7);
    while (!task.ready()) std::this_thread::yield();
    EXPECT_FALSE(task.successful());
    EXPECT_THROW(task.get(), mp::WorkerDied);
}

TEST_F(AsyncWorkerExits, twice_at_one_place_without_work_in_between_cost_nothing) {
    mp::Pool pool(2);
    for (int i = 0; i < 100; ++i) pool.apply(deadly_seven, 1);
    for (int round = 0; round < 3; ++round) {
        const auto before = pool.stats();
        for (const auto& worker : before) kill(worker.pid, SIGKILL);
        const mp::SharedValue<std::atomic<bool>> go;
        auto held = pool.apply_async([open = go.span()] {
            while (!open[0]) std::this_thread::yield();
        });
        while (pool.stats()[0].pid == before[0].pid || pool.stats()[1].pid == before[1].pid)
            (void)held.ready(); // checks for deaths
        *go = true;
        held.get();
    }
    EXPECT_EQ(pool.map(deadly_seven, {1, 2, 3}), (std::vector{1, 2, 3}));
}

TEST_F(AsyncWorkerExits, close_does_not_replace_workers_that_have_left_by_themselves) {
    const mp::SharedValue<std::atomic<int>> started;
    mp::Pool counted({.processes = 4, .initializer = [count = started.span()] { ++count[0]; }});
    const mp::SharedValue<std::atomic<bool>> go;
    auto busy = counted.apply_async([open = go.span()] {
        while (!open[0]) std::this_thread::yield();
    });
    counted.close();
    for (int i = 0; i < 20; ++i) (void)busy.wait(std::chrono::milliseconds(2));
    *go = true;
    counted.join();
    EXPECT_EQ(*started, 4);
}

TEST_F(AsyncWorkerExits, a_child_that_drops_its_copy_of_a_result_leaves_its_parents_alone) {
    mp::Pool pool(2);
    auto results = pool.map_async([](int i) { return i; }, std::views::iota(0, 100'000), 1);
    auto task = pool.apply_async(deadly_seven, 5);
    mp::Process child([&] {
        { auto copy = std::move(results); }
        { auto copy = std::move(task); }
    });
    child.start();
    child.join();
    EXPECT_EQ(child.exitcode(), 0);
    EXPECT_EQ(results.get()[99'999], 99'999);
    EXPECT_EQ(task.get(), 5);
}

TEST_F(AsyncWorkerExits, a_child_cannot_cancel_what_its_parent_has_under_way) {
    mp::Pool pool(1);
    const mp::SharedArray<std::atomic<int>> words(2); // whether it has begun; whether it may end
    const auto task = [shared = words.span()] {
        for (++shared[0]; shared[1] == 0;) std::this_thread::yield();
        return 7;
    };
    auto running = pool.apply_async(task);
    auto waiting = pool.map_async([task](int) { return task(); }, {1, 2});
    while (words[0] == 0) std::this_thread::yield();
    mp::Process child([&] { _exit(running.cancel() || waiting.cancel() ? 1 : 0); });
    child.start();
    child.join();
    words[1] = 1;
    EXPECT_EQ(child.exitcode(), 0);
    EXPECT_EQ(running.get(), 7);
    EXPECT_EQ(waiting.get(), (std::vector{7, 7}));
}

TEST_F(AsyncWorkerExits, nothing_is_lost_or_doubled_while_workers_are_killed_from_outside) {
    mp::Pool pool(3);
    std::atomic<int> taken = 0;
    // Not faster than workers start: that would break the pool.
    const std::jthread killer([&](const std::stop_token& over) {
        for (unsigned k = 0; !over.stop_requested(); ++k) {
            const auto workers = pool.stats();
            kill(workers[k % workers.size()].pid, SIGKILL);
            const int before = taken;
            for (int ms = 0; ms < 100 && (ms == 0 || taken == before) && !over.stop_requested();
                 ++ms)
                std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
    });
    int died = 0;
    for (int round = support::address_sanitizer ? 60 : 300; round > 0; --round) {
        const mp::SharedArray<std::atomic<int>> runs(300);
        const auto count = [out = runs.span()](std::size_t i) {
            ++out[i];
            return i;
        };
        std::vector<mp::AsyncResult<std::size_t>> tasks;
        for (std::size_t i = 0; i < 100; ++i) tasks.push_back(pool.apply_async(count, i));
        auto map = pool.map_async(count, std::views::iota(std::size_t{100}, std::size_t{200}));
        auto lazy = pool.imap(count, std::views::iota(std::size_t{200}, std::size_t{300}),
                              {.chunksize = 3});
        for (std::size_t i = 0; i < 100; ++i) {
            try {
                EXPECT_EQ(tasks[i].get(), i);
                EXPECT_EQ(runs[i], 1);
            } catch (const mp::WorkerDied&) {
                ++died;
            }
            ++taken;
        }
        try {
            const auto results = map.get();
            for (std::size_t i = 0; i < 100; ++i) {
                EXPECT_EQ(results[i], 100 + i);
                EXPECT_GE(runs[100 + i], 1); // items close to the death are run again
            }
        } catch (const mp::WorkerDied&) {
            ++died;
        }
        std::size_t seen = 0;
        for (;;) {
            try {
                for (auto at = lazy.begin(); at != lazy.end(); ++at) ++seen, ++taken;
                break;
            } catch (const mp::WorkerDied&) {
                ++seen;
                ++died;
            }
        }
        EXPECT_GE(seen, 100U);
    }
    std::uint64_t replaced = 0;
    for (const auto& worker : pool.stats()) replaced += worker.restarts;
    EXPECT_GT(replaced, 0U);
    RecordProperty("died", died);
    RecordProperty("replaced", int(replaced));
}

} // namespace
