// Work that is ended while it runs: cancelled, timed out, dropped, or ended with its pool.

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <optional>
#include <ranges>
#include <stdexcept>
#include <vector>

#include "mp/ends.hpp"
#include "mp/os/syscall.hpp"

namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

class CallingOff : public Ends {};
INSTANTIATE_TEST_SUITE_P(Backend, CallingOff, testing::Values("threads", "processes"),
                         [](const auto& test) { return test.param; });

using CallingOffProcesses = support::Invariants;

// ---- Workers that are ended.

std::atomic<bool>* fork_server_may_speak = nullptr; // in shared memory
pid_t pool_owner = 0;

// The fork server creates workers but cannot report them, as if it had no CPU time.
class SilentForkServer {
public:
    SilentForkServer() {
        *free_ = true;
        fork_server_may_speak = free_.span().data();
        pool_owner = getpid();
        mp::os::fault_hook = [](mp::os::Call call) {
            if (call == mp::os::Call::send && getpid() != pool_owner)
                while (!*fork_server_may_speak) sched_yield();
            return 0;
        };
    }
    ~SilentForkServer() {
        speak(true);
        mp::os::fault_hook = nullptr;
    }
    void speak(bool may) const { *free_ = may; }

private:
    mp::SharedValue<std::atomic<bool>> free_;
};

TEST_F(CallingOffProcesses, cancel_ends_what_runs_in_a_worker_that_the_owner_has_not_heard_of) {
    const SilentForkServer silent;
    const mp::SharedValue<std::atomic<int>> begun;
    mp::Pool pool(1);
    for (int round = 1; round < 6; round += 2) {
        auto call = pool.apply_async(endless(begun), 1);
        wait_for(begun, round);
        auto map = pool.map_async(endless(begun), {1, 2, 3});
        silent.speak(false);
        ASSERT_TRUE(call.cancel());
        EXPECT_THROW(call.get(10s), mp::Cancelled);
        wait_for(begun, round + 1);
        ASSERT_TRUE(map.cancel());
        EXPECT_THROW(map.get(10s), mp::Cancelled);
        silent.speak(true);
        EXPECT_EQ(pool.apply([] { return 7; }), 7);
    }
    for (const auto& worker : pool.stats()) EXPECT_EQ(worker.restarts, 6U);
}

TEST_F(CallingOffProcesses,
       a_worker_that_ends_before_the_template_has_told_of_it_is_replaced_once) {
    const SilentForkServer silent;
    const mp::SharedValue<std::atomic<int>> begun;
    mp::Pool pool(1);
    auto first = pool.apply_async(endless(begun), 1);
    wait_for(begun, 1);
    silent.speak(false);
    ASSERT_TRUE(first.cancel());
    EXPECT_THROW(first.get(10s), mp::Cancelled);
    auto second = pool.apply_async(endless(begun), 2);
    wait_for(begun, 2);
    ASSERT_TRUE(second.cancel());
    EXPECT_THROW(second.get(10s), mp::Cancelled);
    auto third = pool.apply_async([] { return mp::this_process::pid(); });
    silent.speak(true);
    EXPECT_EQ(third.get(), pool.apply([] { return mp::this_process::pid(); }));
    EXPECT_EQ(pool.stats()[0].restarts, 2U);
}

TEST_F(CallingOffProcesses, task_timeout_and_terminate_reach_a_worker_that_is_not_heard_of) {
    for (const bool timed : {true, false}) {
        const SilentForkServer silent;
        const mp::SharedValue<std::atomic<int>> begun;
        mp::Pool pool({.processes = 1, .task_timeout = timed ? 100ms : 0ms});
        auto first = pool.apply_async(endless(begun), 1);
        wait_for(begun, 1);
        silent.speak(false);
        ASSERT_TRUE(first.cancel());
        EXPECT_THROW(first.get(10s), mp::Cancelled);
        auto second = pool.apply_async(endless(begun), 2);
        wait_for(begun, 2);
        if (timed)
            EXPECT_TRUE(second.wait(10s));
        else
            pool.terminate();
        silent.speak(true);
        if (timed)
            EXPECT_THROW(second.get(), mp::TimeoutError);
        else
            EXPECT_THROW(second.get(), mp::BrokenPool);
    }
}

