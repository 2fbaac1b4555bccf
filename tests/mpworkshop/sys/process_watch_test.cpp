#include "mpworkshop/sys/process_watch.hpp"

#include <gtest/gtest.h>

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "mpworkshop/sys/affinity.hpp"
#include "support/invariants.hpp"

using mpworkshop::sys::Activity;
using mpworkshop::sys::CpuAffinityGuard;
using mpworkshop::sys::ProcessWatch;
using mpworkshop::sys::ThreadActivity;

namespace {

class Watch : public support::Invariants {
protected:
    Watch() { ::unsetenv("BASH_ENV"); }
};

double seconds_of_cpu(const rusage& used) {
    return double(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
           double(used.ru_utime.tv_usec + used.ru_stime.tv_usec) * 1e-6;
}

/// Of a child that calls `program` and exits.
Activity activity_of(const std::function<void()>& program) {
    ProcessWatch watch;
    const pid_t child = ::fork();
    if (child == 0) {
        program();
        ::_exit(0);
    }
    watch.begin(child);
    siginfo_t info = {};
    EXPECT_EQ(::waitid(P_PID, id_t(child), &info, WEXITED | WNOWAIT), 0);
    watch.end();
    rusage used = {};
    EXPECT_EQ(::wait4(child, nullptr, 0, &used), child);
    return watch.activity(seconds_of_cpu(used));
}

Activity activity_of_script(const char* script) {
    return activity_of([&] {
        ::execl("/bin/sh", "sh", "-c", script, nullptr);
        ::_exit(127);
    });
}

void compute_for(double cpu_seconds) {
    rusage used = {};
    do ::getrusage(RUSAGE_THREAD, &used);
    while (seconds_of_cpu(used) < cpu_seconds);
}

std::size_t computing(const Activity& activity, double least_cpu_s) {
    return std::size_t(std::ranges::count_if(activity.threads, [&](const ThreadActivity& each) {
        return each.total.cpu_s >= least_cpu_s;
    }));
}

bool has_name(const Activity& activity, const std::string& name) {
    return std::ranges::any_of(activity.threads,
                               [&](const ThreadActivity& each) { return each.name == name; });
}

} // namespace

TEST_F(Watch, sees_what_each_process_computes) {
    const Activity activity = activity_of([] {
        const pid_t child = ::fork();
        compute_for(0.1);
        if (child == 0) ::_exit(0);
        ::waitpid(child, nullptr, 0);
    });
    EXPECT_EQ(activity.processes, 2U);
    EXPECT_EQ(computing(activity, 0.07), 2U);
    EXPECT_NEAR(activity.total.cpu_s, 0.2, 0.05);
    EXPECT_EQ(activity.still_running, 0U);
}

TEST_F(Watch, sees_what_each_thread_computes) {
    const Activity activity = activity_of([] {
        std::thread first([] { compute_for(0.1); }), second([] { compute_for(0.1); });
        first.join();
        second.join();
    });
    EXPECT_EQ(activity.processes, 1U);
    EXPECT_EQ(activity.threads.size(), 3U);
    EXPECT_EQ(computing(activity, 0.07), 2U);
}

TEST_F(Watch, counts_what_short_processes_computed) {
    const Activity activity = activity_of([] {
        for (int i = 0; i < 300; ++i) {
            const pid_t child = ::fork();
            if (child == 0) {
                compute_for(0.0005);
                ::_exit(0);
            }
            ::waitpid(child, nullptr, 0);
        }
    });
    EXPECT_GE(activity.total.cpu_s, 300 * 0.0005);
    double drawn_s = 0;
    for (const auto& each : activity.intervals) drawn_s += each.cpu_s;
    EXPECT_NEAR(drawn_s, activity.total.cpu_s, 1e-6);
}

TEST_F(Watch, follows_a_process_that_lost_its_parent) {
    const Activity activity = activity_of_script(
        "(setsid sh -c 'i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done; echo >&3' &) 3>&1 | "
        "cat >/dev/null");
    EXPECT_GE(activity.processes, 3U);
    EXPECT_GE(computing(activity, 0.02), 1U);
    EXPECT_EQ(activity.still_running, 0U);
}

TEST_F(Watch, leaves_alone_what_outlives_the_command) {
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    const Activity activity = activity_of([&] {
        if (::fork() == 0) {
            ::setsid();
            ::close(ends[1]);
            char byte = 0;
            [[maybe_unused]] const auto end = ::read(ends[0], &byte, 1);
            ::_exit(0);
        }
    });
    EXPECT_EQ(activity.still_running, 1U);
    ::close(ends[1]); // it ends; this process adopted it, and reaps it
    ::close(ends[0]);
    EXPECT_GT(::wait(nullptr), 0);
}

TEST_F(Watch, knows_a_program_by_its_last_name) {
    EXPECT_TRUE(has_name(activity_of_script("exec sleep 0.2"), "sleep"));
    const Activity odd = activity_of([] {
        ::prctl(PR_SET_NAME, "a) R 1\n(b");
        compute_for(0.05);
    });
    EXPECT_TRUE(has_name(odd, "a) R 1\n(b"));
}

TEST_F(Watch, costs_less_than_a_hundredth_of_a_cpu_with_many_threads) {
    const Activity activity = activity_of([] {
        std::vector<std::thread> threads;
        for (int i = 0; i < 64; ++i)
            threads.emplace_back([] {
                for (int round = 0; round < 20; ++round) {
                    compute_for(0.0002 * (round + 1));
                    std::this_thread::sleep_for(std::chrono::milliseconds(50));
                }
            });
        for (std::thread& each : threads) each.join();
    });
    EXPECT_EQ(activity.threads.size(), 65U);
    EXPECT_LE(activity.watch_cpu_s, 0.01 * activity.wall_s + 0.005);
}

TEST_F(Watch, takes_thousands_of_threads_within_the_limit_of_open_files) {
    rlimit before = {};
    ::getrlimit(RLIMIT_NOFILE, &before);
    rlimit few = before;
    few.rlim_cur = 64;
    ::setrlimit(RLIMIT_NOFILE, &few);
    const Activity activity = activity_of([] {
        std::vector<std::thread> threads;
        for (int i = 0; i < 200; ++i)
            threads.emplace_back(
                [] { std::this_thread::sleep_for(std::chrono::milliseconds(300)); });
        for (std::thread& each : threads) each.join();
    });
    ::setrlimit(RLIMIT_NOFILE, &before);
    EXPECT_GT(activity.threads.size(), 64U);
}

TEST_F(Watch, tells_what_was_ready_without_a_cpu) {
    const Activity activity = activity_of([] {
        const CpuAffinityGuard one({mpworkshop::sys::usable_cpus().front()});
        std::thread other([] { compute_for(0.15); });
        compute_for(0.15);
        other.join();
        ::_exit(0); // as it is, pinned
    });
    if (!activity.ready_known) GTEST_SKIP() << "the kernel does not tell";
    EXPECT_GE(activity.total.ready_s, 0.1);
    for (const ThreadActivity& each : activity.threads) EXPECT_EQ(each.usable_cpus, 1U);
}
