#include "mpworkshop/sys/other_programs.hpp"

#include <gtest/gtest.h>

#include "mpworkshop/sys/process_tree.hpp"

using namespace mpworkshop::sys;
using Reading = OtherPrograms::Reading;

namespace {

//                           user nice system idle iowait irq softirq steal guest guest_nice
constexpr const char* machine_stat = "cpu  3000 60 900 9000 800 70 60 50 40 30\n"
                                     "cpu0 1000 20 300 4000 400 30 20 10 40 0\n"
                                     "cpu1 2000 40 600 5000 400 40 40 40 0 30\n"
                                     "intr 12345 1 2 3\n"
                                     "ctxt 678\n";

constexpr Reading at_first = {.wall_s = 100, .machine_s = 5000, .own_s = 3, .cpus = 2};

} // namespace

TEST(OtherPrograms, counts_all_but_idle_time_and_the_guests_of_user_time_once) {
    const auto all = OtherPrograms::parse(machine_stat, {});
    ASSERT_TRUE(all.has_value());
    EXPECT_EQ(all->busy, 1380U + 2760U);
    EXPECT_EQ(all->cpus, 2U);
}

TEST(OtherPrograms, looks_at_the_cpus_that_may_be_used) {
    const auto second = OtherPrograms::parse(machine_stat, {1, 7});
    ASSERT_TRUE(second.has_value());
    EXPECT_EQ(second->busy, 2760U);
    EXPECT_EQ(second->cpus, 1U);
    EXPECT_FALSE(OtherPrograms::parse(machine_stat, {7}).has_value());
}

TEST(OtherPrograms, reads_the_shorter_lines_of_old_kernels) {
    const auto found = OtherPrograms::parse("cpu  1 2 3 4\ncpu0 1 2 3 4\n", {});
    ASSERT_TRUE(found.has_value());
    EXPECT_EQ(found->busy, 6U);
}

TEST(OtherPrograms, believes_no_file_that_tells_nothing) {
    EXPECT_FALSE(OtherPrograms::parse("", {}).has_value());
    EXPECT_FALSE(OtherPrograms::parse("intr 1 2 3\n", {}).has_value());
    EXPECT_FALSE(OtherPrograms::parse("cpu  0 0 0 0\ncpu0 0 0 0 0 0 0 0 0 0 0\n", {}).has_value());
}

TEST(OtherPrograms, are_what_the_machine_did_and_we_did_not) {
    const auto used = OtherPrograms::between(at_first, {102, 5003.2, 4, 2});
    ASSERT_TRUE(used.has_value());
    EXPECT_NEAR(used->used, 1.1, 1e-9);
    EXPECT_EQ(used->of, 2U);
}

TEST(OtherPrograms, never_use_less_than_nothing_or_more_than_all) {
    EXPECT_EQ(OtherPrograms::between(at_first, {102, 5003.9, 7, 2})->used, 0);
    EXPECT_EQ(OtherPrograms::between(at_first, {102, 5004.1, 3, 2})->used, 2);
}

TEST(OtherPrograms, are_unknown_where_the_time_is_too_short_for_the_clock) {
    EXPECT_FALSE(OtherPrograms::between(at_first, {100.19, 5000.1, 3, 2}).has_value());
    EXPECT_TRUE(OtherPrograms::between(at_first, {100.21, 5000.1, 3, 2}).has_value());
}

TEST(OtherPrograms, are_unknown_where_the_machine_does_not_even_show_us) {
    EXPECT_FALSE(OtherPrograms::between(at_first, {102, 5000.1, 5, 2}).has_value());
}

TEST(OtherPrograms, are_unknown_where_a_cpu_came_or_went) {
    EXPECT_FALSE(OtherPrograms::between(at_first, {102, 5002, 3, 3}).has_value());
}

TEST(ProcessTree, is_a_process_and_all_that_descend_from_it) {
    std::vector<ProcStat> all;
    for (const auto& [pid, parent] :
         {std::pair{1, 0}, {5, 4}, {2, 1}, {4, 2}, {3, 1}, {6, 3}, {7, 4}})
        all.push_back({.pid = pid, .parent = parent});
    std::vector<pid_t> tree;
    for (const ProcStat& each : tree_of(2, all)) tree.push_back(each.pid);
    EXPECT_EQ(tree, (std::vector<pid_t>{2, 4, 5, 7}));
    EXPECT_TRUE(tree_of(9, all).empty());
}