TEST_F(CallingOffProcesses, an_item_that_stops_itself_does_not_go_on_when_its_time_is_over) {
    const OnOneCpu one;
    mp::Pool pool({.processes = 2, .task_timeout = 50ms});
    for (int round = 0; round < 5; ++round) {
        const mp::SharedValue<std::atomic<int>> went_on;
        const auto stops = [count = went_on.span()](int i) {
            if (i == 3) {
                std::raise(SIGSTOP);
                ++count[0];
            }
            return i;
        };
        EXPECT_THROW(pool.apply(stops, 3), mp::TimeoutError);
        EXPECT_THROW(pool.map(stops, {0, 1, 2, 3, 4, 5}, 1), mp::TimeoutError);
        auto lazy = pool.imap(stops, std::vector{3});
        EXPECT_THROW((void)lazy.begin(), mp::TimeoutError);
        EXPECT_EQ(*went_on, 0);
    }
}

TEST_F(CallingOffProcesses, an_item_that_stops_itself_does_not_go_on_when_it_is_called_off) {
    const OnOneCpu one;
    for (int round = 0; round < 5; ++round) {
        const mp::SharedArray<std::atomic<int>> words(2);
        const auto stops = [shared = words.span()](int) {
            ++shared[0];
            std::raise(SIGSTOP);
            ++shared[1];
        };
        auto pool = std::make_unique<mp::Pool>(2);
        auto call = pool->apply_async(stops, 1);
        while (words[0] == 0) std::this_thread::yield();
        ASSERT_TRUE(call.cancel());
        EXPECT_THROW(call.get(), mp::Cancelled);
        auto map = pool->map_async(stops, {1, 2}, 1);
        while (words[0] < 3) std::this_thread::yield();
        pool->terminate();
        EXPECT_THROW(map.get(), mp::BrokenPool);
        EXPECT_EQ(words[1], 0);
    }
}

TEST_P(CallingOff, a_call_that_no_worker_has_begun_is_not_begun_after_terminate) {
    for (int round = 0; round < 10; ++round) {
        const mp::SharedArray<std::atomic<Clock::rep>> times(2);
        auto pool = make(1);
        const auto item = [out = times.span()](int i) {
            const auto now = Clock::now();
            out[0] = now.time_since_epoch().count();
            while (Clock::now() < now + 50ms) {
            }
            out[1] = 1;
            return i;
        };
        mp::AsyncResult<int> call;
        mp::AsyncResult<std::vector<int>> map;
        if (round % 2 == 0)
            call = pool->apply_async(item, 1);
        else
            map = pool->map_async(item, {1});
        const auto terminated = Clock::now().time_since_epoch().count();
        pool->terminate();
        // Items that have begun may end; items that a thread has begun do end.
        if (times[0] != 0 && (times[0] <= terminated || GetParam() == "threads")) continue;
        EXPECT_EQ(times[1], 0);
        if (round % 2 == 0)
            EXPECT_THROW(call.get(), mp::BrokenPool);
        else
            EXPECT_THROW(map.get(), mp::BrokenPool);
    }
}

// ---- Results that are dropped.

// One item that only SIGKILL ends, and one that ends after a while.
auto stubborn(const mp::SharedArray<std::atomic<int>>& words) {
    return [shared = words.span()](int i) {
        if (i == 0) std::signal(SIGTERM, SIG_IGN);
        ++shared[0];
        for (const auto until = Clock::now() + 10s; Clock::now() < until;)
            std::this_thread::sleep_for(1ms);
        ++shared[1];
        return i;
    };
}

