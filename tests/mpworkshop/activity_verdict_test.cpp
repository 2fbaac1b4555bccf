// Each sentence about how a command used the CPUs: when it appears, and when it must not.

#include "mpworkshop/report/activity_verdict.hpp"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

#include "support/command.hpp"

using namespace mpworkshop;
using support::has;

namespace {

/// What a thread did during a period, as shares of that time.
struct Span {
    double begin_s, end_s;
    double cpu, ready = 0;
};

/// A command whose threads each did some things, on an idle machine with two CPUs.
CommandRun run_of(double wall_s, const std::vector<std::vector<Span>>& threads) {
    sys::ActivityBuilder builder;
    for (std::size_t i = 0; i < threads.size(); ++i) {
        const auto handle =
            builder.add({.process = 1, .thread = pid_t(i + 1), .usable_cpus = 2}, 0, 0, {0, 0});
        double cpu_s = 0, ready_s = 0;
        for (double at_s = 0.01; at_s <= wall_s; at_s += 0.01) {
            for (const Span& each : threads[i])
                if (at_s > each.begin_s && at_s <= each.end_s)
                    cpu_s += 0.01 * each.cpu, ready_s += 0.01 * each.ready;
            builder.update(handle, at_s, {cpu_s, ready_s});
        }
    }
    sys::Activity activity = builder.activity(wall_s);
    activity.looks = std::size_t(wall_s * 100);
    return {.activity = std::move(activity),
            .usable_cpus = 2,
            .others = sys::CpusUsed{.used = 0, .of = 2}};
}

CpuUse use_of(const CommandRun& run) { return judge_cpu_use(run).use; }

} // namespace

TEST(CpuUse, of_one_thread_is_serial) {
    const auto verdict = judge_cpu_use(run_of(2, {{{0, 2, 1}}}));
    EXPECT_EQ(verdict.use, CpuUse::serial);
    EXPECT_EQ(verdict.words, "Serial: one thread at a time computed, and 2 CPUs can be used.");
}

TEST(CpuUse, of_threads_one_after_the_other_is_serial) {
    const auto verdict = judge_cpu_use(run_of(2, {{{0, 1, 1}}, {{1, 2, 1}}}));
    EXPECT_EQ(verdict.use, CpuUse::serial);
    EXPECT_TRUE(has(verdict.words, "2 threads computed, but one at a time"));
}

TEST(CpuUse, of_threads_that_share_a_lock_is_serial) { // like Python's, because of the GIL
    EXPECT_EQ(use_of(run_of(2, {{{0, 2, 0.5}}, {{0, 2, 0.5}}})), CpuUse::serial);
}

TEST(CpuUse, of_threads_at_the_same_time_is_parallel) {
    const auto verdict = judge_cpu_use(run_of(2, {{{0, 2, 1}}, {{0, 2, 0.98}}}));
    EXPECT_EQ(verdict.use, CpuUse::parallel);
    EXPECT_TRUE(has(verdict.words, "2.0 threads at a time wanted a CPU, and 2.0 of 2 CPUs"))
        << verdict.words;
}

TEST(CpuUse, that_starts_serially_for_a_moment_is_parallel) {
    EXPECT_EQ(use_of(run_of(2, {{{0, 2, 1}}, {{0.2, 2, 1}}})), CpuUse::parallel);
}

TEST(CpuUse, of_one_thread_with_most_of_the_work_is_unbalanced) {
    const auto verdict = judge_cpu_use(run_of(4, {{{0, 4, 1}}, {{0, 1, 1}}}));
    EXPECT_EQ(verdict.use, CpuUse::unbalanced);
    EXPECT_TRUE(has(verdict.words, "at times 2.0 CPUs were used, on average 1.2")) << verdict.words;
}

TEST(CpuUse, of_work_that_is_shared_out_evenly_is_not_unbalanced) {
    EXPECT_NE(use_of(run_of(4, {{{0, 4, 1}}, {{0, 3.6, 1}}})), CpuUse::unbalanced);
}

TEST(CpuUse, with_more_threads_than_cpus_is_oversubscribed) {
    const std::vector<Span> half = {{0, 2, 0.5, 0.5}};
    const auto verdict = judge_cpu_use(run_of(2, {half, half, half, half}));
    EXPECT_EQ(verdict.use, CpuUse::oversubscribed);
    EXPECT_TRUE(has(verdict.words, "4.0 threads at a time wanted a CPU, and 2 CPUs can be used"))
        << verdict.words;
}

