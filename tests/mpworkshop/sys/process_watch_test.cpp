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
#include <utility>
#include <vector>

#include "mpworkshop/sys/affinity.hpp"
#include "support/invariants.hpp"
#include "support/sanitizers.hpp"

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

/// Makes each thread of a program wait until it was seen, so that none ends unseen if reading /proc
/// takes long.
class SeenProgram {
public:
    SeenProgram() {
        EXPECT_EQ(::pipe(seen_), 0);
        EXPECT_EQ(::pipe(done_), 0);
    }
    ~SeenProgram() {
        for (const int each : {seen_[0], seen_[1], done_[0], done_[1]})
            if (each >= 0) ::close(each);
    }
    SeenProgram(const SeenProgram&) = delete;
    SeenProgram& operator=(const SeenProgram&) = delete;

    /// Called in the program, before it forks or starts threads.
    void begin() {
        ::close(std::exchange(seen_[1], -1));
        ::close(std::exchange(done_[0], -1));
    }
    /// Called in a thread of the program: returns after the thread was seen twice.
    void wait_until_seen() const {
        char byte = 0;
        EXPECT_EQ(::write(done_[1], &byte, 1), 1);
        EXPECT_EQ(::read(seen_[0], &byte, 1), 0);
    }
    /// Called in the test: blocks until that many of the program's threads have been seen.
    void see(const ProcessWatch& watch, std::size_t threads) {
        ::close(std::exchange(done_[1], -1));
        char byte = 0;
        for (std::size_t i = 0; i < threads; ++i) ASSERT_EQ(::read(done_[0], &byte, 1), 1);
        const std::size_t enough = watch.looks() + 2;
        while (watch.looks() < enough) std::this_thread::sleep_for(std::chrono::milliseconds(1));
        ::close(std::exchange(seen_[1], -1));
    }

private:
    int seen_[2], done_[2];
};

/// Watches a child that calls `program` and exits. Meanwhile `beside` is called here.
Activity activity_of(
    const std::function<void()>& program,
    const std::function<void(const ProcessWatch&)>& beside = [](const ProcessWatch&) {}) {
    ProcessWatch watch;
    const pid_t child = ::fork();
    if (child == 0) {
        program();
        ::_exit(0);
    }
    watch.begin(child);
    beside(watch);
    siginfo_t info = {};
    EXPECT_EQ(::waitid(P_PID, id_t(child), &info, WEXITED | WNOWAIT), 0);
    watch.end();
    rusage used = {};
    EXPECT_EQ(::wait4(child, nullptr, 0, &used), child);
    return watch.activity(seconds_of_cpu(used));
}

/// Watches a program, of which that many threads wait until they were seen.
Activity activity_of(std::size_t threads, const std::function<void(const SeenProgram&)>& program) {
    SeenProgram seen;
    return activity_of(
        [&] {
            seen.begin();
            program(seen);
        },
        [&](const ProcessWatch& watch) { seen.see(watch, threads); });
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
    const Activity activity = activity_of(2, [](const SeenProgram& seen) {
        const pid_t child = ::fork();
        compute_for(0.1);
        seen.wait_until_seen();
        if (child == 0) ::_exit(0);
        ::waitpid(child, nullptr, 0);
    });
    EXPECT_EQ(activity.processes, 2U);
    EXPECT_EQ(computing(activity, 0.07), 2U);
    EXPECT_NEAR(activity.total.cpu_s, 0.2, 0.05);
    EXPECT_EQ(activity.still_running, 0U);
}

TEST_F(Watch, sees_what_each_thread_computes) {
    const Activity activity = activity_of(2, [](const SeenProgram& seen) {
        const auto compute = [&] {
            compute_for(0.1);
            seen.wait_until_seen();
        };
        std::thread first(compute), second(compute);
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
    const Activity activity = activity_of(1, [](const SeenProgram& seen) {
        int ends[2]; // the child ends after all its descendants
        EXPECT_EQ(::pipe(ends), 0);
        const pid_t parent = ::fork();
        if (parent == 0) {
            ::setsid();
            if (::fork() != 0) ::_exit(0);
            compute_for(0.05);
            seen.wait_until_seen();
            ::_exit(0);
        }
        ::waitpid(parent, nullptr, 0);
        ::close(ends[1]);
        char byte = 0;
        EXPECT_EQ(::read(ends[0], &byte, 1), 0);
    });
    EXPECT_GE(activity.processes, 2U);
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
    if (support::address_sanitizer || support::thread_sanitizer)
        GTEST_SKIP() << "a sanitizer makes looking several times as expensive";
    const Activity activity = activity_of(64, [](const SeenProgram& seen) {
        std::vector<std::thread> threads;
        for (int i = 0; i < 64; ++i)
            threads.emplace_back([&] {
                for (int round = 0; round < 20; ++round) {
                    compute_for(0.0002 * (round + 1));
                    std::this_thread::sleep_for(std::chrono::milliseconds(50));
                }
                seen.wait_until_seen();
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
    const Activity activity = activity_of(200, [](const SeenProgram& seen) {
        std::vector<std::thread> threads;
        for (int i = 0; i < 200; ++i) threads.emplace_back([&] { seen.wait_until_seen(); });
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
        ::_exit(0); // without changing the affinity
    });
    if (!activity.ready_known) GTEST_SKIP() << "the kernel does not tell";
    EXPECT_GE(activity.total.ready_s, 0.1);
    for (const ThreadActivity& each : activity.threads) EXPECT_EQ(each.usable_cpus, 1U);
}
