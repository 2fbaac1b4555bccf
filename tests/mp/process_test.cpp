#include "mp/process.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <mp/mp.hpp>
#include <string>
#include <thread>
#include <vector>

#include "mp/os/syscall.hpp"
#include "support/invariants.hpp"
#include "support/subprocess.hpp"

namespace {

using Process = support::Invariants;

TEST_F(Process, start_returns_at_once_and_join_waits) {
    mp::SharedValue<std::atomic<int>> barrier;
    mp::SharedValue<std::atomic<int>> result;
    mp::Process process([&] {
        while (*barrier == 0) {
        }
        *result = 7;
    });
    EXPECT_EQ(process.pid(), 0);
    EXPECT_FALSE(process.is_alive());
    process.start();
    EXPECT_GT(process.pid(), 0);
    EXPECT_TRUE(process.is_alive());
    EXPECT_FALSE(process.exitcode().has_value());
    *barrier = 1;
    process.join();
    EXPECT_EQ(*result, 7);
    EXPECT_EQ(process.exitcode(), 0);
    EXPECT_FALSE(process.is_alive());
}

TEST_F(Process, arguments_are_copied_and_arrive_as_given) {
    mp::SharedValue<std::size_t> length;
    std::string text = "four";
    mp::Process process(
        [&](const std::string& a, std::vector<int> b, int c) {
            *length = a.size() * 100 + b.size() * 10 + static_cast<std::size_t>(c);
        },
        text, std::vector{1, 2, 3}, 5);
    text = "changed";
    process.start();
    process.join();
    EXPECT_EQ(*length, 435U);
}

TEST_F(Process, a_variable_changed_in_the_child_is_unchanged_in_the_parent) {
    int variable = 1;
    mp::Process process([&] { variable = 2; });
    process.start();
    process.join();
    EXPECT_EQ(variable, 1);
}

TEST_F(Process, exit_codes_are_pythons) {
    const auto code_of = [](void (*function)()) {
        mp::Process process(function);
        process.start();
        process.join();
        return process.exitcode().value();
    };
    EXPECT_EQ(code_of([] {}), 0);
    EXPECT_EQ(code_of([] { std::exit(3); }), 3);
    EXPECT_EQ(code_of([] { throw std::runtime_error("oh"); }), 1);
    EXPECT_EQ(code_of([] { std::raise(SIGTERM); }), -SIGTERM);
    EXPECT_EQ(code_of([] {
                  std::signal(SIGINT, SIG_DFL); // ignored if a shell runs this in the background
                  std::raise(SIGINT);
              }),
              -SIGINT);
}

std::string last_log;

TEST_F(Process, the_log_hook_tells_of_an_uncaught_exception) {
    last_log.clear();
    mp::set_log_hook([](mp::LogLevel level, std::string_view message) {
        if (level == mp::LogLevel::warning) last_log = message;
    });
    mp::Process process([] { throw std::runtime_error("the disk is on fire"); });
    process.start();
    process.join();
    mp::set_log_hook(nullptr);
    EXPECT_NE(last_log.find("std::runtime_error: the disk is on fire"), std::string::npos)
        << last_log;
}

TEST_F(Process, terminate_and_kill_end_it) {
    for (int signal : {SIGTERM, SIGKILL}) {
        mp::Process process([] {
            for (;;) pause();
        });
        process.start();
        signal == SIGTERM ? process.terminate() : process.kill();
        process.join();
        EXPECT_EQ(process.exitcode(), -signal);
        process.terminate(); // has no effect on a process that has ended
        process.kill();
    }
}

TEST_F(Process, join_with_a_timeout_says_whether_it_ended) {
    mp::Process process([] {
        for (;;) pause();
    });
    process.start();
    EXPECT_FALSE(process.join(std::chrono::nanoseconds(0)));
    EXPECT_FALSE(process.join(std::chrono::nanoseconds(-1)));
    EXPECT_FALSE(process.join(std::chrono::milliseconds(1)));
    process.kill();
    EXPECT_TRUE(process.join(std::chrono::hours(1)));
}

TEST_F(Process, the_destructor_ends_what_still_runs) {
    mp::Process process([] {
        for (;;) pause();
    });
    process.start();
}

TEST_F(Process, the_destructor_ends_even_what_ignores_sigterm_or_is_stopped) {
    mp::SharedValue<std::atomic<int>> ready;
    mp::Process deaf([&] {
        std::signal(SIGTERM, SIG_IGN);
        for (*ready = 1;;) pause();
    });
    deaf.start();
    while (*ready == 0) std::this_thread::yield();
    mp::Process stopped([] {
        for (;;) pause();
    });
    stopped.start();
    kill(stopped.pid(), SIGSTOP);
}

TEST_F(Process, a_call_out_of_order_is_refused) {
    mp::Process process([] {});
    EXPECT_THROW(process.join(), std::logic_error);
    process.start();
    EXPECT_THROW(process.start(), std::logic_error);
    process.join();
    process.join();
}

TEST_F(Process, one_that_was_moved_from_refuses_every_call) {
    mp::Process first([] {});
    mp::Process second(std::move(first));
    const auto expect_refusals = [](mp::Process& gone) {
        EXPECT_THROW(gone.start(), std::logic_error);
        EXPECT_THROW(gone.join(), std::logic_error);
        EXPECT_THROW(gone.join(std::chrono::milliseconds(1)), std::logic_error);
        EXPECT_THROW(gone.terminate(), std::logic_error);
        EXPECT_THROW(gone.kill(), std::logic_error);
        EXPECT_THROW((void)gone.is_alive(), std::logic_error);
        EXPECT_THROW((void)gone.pid(), std::logic_error);
        EXPECT_THROW((void)gone.exitcode(), std::logic_error);
    };
    expect_refusals(first);
    first = std::move(second);
    expect_refusals(second);
    first.start();
    first.join();
    EXPECT_EQ(first.exitcode(), 0);
}

TEST_F(Process, one_that_is_killed_at_once_ends_at_once_whatever_this_process_may_do) {
    mp::os::fault_hook = [](mp::os::Call call) { return call == mp::os::Call::kill ? EPERM : 0; };
    for (int i = 0; i < 20; ++i) {
        mp::Process process([] {
            for (;;) pause();
        });
        process.start();
        i % 2 == 0 ? process.kill() : process.terminate();
        process.join();
        EXPECT_EQ(process.exitcode(), -SIGKILL);
    }
    mp::os::fault_hook = nullptr;
}

TEST_F(Process, an_interrupt_ends_join) {
    mp::Process process([] {
        for (;;) pause();
    });
    process.start();
    mp::interrupt();
    EXPECT_THROW(process.join(), mp::Interrupted);
    mp::clear_interrupt();
}

TEST_F(Process, children_start_children) {
    mp::SharedArray<std::atomic<pid_t>> pids(3);
    mp::Process process([&] {
        pids[0] = mp::this_process::pid();
        mp::Process inner([&] {
            pids[1] = mp::this_process::pid();
            pids[2] = mp::this_process::parent_pid();
        });
        inner.start();
        inner.join();
    });
    process.start();
    process.join();
    EXPECT_EQ(pids[0], process.pid());
    EXPECT_NE(pids[1], process.pid());
    EXPECT_EQ(pids[2], process.pid());
}

TEST_F(Process, a_hundred_run_at_once) {
    std::vector<mp::Process> all;
    for (int i = 0; i < 100; ++i) all.emplace_back([](int code) { std::exit(code); }, i);
    for (auto& process : all) process.start();
    for (auto& process : all) process.join();
    for (int i = 0; i < 100; ++i) EXPECT_EQ(all[static_cast<std::size_t>(i)].exitcode(), i);
}

TEST_F(Process, a_child_without_pidfd_is_joined_by_the_end_of_a_pipe) {
    mp::os::fault_hook = [](mp::os::Call call) {
        return call == mp::os::Call::pidfd_open ? ENOSYS : 0;
    };
    mp::Process process([] { std::exit(4); });
    process.start();
    process.join();
    EXPECT_EQ(process.exitcode(), 4);
    mp::os::fault_hook = nullptr;
}

TEST_F(Process, a_child_does_not_outlive_its_parent) {
    for (bool from_a_thread : {false, true}) {
        int alive[2], ready[2];
        ASSERT_EQ(pipe(alive), 0);
        ASSERT_EQ(pipe(ready), 0);
        mp::Process parent([&] {
            mp::Process child([&] {
                (void)!write(ready[1], "x", 1);
                for (;;) pause();
            });
            if (from_a_thread)
                std::thread([&] { child.start(); }).join();
            else
                child.start();
            for (;;) pause();
        });
        parent.start();
        char byte = 0;
        ASSERT_EQ(read(ready[0], &byte, 1), 1);
        parent.kill();
        parent.join();
        close(alive[1]);
        close(ready[1]);
        EXPECT_EQ(read(alive[0], &byte, 1), 0) << "the child lives";
        close(alive[0]);
        close(ready[0]);
    }
}

TEST_F(Process, its_output_appears_once_and_whole) {
    const std::string out = support::output_of([] {
        std::printf("one ");
        mp::Process process([] { std::printf("two\n"); });
        process.start();
        process.join();
        std::printf("three\n");
    });
    EXPECT_EQ(out, "one two\nthree\n");
}

} // namespace