TEST(CpuUse, of_two_threads_on_one_cpu_is_oversubscribed) {
    const std::vector<Span> half = {{0, 2, 0.5, 0.5}};
    CommandRun run = run_of(2, {half, half});
    EXPECT_NE(use_of(run), CpuUse::oversubscribed); // there are two
    run.usable_cpus = 1;
    EXPECT_TRUE(has(judge_cpu_use(run).words, "wanted a CPU, and one CPU can be used"));
    run.usable_cpus = 2; // but the command bound itself to one CPU
    for (auto& each : run.activity.threads) each.usable_cpus = 1;
    EXPECT_EQ(use_of(run), CpuUse::oversubscribed);
}

TEST(CpuUse, of_threads_that_share_a_lock_on_one_cpu_is_unclear) { // seen of Python's
    const std::vector<Span> one = {{0, 2, 0.5, 0.2}};
    CommandRun run = run_of(2, {one, one});
    run.usable_cpus = 1;
    const auto verdict = judge_cpu_use(run);
    EXPECT_EQ(verdict.use, CpuUse::unknown);
    EXPECT_TRUE(has(verdict.words, "unclear: on one CPU, threads that wait for one another's lock"))
        << verdict.words;
}

TEST(CpuUse, of_threads_that_are_bound_to_different_cpus_is_parallel) {
    CommandRun run = run_of(2, {{{0, 2, 1}}, {{0, 2, 1}}});
    for (auto& each : run.activity.threads) each.usable_cpus = 1;
    EXPECT_EQ(use_of(run), CpuUse::parallel);
}

TEST(CpuUse, beside_other_programs_is_not_oversubscribed_and_names_them) {
    const std::vector<Span> half = {{0, 2, 0.5, 0.5}};
    CommandRun run = run_of(2, {half, half});
    run.others = sys::CpusUsed{.used = 1, .of = 2};
    const auto verdict = judge_cpu_use(run);
    EXPECT_EQ(verdict.use, CpuUse::parallel);
    EXPECT_TRUE(has(verdict.words, "2.0 threads at a time wanted a CPU, and 1.0 of 2 CPUs"));
    EXPECT_TRUE(has(verdict.words, "as other programs had them")) << verdict.words;

    run.others.reset(); // no guesses
    EXPECT_FALSE(has(judge_cpu_use(run).words, "other programs"));
    EXPECT_TRUE(has(judge_cpu_use(run).words, "It waited for a CPU for 50 % of the time"));
}

TEST(CpuUse, cannot_be_told_where_other_programs_have_the_cpus_most_of_the_time) {
    CommandRun run = run_of(2, {{{0, 2, 0.2, 0.8}}, {{0, 2, 0.2, 0.8}}});
    run.others = sys::CpusUsed{.used = 1.8, .of = 2};
    const auto verdict = judge_cpu_use(run);
    EXPECT_EQ(verdict.use, CpuUse::unknown);
    EXPECT_TRUE(has(verdict.words, "is unclear. It waited for a CPU for 80 % of the time that it "
                                   "wanted one, as other programs had them"))
        << verdict.words;
    EXPECT_NE(use_of(run_of(2, {{{0, 2, 0.4, 0.6}}})), CpuUse::unknown);
}

TEST(CpuUse, of_threads_that_share_a_lock_beside_other_programs_is_not_parallel) {
    const std::vector<Span> part = {{0, 2, 0.4, 0.3}}; // also ready for a part of that time
    CommandRun run = run_of(2, {part, {{0, 2, 0.5, 0.3}}});
    run.others = sys::CpusUsed{.used = 1, .of = 2};
    const auto verdict = judge_cpu_use(run);
    EXPECT_EQ(verdict.use, CpuUse::unknown);
    EXPECT_TRUE(has(verdict.words, "is unclear. It waited for a CPU for 40 %")) << verdict.words;
    EXPECT_EQ(use_of(run_of(2, {{{0, 2, 0.9, 0.05}}, {{0, 2, 0.7}}})), CpuUse::parallel);
}

TEST(CpuUse, of_many_threads_that_share_a_lock_beside_other_programs_is_not_oversubscribed) {
    // 16 threads of Python: each wakes now and then, and waits for a CPU before it asks for the
    // lock; one at a time computes.
    CommandRun run = run_of(2, std::vector(16, std::vector<Span>{{0, 2, 0.04, 0.15}}));
    run.others = sys::CpusUsed{.used = 1.3, .of = 2};
    const auto verdict = judge_cpu_use(run);
    EXPECT_EQ(verdict.use, CpuUse::unknown);
    EXPECT_TRUE(has(verdict.words, "as other programs had them")) << verdict.words;
    run.others.reset(); // unknown, but the CPUs were not full of this command
    EXPECT_EQ(use_of(run), CpuUse::unknown);
}

