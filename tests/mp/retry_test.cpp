// What a pool does besides replacing a dead worker: it runs items again, ends those that take too
// long, and replaces workers after maxtasksperchild chunks.

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <ctime>
#include <limits>
#include <map>
#include <mp/mp.hpp>
#include <numeric>
#include <ranges>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "mp/backends/worker_process.hpp"
#include "support/invariants.hpp"

namespace {

using namespace std::chrono_literals;

using Retry = support::Invariants;

auto numbers(int count) { return std::views::iota(0, count); }

// Counts its runs by item, and kills its worker in the first `worker_exits` runs of the deadly
// item.
struct Deadly {
    std::span<std::atomic<int>> runs;
    int item;
    int worker_exits;

    int operator()(int i) const {
        const int run = ++runs[static_cast<std::size_t>(i)];
        if (i == item && run <= worker_exits) std::raise(SIGKILL);
        return 3 * i;
    }
};

std::vector<int> expected(int count) {
    std::vector<int> all;
    for (int i = 0; i < count; ++i) all.push_back(3 * i);
    return all;
}

TEST_F(Retry, an_item_that_kills_its_worker_once_is_run_again_in_every_form_and_chunk) {
    mp::Pool pool({.processes = 2, .retries = 1});
    for (const std::size_t chunksize : {0U, 1U, 7U, 64U, 100U, 1000U}) {
        const auto deadly = [](const mp::SharedArray<std::atomic<int>>& runs) {
            return Deadly{runs.span(), 77, 1};
        };
        const mp::SharedArray<std::atomic<int>> mapped(300), starred(300), lazy(300), loose(300);
        EXPECT_EQ(pool.map(deadly(mapped), numbers(300), chunksize), expected(300)) << chunksize;
        std::vector<std::tuple<int>> tuples;
        for (int i : numbers(300)) tuples.emplace_back(i);
        EXPECT_EQ(pool.starmap(deadly(starred), tuples, chunksize), expected(300));
        std::vector<int> results;
        for (int result : pool.imap(deadly(lazy), numbers(300), {.chunksize = chunksize}))
            results.push_back(result);
        EXPECT_EQ(results, expected(300));
        int sum = 0;
        for (int result :
             pool.imap_unordered(deadly(loose), numbers(300), {.chunksize = chunksize}))
            sum += result;
        EXPECT_EQ(sum, 3 * 299 * 300 / 2);
        for (const auto* runs : {&mapped, &starred, &lazy, &loose})
            for (std::size_t i = 0; i < runs->size(); ++i) EXPECT_LE((*runs)[i], i == 77 ? 3 : 2);
    }
}

TEST_F(Retry, a_call_is_run_again_too) {
    mp::Pool pool({.processes = 2, .retries = 2});
    const mp::SharedArray<std::atomic<int>> runs(10);
    EXPECT_EQ(pool.apply(Deadly{runs.span(), 3, 2}, 3), 9);
    EXPECT_EQ(runs[3], 3);
    EXPECT_THROW(pool.apply(Deadly{runs.span(), 4, 100}, 4), mp::WorkerDied);
    EXPECT_EQ(runs[4], 3);
    EXPECT_EQ(pool.apply_async(Deadly{runs.span(), 5, 1}, 5).get(), 15);
}

TEST_F(Retry, an_item_that_kills_every_worker_fails_alone_after_its_retries) {
    mp::Pool pool({.processes = 2, .retries = 3});
    const mp::SharedArray<std::atomic<int>> runs(50);
    try {
        pool.map(Deadly{runs.span(), 20, 1000}, numbers(50), 1);
        FAIL() << "nothing was thrown";
    } catch (const mp::WorkerDied& error) {
        EXPECT_EQ(error.item(), 20U);
        EXPECT_EQ(error.exitcode(), -SIGKILL);
        EXPECT_FALSE(error.out_of_memory());
    }
    for (std::size_t i = 0; i < runs.size(); ++i) EXPECT_EQ(runs[i], i == 20 ? 4 : 1) << i;
    std::uint64_t restarts = 0;
    for (const auto& worker : pool.stats()) restarts += worker.restarts;
    EXPECT_EQ(restarts, 4U);
}

TEST_F(Retry, stats_keep_what_a_worker_that_died_has_computed) {
    mp::Pool pool({.processes = 1, .retries = 1});
    const mp::SharedArray<std::atomic<int>> runs(1);
    const auto computes_and_dies = [ran = runs.span()](int) {
        const std::clock_t end = std::clock() + CLOCKS_PER_SEC / 50;
        while (std::clock() < end) continue;
        return ++ran[0] == 1 ? std::raise(SIGKILL) : 0;
    };
    pool.map(computes_and_dies, numbers(1));
    const mp::WorkerStats worker = pool.stats()[0];
    EXPECT_EQ(worker.restarts, 1U);
    ASSERT_TRUE(worker.cpu_seconds.has_value());
    EXPECT_GE(*worker.cpu_seconds, 0.038); // twice 20 ms, minus the difference between the clocks
}

TEST_F(Retry, of_many_deadly_items_in_one_chunk_each_fails_and_the_others_do_not) {
    mp::Pool pool(2);
    const auto deadly = [](int i) { return i % 10 == 3 ? std::raise(SIGSEGV) : 2 * i; };
    std::vector<int> results, lost;
    auto lazy = pool.imap(deadly, numbers(100), {.chunksize = 100});
    for (bool more = true; more;) {
        try {
            // After an error, begin() is where the iteration continues.
            for (auto at = lazy.begin(); at != lazy.end(); ++at) results.push_back(*at);
            more = false;
        } catch (const mp::WorkerDied& error) {
            lost.push_back(static_cast<int>(error.item()));
        }
    }
    EXPECT_EQ(lost, (std::vector{3, 13, 23, 33, 43, 53, 63, 73, 83, 93}));
    EXPECT_EQ(results.size(), 90U);
    try {
        pool.map(deadly, numbers(100), 100);
        FAIL() << "nothing was thrown";
    } catch (const mp::WorkerDied& error) {
        EXPECT_EQ(error.item(), 3U);
    }
}

TEST_F(Retry, what_is_packed_is_run_again_and_delivered_once) {
    mp::Pool pool({.processes = 2, .retries = 1});
    const mp::SharedArray<std::atomic<int>> runs(200);
    const auto deadly = [runs = runs.span()](const std::string& text) {
        const auto i = static_cast<std::size_t>(std::stoi(text));
        if (++runs[i] == 1 && i % 50 == 20) std::raise(SIGKILL);
        return text + std::string(1000, '!');
    };
    std::vector<std::string> texts;
    for (int i : numbers(200)) texts.push_back(std::to_string(i));
    const auto results = pool.map(deadly, texts, 40);
    for (std::size_t i = 0; i < results.size(); ++i)
        EXPECT_EQ(results[i], texts[i] + std::string(1000, '!'));
}

TEST_F(Retry, an_exception_that_was_thrown_before_the_death_is_still_told) {
    mp::Pool pool({.processes = 1, .retries = 1});
    const mp::SharedArray<std::atomic<int>> runs(100);
    try {
        pool.map(
            [runs = runs.span()](std::size_t i) {
                if (++runs[i] == 1 && i == 70) std::raise(SIGKILL);
                if (i == 2 || i == 68) throw std::runtime_error("bad");
                return i;
            },
            std::views::iota(std::size_t{0}, std::size_t{100}), 100);
        FAIL() << "nothing was thrown";
    } catch (const mp::RemoteError& error) {
        EXPECT_EQ(error.item(), 2U);
    }
}

// ---- Time.

TEST_F(Retry, an_item_that_takes_too_long_fails_alone_with_its_worker) {
    mp::Pool pool({.processes = 2, .task_timeout = 300ms});
    const auto slow = [](int i) {
        while (i == 5) pause();
        return 3 * i;
    };
    for (const std::size_t chunksize : {0U, 1U, 20U}) {
        try {
            pool.map(slow, numbers(20), chunksize);
            FAIL() << "nothing was thrown";
        } catch (const mp::TimeoutError& error) {
            EXPECT_NE(std::string(error.what()).find("item 5 "), std::string::npos) << error.what();
        }
    }
    auto call = pool.apply_async(slow, 5);
    EXPECT_EQ(pool.apply(slow, 6), 18);
    EXPECT_THROW(call.get(), mp::TimeoutError);
    int results = 0, late = 0;
    auto lazy = pool.imap(slow, numbers(20), {.chunksize = 4});
    for (bool more = true; more;) {
        try {
            for (auto at = lazy.begin(); at != lazy.end(); ++at) ++results;
            more = false;
        } catch (const mp::TimeoutError&) {
            ++late;
        }
    }
    EXPECT_EQ(results, 19);
    EXPECT_EQ(late, 1);
    EXPECT_EQ(pool.map(slow, {1, 2, 3}), (std::vector{3, 6, 9}));
}

TEST_F(Retry, an_owner_that_only_looks_now_and_then_ends_what_is_late) {
    mp::Pool pool({.processes = 1, .task_timeout = 60ms});
    auto endless = pool.apply_async([] {
        for (;;) pause();
    });
    int looks = 0;
    for (; looks < 20 && !endless.ready(); ++looks) std::this_thread::sleep_for(130ms);
    EXPECT_LT(looks, 20);
    EXPECT_THROW(endless.get(), mp::TimeoutError);
}

TEST_F(Retry, who_does_not_listen_to_sigterm_is_killed) {
    mp::Pool pool({.processes = 1, .task_timeout = 200ms});
    EXPECT_THROW(pool.apply([] {
        std::signal(SIGTERM, SIG_IGN);
        for (;;) pause();
    }),
                 mp::TimeoutError);
    EXPECT_EQ(pool.apply([] { return 1; }), 1);
}

TEST_F(Retry, many_short_items_have_all_the_time_they_need_together) {
    mp::Pool pool({.processes = 2, .task_timeout = 600ms});
    const auto nap = [](int i) {
        std::this_thread::sleep_for(10ms);
        return 3 * i;
    };
    EXPECT_EQ(pool.map(nap, numbers(120), 120), expected(120));
    const auto before = pool.stats();
    std::this_thread::sleep_for(900ms); // an idle worker is not late
    EXPECT_EQ(pool.map(nap, numbers(2)), expected(2));
    for (std::size_t i = 0; i < before.size(); ++i) EXPECT_EQ(pool.stats()[i].pid, before[i].pid);
}

// `program`, in a process of its own, stops itself; it continues after `pause`. Returns its exit
// code.
int exit_code_after_a_stop(int (*program)(), std::chrono::milliseconds pause) {
    const pid_t child = fork();
    if (child == 0) {
        setpgid(0, 0);
        try {
            _exit(program());
        } catch (const std::exception& error) {
            std::fprintf(stderr, "%s\n", error.what());
            _exit(1);
        }
    }
    int status = 0;
    waitpid(child, &status, WUNTRACED);
    EXPECT_TRUE(WIFSTOPPED(status));
    std::this_thread::sleep_for(pause);
    kill(-child, SIGCONT);
    waitpid(child, &status, 0);
    return WEXITSTATUS(status);
}

int seven_after_a_stop() {
    std::this_thread::sleep_for(150ms);
    kill(0, SIGSTOP); // the whole process group, as Ctrl-Z does
    std::this_thread::sleep_for(150ms);
    return 7;
}

TEST_F(Retry, the_time_that_the_program_is_stopped_does_not_count) {
    EXPECT_EQ(exit_code_after_a_stop(
                  [] {
                      mp::Pool pool({.processes = 1, .task_timeout = 1500ms});
                      return pool.apply(seven_after_a_stop);
                  },
                  2000ms),
              7);
}

TEST_F(Retry, the_time_that_the_program_is_stopped_while_it_does_not_wait_does_not_count) {
    EXPECT_EQ(exit_code_after_a_stop(
                  [] {
                      mp::Pool pool({.processes = 1, .task_timeout = 1500ms});
                      auto call = pool.apply_async(seven_after_a_stop);
                      std::this_thread::sleep_for(200ms);
                      return call.get();
                  },
                  2000ms),
              7);
}

TEST_F(Retry, an_item_that_goes_on_after_a_stop_is_still_ended) {
    EXPECT_EQ(exit_code_after_a_stop(
                  [] {
                      mp::Pool pool({.processes = 1, .task_timeout = 300ms});
                      try {
                          pool.apply([] {
                              kill(0, SIGSTOP);
                              for (;;) pause();
                          });
                      } catch (const mp::TimeoutError&) {
                          return 7;
                      }
                      return 2;
                  },
                  100ms),
              7);
}

TEST(WorkerProcess, a_stop_of_the_program_moves_the_end_of_an_items_time) {
    mp::detail::WorkerProcess worker;
    EXPECT_EQ(worker.due_ns(100, 50, 0, 0), 150);
    EXPECT_EQ(worker.due_ns(100, 50, 30, 140), 180); // stopped for 30 ns while it ran
    EXPECT_EQ(worker.due_ns(100, 50, 37, 170), 187); // and again
    EXPECT_EQ(worker.due_ns(150, 50, 37, 170), 220); // seen only afterwards, so it counts from then
    EXPECT_EQ(worker.due_ns(200, 50, 37, 170), 250); // begun later
    EXPECT_EQ(worker.due_ns(200, 50, 40, 230), 253);
    constexpr auto never = std::numeric_limits<std::int64_t>::max();
    EXPECT_EQ(worker.due_ns(300, never, 40, 230), never);
}

TEST_F(Retry, threads_have_no_task_timeout) {
    EXPECT_THROW(mp::Pool({.processes = 1, .backend = "threads", .task_timeout = 1s}),
                 std::invalid_argument);
}

// ---- Cancelling what runs.

TEST_F(Retry, cancel_ends_a_call_that_is_running) {
    mp::Pool pool({.processes = 2, .retries = 5});
    const mp::SharedValue<std::atomic<int>> begun;
    auto endless = pool.apply_async([count = begun.span()] {
        ++count[0];
        for (;;) pause();
    });
    while (*begun == 0) std::this_thread::yield();
    ASSERT_TRUE(endless.cancel());
    EXPECT_THROW(endless.get(), mp::Cancelled);
    EXPECT_EQ(*begun, 1);
    EXPECT_EQ(pool.apply([] { return 1; }), 1);
}

TEST_F(Retry, cancel_ends_what_runs_of_a_map_and_nothing_else) {
    mp::Pool pool(2);
    const mp::SharedValue<std::atomic<int>> begun;
    auto other = pool.map_async([](int i) { return 3 * i; }, numbers(100'000), 10);
    auto endless = pool.map_async(
        [count = begun.span()](int) {
            ++count[0];
            for (;;) pause();
        },
        numbers(100), 10);
    while (*begun == 0) std::this_thread::yield();
    ASSERT_TRUE(endless.cancel());
    EXPECT_THROW(endless.get(), mp::Cancelled);
    EXPECT_EQ(other.get(), expected(100'000));
    EXPECT_FALSE(other.cancel());
}

// ---- Workers that reach maxtasksperchild.

TEST_F(Retry, a_worker_is_replaced_after_so_many_chunks) {
    mp::Pool pool({.processes = 2, .maxtasksperchild = 5});
    std::map<pid_t, int> chunks;
    for (pid_t pid : pool.map([](int) { return mp::this_process::pid(); }, numbers(103), 1))
        ++chunks[pid];
    for (const auto& [pid, count] : chunks) EXPECT_LE(count, 5) << pid;
    EXPECT_GE(chunks.size(), 21U);
    chunks.clear();
    for (int i = 0; i < 50; ++i) ++chunks[pool.apply([] { return mp::this_process::pid(); })];
    for (const auto& [pid, count] : chunks) EXPECT_LE(count, 5) << pid;
    std::vector<mp::AsyncResult<pid_t>> calls;
    for (int i = 0; i < 100; ++i)
        calls.push_back(pool.apply_async([] { return mp::this_process::pid(); }));
    chunks.clear();
    for (auto& call : calls) ++chunks[call.get()];
    for (const auto& [pid, count] : chunks) EXPECT_LE(count, 5) << pid;
    for (const auto& worker : pool.stats()) EXPECT_EQ(worker.restarts, 0U);
}

TEST_F(Retry, a_pool_of_one_chunk_workers_finishes_what_it_has_after_close) {
    mp::Pool pool({.processes = 1, .maxtasksperchild = 1});
    std::vector<mp::AsyncResult<int>> calls;
    for (int i = 0; i < 20; ++i) calls.push_back(pool.apply_async([](int j) { return 3 * j; }, i));
    auto map = pool.map_async([](int j) { return 3 * j; }, numbers(30), 3);
    pool.close();
    pool.join();
    EXPECT_EQ(map.get(), expected(30));
    for (int i = 0; i < 20; ++i) EXPECT_EQ(calls[static_cast<std::size_t>(i)].get(), 3 * i);
}

// ---- Processes that tasks start.

TEST_F(Retry, processes_that_a_task_started_die_with_terminate) {
    std::array<int, 2> pipe{};
    ASSERT_EQ(::pipe(pipe.data()), 0);
    {
        mp::Pool pool(2);
        for (const bool busy : {false, true}) {
            auto call = pool.apply_async(
                [busy](int end) {
                    const pid_t child = fork();
                    if (child == 0) {
                        if (fork() == 0)
                            for (;;) pause();
                        for (;;) pause();
                    }
                    close(end);
                    (void)!write(end, "", 0);
                    while (busy) pause();
                },
                pipe[1]);
            if (!busy) call.get();
            if (busy) (void)call.wait(50ms);
        }
        pool.terminate();
    }
    close(pipe[1]);
    char byte = 0;
    EXPECT_EQ(read(pipe[0], &byte, 1), 0); // no process holds the other end any more
    close(pipe[0]);
}

} // namespace
