#include "mpworkshop/kit/gil_report.hpp"

#include <gtest/gtest.h>

using namespace mpworkshop::kit;
using mpworkshop::sys::CpusUsed;

namespace {

std::vector<Elapsed> rounds_of(const std::vector<double>& wall) {
    std::vector<Elapsed> rounds;
    for (const double each : wall) rounds.push_back({each, each});
    return rounds;
}

/// Two tasks of 42 ms in each of six rounds: under the lock they take turns.
GilTimes idle_machine() {
    GilTimes times{.round_s = 0.042, .others = CpusUsed{0.03, 2}};
    times.locked.computing = rounds_of({0.084, 0.085, 0.084, 0.086, 0.084, 0.085});
    times.locked.waiting = rounds_of({0.042, 0.042, 0.042, 0.042, 0.042, 0.042});
    times.processes.computing = rounds_of({0.043, 0.044, 0.043, 0.045, 0.043, 0.044});
    return times;
}

/// The same with a busy loop on each CPU: 677 ms under the lock and 550 ms in processes.
GilTimes loaded_machine() {
    GilTimes times = idle_machine();
    times.locked.computing = rounds_of({0.113, 0.09, 0.15, 0.1, 0.12, 0.104});
    times.processes.computing = rounds_of({0.092, 0.12, 0.07, 0.11, 0.09, 0.068});
    times.others = CpusUsed{1.1, 2};
    return times;
}

} // namespace

TEST(GilReport, says_how_much_faster_processes_were_where_every_round_agrees) {
    EXPECT_EQ(what_the_lock_costs(idle_machine()),
              "Computing: processes were 1.9 times as fast as threads under the lock (95 % "
              "interval: 1.9 to 2.0).");
    EXPECT_TRUE(shows_what_threads_are_for(idle_machine()));
}

TEST(GilReport, withholds_it_on_a_loaded_machine_and_says_why) {
    EXPECT_EQ(what_the_lock_costs(loaded_machine()),
              "Whether processes compute faster than threads under the lock is unclear: other "
              "programs used 1.1 of the 2 CPUs; end them, and run it again.");
    EXPECT_FALSE(shows_what_threads_are_for(loaded_machine()));
    GilTimes unseen = loaded_machine();
    unseen.others = std::nullopt;
    EXPECT_EQ(what_the_lock_costs(unseen),
              "Whether processes compute faster than threads under the lock is unclear: the times "
              "vary too much; run it again.");
}

TEST(GilReport, has_no_use_for_five_rounds) {
    GilTimes times = idle_machine();
    times.locked.computing.pop_back();
    EXPECT_FALSE(shows_what_threads_are_for(times));
}

TEST(GilReport, draws_no_conclusion_on_one_cpu_or_with_one_task) {
    GilTimes one_cpu = idle_machine();
    one_cpu.usable = 1;
    EXPECT_EQ(what_the_lock_costs(one_cpu),
              "With one CPU tasks take turns anyway: what the lock costs cannot be seen here.");
    EXPECT_FALSE(shows_what_threads_are_for(one_cpu));
    GilTimes alone = idle_machine();
    alone.tasks = 1;
    EXPECT_EQ(what_the_lock_costs(alone), "One task alone never waits for the lock: give -p 2.");
    EXPECT_FALSE(shows_what_threads_are_for(alone));
}

TEST(GilReport, draws_no_conclusion_where_waiting_took_as_long_as_one_by_one) {
    GilTimes times = idle_machine();
    for (Elapsed& each : times.locked.waiting) each.wall_s = 0.084;
    EXPECT_FALSE(shows_what_threads_are_for(times));
}