TEST(CpuUse, of_more_threads_than_cpus_beside_other_programs_is_oversubscribed_and_names_both) {
    CommandRun run = run_of(2, std::vector(8, std::vector<Span>{{0, 2, 0.2, 0.8}}));
    run.others = sys::CpusUsed{.used = 0.3, .of = 2};
    const auto verdict = judge_cpu_use(run);
    EXPECT_EQ(verdict.use, CpuUse::oversubscribed);
    EXPECT_TRUE(has(verdict.words, "Other programs used 0.3 CPUs meanwhile")) << verdict.words;
    run.others = sys::CpusUsed{.used = 0, .of = 2};
    EXPECT_FALSE(has(judge_cpu_use(run).words, "Other programs"));
}

TEST(CpuUse, of_one_thread_beside_other_programs_is_serial) {
    CommandRun run = run_of(2, {{{0, 2, 0.5, 0.5}}});
    run.others = sys::CpusUsed{.used = 1.5, .of = 2};
    EXPECT_EQ(use_of(run), CpuUse::serial);
}

TEST(CpuUse, on_an_idle_machine_names_no_other_programs) {
    for (const auto& run : {run_of(2, {{{0, 2, 1}}}), run_of(2, {{{0, 2, 1}}, {{0, 2, 1}}})})
        EXPECT_FALSE(has(judge_cpu_use(run).words, "other programs"));
}

TEST(CpuUse, of_a_command_that_waits_is_waiting) {
    const auto verdict = judge_cpu_use(run_of(2, {{{0, 0.2, 1}}, {{0, 2, 0.01}}}));
    EXPECT_EQ(verdict.use, CpuUse::waiting);
    EXPECT_TRUE(has(verdict.words, "for 90 % of the time no thread wanted a CPU")) << verdict.words;
    EXPECT_EQ(use_of(run_of(2, {{}})), CpuUse::waiting);
}

TEST(CpuUse, of_a_command_that_waits_counts_short_bursts_too) {
    const std::vector<Span> bursts = {{0, 2, 0.12}}; // never half of any part of the time
    EXPECT_TRUE(has(judge_cpu_use(run_of(2, {bursts})).words,
                    "for 88 % of the time no thread wanted a CPU"));
    EXPECT_TRUE(has(judge_cpu_use(run_of(2, {{{0, 2, 0.001}}})).words,
                    "for more than 99 % of the time no thread wanted a CPU"));
    EXPECT_TRUE(
        has(judge_cpu_use(run_of(2, {{}})).words, "for 100 % of the time no thread wanted a CPU"));
}

TEST(CpuUse, of_a_command_that_wants_a_cpu_most_of_the_time_is_not_waiting) {
    // For two thirds of the time it wants one less than half of the time.
    EXPECT_EQ(use_of(run_of(3, {{{0, 1, 1}, {1, 3, 0.45}}})), CpuUse::serial);
}

TEST(CpuUse, of_a_command_that_only_waits_for_cpus_is_not_waiting) {
    EXPECT_NE(use_of(run_of(2, {{{0, 2, 0.1, 0.9}}})), CpuUse::waiting);
}

TEST(CpuUse, cannot_be_told_of_a_short_run) {
    const auto verdict = judge_cpu_use(run_of(0.1, {{{0, 0.1, 1}}}));
    EXPECT_EQ(verdict.use, CpuUse::unknown);
    EXPECT_TRUE(has(verdict.words, "is unclear: it ran for 100 ms only"));
    EXPECT_NE(use_of(run_of(0.3, {{{0, 0.3, 1}}})), CpuUse::unknown);
}

TEST(CpuUse, cannot_be_told_of_a_run_that_was_hardly_looked_at) {
    CommandRun run = run_of(2, {{{0, 2, 1}}});
    run.activity.looks = 5;
    EXPECT_TRUE(
        has(judge_cpu_use(run).words, "is unclear: its processes were checked 5 times only"));
    run.activity.looks = 6;
    EXPECT_EQ(use_of(run), CpuUse::serial);
}

TEST(CpuUse, cannot_be_told_of_a_run_that_was_stopped_or_not_seen) {
    CommandRun run = run_of(2, {{{0, 2, 1}}});
    run.suspended = true;
    EXPECT_TRUE(has(judge_cpu_use(run).words, "is unclear: it was stopped for a while"));
    run.suspended = false;
    run.activity.threads.clear();
    EXPECT_TRUE(has(judge_cpu_use(run).words, "is unclear: the kernel does not show"));
}

TEST(CpuUse, has_a_name_of_its_own_each) {
    EXPECT_STREQ(name_of(CpuUse::unknown), "unknown");
    EXPECT_STREQ(name_of(CpuUse::unbalanced), "unbalanced");
}