TEST_F(CallingOffProcesses, a_dropped_map_does_not_wait_for_what_runs_of_it) {
    const mp::SharedArray<std::atomic<int>> words(2);
    mp::Pool pool(2);
    {
        auto map = pool.map_async(stubborn(words), {0, 1, 2, 3}, 1);
        while (words[0] < 2) std::this_thread::yield();
    }
    EXPECT_EQ(words[0], 2); // the others were cancelled
    EXPECT_EQ(words[1], 0);
    EXPECT_EQ(pool.map([](int i) { return i; }, {1, 2}), (std::vector{1, 2}));
    EXPECT_EQ(words[0], 2);
    try {
        auto map = pool.map_async(stubborn(words), {0, 1}, 1);
        while (words[0] < 4) std::this_thread::yield();
        throw std::runtime_error("unwinds");
    } catch (const std::runtime_error&) {
    }
    EXPECT_EQ(words[1], 0);
    EXPECT_EQ(pool.apply([] { return 3; }), 3);
}

TEST_F(CallingOffProcesses, a_map_that_is_dropped_at_the_programs_end_does_not_hold_it_up) {
    for (const bool pool_first : {false, true}) {
        const mp::SharedArray<std::atomic<int>> words(2);
        mp::Process program([&] {
            using Result = mp::AsyncResult<std::vector<int>>;
            if (pool_first) {
                static mp::Pool pool(2);
                static Result map = pool.map_async(stubborn(words), {0, 1, 2}, 1);
            } else {
                static Result map;
                static mp::Pool pool(2);
                map = pool.map_async(stubborn(words), {0, 1, 2}, 1);
            }
            while (words[0] < 2) std::this_thread::yield();
            std::exit(3);
        });
        program.start();
        program.join();
        EXPECT_EQ(program.exitcode(), 3);
        EXPECT_EQ(words[1], 0);
    }
}

TEST_F(CallingOffProcesses, a_map_of_short_items_is_dropped_without_the_loss_of_a_worker) {
    mp::Pool pool(2);
    const mp::SharedValue<std::atomic<int>> begun;
    for (int round = 0; round < 100; ++round) {
        auto map = pool.map_async([count = begun.span()](int) { ++count[0]; },
                                  std::views::iota(0, 1'000'000));
        wait_for(begun, round);
    }
    std::uint64_t restarts = 0;
    for (const auto& worker : pool.stats()) restarts += worker.restarts;
    EXPECT_LT(restarts, 20U); // a busy machine may delay a worker now and then
}

TEST_P(CallingOff, nothing_of_a_dropped_map_is_running_once_it_is_gone) {
    const mp::SharedArray<std::atomic<int>> words(2);
    auto pool = make(2);
    for (int round = 0; round < 20; ++round) {
        const int before = words[0];
        {
            auto map = pool->map_async(
                [shared = words.span()](int) {
                    ++shared[0];
                    for (int i = 0; i < 1000; ++i) shared[1] = i;
                    shared[1] = -1;
                },
                std::views::iota(0, 1'000'000), 1);
            while (words[0] == before) std::this_thread::yield();
        }
        words[1] = -2;
        EXPECT_EQ(pool->apply([] { return 1; }), 1);
        EXPECT_EQ(words[1], -2);
    }
}

TEST_F(CallingOffProcesses, a_drop_beside_terminate_gives_no_memory_back_that_is_written_to) {
    for (int round = 0; round < 30; ++round) {
        const mp::SharedValue<std::atomic<int>> inside;
        mp::Pool pool({.processes = 2, .backend = "threads"});
        std::optional map = pool.map_async(
            [count = inside.span()](int) {
                ++count[0];
                for (const auto until = Clock::now() + 2ms; Clock::now() < until;) {
                }
                --count[0];
            },
            std::views::iota(0, 100), 1);
        while (*inside == 0) std::this_thread::yield();
        std::thread ends([&] { pool.terminate(); });
        map.reset();
        EXPECT_EQ(*inside, 0);
        ends.join();
    }
}

} // namespace
