#include "mp/scheduler/cpu_account.hpp"

#include <gtest/gtest.h>

#include "mp/os/child.hpp"

namespace {

using mp::detail::CpuAccount;
using mp::os::CpuTimes;

TEST(CpuAccount, counts_from_the_moment_at_which_the_worker_is_ready) {
    CpuAccount account{};
    EXPECT_EQ(account.sum(CpuTimes{7, 7})->cpu_ns, 0); // not known yet
    account.note_ready(CpuTimes{100, 10});
    const auto sum = account.sum(CpuTimes{150, 30});
    ASSERT_TRUE(sum.has_value());
    EXPECT_EQ(sum->cpu_ns, 50);
    EXPECT_EQ(sum->ready_ns, 20);
}

TEST(CpuAccount, adds_up_the_workers_that_had_the_place_one_after_the_other) {
    CpuAccount account{};
    account.note_ready(CpuTimes{100, 10});
    account.note_end(CpuTimes{150, 30});
    account.reset_for_next_worker();
    EXPECT_EQ(account.sum(std::nullopt)->cpu_ns, 50);
    account.note_ready(CpuTimes{1, 2});
    EXPECT_EQ(account.sum(CpuTimes{8, 7})->cpu_ns, 57);
    EXPECT_EQ(account.sum(CpuTimes{8, 7})->ready_ns, 25);
    account.note_end(CpuTimes{9, 9});
    EXPECT_EQ(account.sum_at_end()->cpu_ns, 58);
}

TEST(CpuAccount, does_not_know_the_sum_where_one_worker_did_not_tell) {
    CpuAccount account{};
    account.note_ready(CpuTimes{100, 10});
    EXPECT_FALSE(account.sum(std::nullopt).has_value());
    account.reset_for_next_worker();
    account.note_ready(CpuTimes{1, 2});
    EXPECT_FALSE(account.sum(CpuTimes{8, 7}).has_value());

    CpuAccount denied{};
    denied.note_ready(std::nullopt);
    EXPECT_FALSE(denied.sum(CpuTimes{8, 7}).has_value());
}

TEST(CpuAccount, may_know_cpu_time_and_no_waits) {
    CpuAccount account{};
    account.note_ready(CpuTimes{100, std::nullopt});
    EXPECT_EQ(account.sum(CpuTimes{150, 30})->cpu_ns, 50);
    EXPECT_FALSE(account.sum(CpuTimes{150, 30})->ready_ns.has_value());
}

TEST(CpuTimes, are_told_of_a_thread_and_of_its_process) {
    const pid_t pid = mp::os::current_pid();
    const auto thread = mp::os::cpu_times(pid, mp::os::current_thread());
    const auto process = mp::os::cpu_times(pid, 0);
    ASSERT_TRUE(thread.has_value());
    ASSERT_TRUE(process.has_value());
    EXPECT_GT(thread->cpu_ns, 0);
    EXPECT_LE(thread->cpu_ns, process->cpu_ns);
}

TEST(CpuTimes, are_unknown_of_a_process_that_is_not_there) {
    const pid_t child = mp::os::fork_child();
    if (child == 0) mp::os::exit_child(0);
    (void)mp::os::reap(child, true);
    EXPECT_FALSE(mp::os::cpu_times(child, 0).has_value());
}

} // namespace
