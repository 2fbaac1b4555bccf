#include "mpworkshop/benchmark/scaling.hpp"

#include <gtest/gtest.h>

#include "mpworkshop/input/error.hpp"
#include "mpworkshop/report/gnuplot.hpp"
#include "support/command.hpp"

using namespace mpworkshop;
using namespace mpworkshop::benchmark;
using support::has;

namespace {

Result of(unsigned workers, double seconds, double work) {
    Result result{{.name = "pi", .workers = workers}};
    for (const double noise : {0.999, 1.0, 1.0, 1.001})
        result.samples.push_back({seconds * noise, seconds, work});
    return result;
}

/// Serial 1 s; p workers take what Amdahl says for a tenth that is serial.
ScalingRun strong(const std::vector<unsigned>& workers, unsigned usable) {
    ScalingRun run{.steps = 1'000'000'000, .usable = usable};
    run.results.commands.push_back(of(1, 1, 0.99));
    for (const unsigned p : workers) {
        const double seconds = 1 / stats::amdahl(0.1, p);
        run.results.commands.push_back(of(p, seconds, seconds - 0.02));
    }
    return run;
}

} // namespace

TEST(Scaling, compares_every_number_of_workers_with_the_serial_program) {
    const auto points = points_of(strong({1, 2, 4}, 2));
    ASSERT_EQ(points.size(), 3U);
    EXPECT_NEAR(points[1].speedup.ratio, stats::amdahl(0.1, 2), 1e-9);
    EXPECT_FALSE(points[1].oversubscribed);
    EXPECT_TRUE(points[2].oversubscribed);
}

TEST(Scaling, fits_amdahl_only_where_three_points_are_not_oversubscribed) {
    EXPECT_NEAR(*amdahl_share(strong({1, 2, 4}, 4)), 0.1, 1e-6);
    EXPECT_FALSE(amdahl_share(strong({1, 2, 4, 8}, 2)));
    EXPECT_TRUE(has(verdict_of(strong({1, 2, 4}, 4)), "serial share of 10 %"));
    EXPECT_TRUE(has(verdict_of(strong({1, 2, 4}, 2)),
                    "Amdahl's curve is left out: it takes three points that are not "
                    "oversubscribed, and here are 2"));
    EXPECT_EQ(plot_of(strong({1, 2, 4}, 4)).series.size(), 3U);
    EXPECT_EQ(plot_of(strong({1, 2, 4}, 2)).series.size(), 2U);
}

TEST(Scaling, says_which_number_of_workers_was_best_of_those_with_a_cpu_each) {
    EXPECT_TRUE(has(verdict_of(strong({1, 2, 4}, 2)),
                    "2 processes were 1.82 times as fast as the serial program: efficiency 91 %."));
    EXPECT_TRUE(has(verdict_of(strong({1}, 1)), "With one usable CPU processes only take turns."));
}

TEST(Scaling, of_weak_kind_counts_the_work_that_was_done) {
    ScalingRun run{.kind = Scaling::weak, .steps = 1000, .usable = 2};
    run.results.commands = {of(1, 1, 0.9), of(1, 1, 0.9), of(2, 1.25, 1.1)};
    const auto points = points_of(run);
    EXPECT_NEAR(points[1].speedup.ratio, 1.6, 1e-9);
    EXPECT_EQ(run.steps_of(2), 2000U);
    EXPECT_FALSE(amdahl_share(run));
    EXPECT_TRUE(has(verdict_of(run), "2 processes did 1.60 times the work of the serial program in "
                                     "the same time: efficiency 80 %."));
    const auto table = table_of(run).only({"gustafson"});
    EXPECT_EQ(report::shown(table.rows[2][0], report::Unit::share), "40 %");
}

TEST(Scaling, finds_the_steps_below_which_serial_wins) {
    // 10 ms more to start and end; a step takes 0.99 ns in one process, 0.53 in two.
    EXPECT_TRUE(has(break_even_of(strong({1, 2}, 2)), "Break-even: below 22e6 steps serial wins. "
                                                      "All but the work takes 10.0 ms more with 2 "
                                                      "processes"));
    EXPECT_EQ(break_even_of(strong({1}, 2)), "");
    ScalingRun run{.steps = 1000, .usable = 2};
    run.results.commands = {of(1, 1, 0.9), of(2, 1, 0.9)};
    EXPECT_TRUE(has(break_even_of(run), "Break-even: serial wins at any number of steps"));
}

TEST(Scaling, of_which_nothing_was_measured_says_nothing) {
    ScalingRun run{.steps = 1000, .usable = 2};
    run.results.commands = {{{.name = "pi", .workers = 1}}, {{.name = "pi", .workers = 2}}};
    EXPECT_EQ(verdict_of(run), "");
    EXPECT_EQ(break_even_of(run), "");
    EXPECT_EQ(table_of(run).rows.size(), 2U);
}

TEST(ScalingTable, marks_what_is_oversubscribed) {
    const auto table = table_of(strong({2, 4}, 2)).only({"workers", "note"});
    EXPECT_EQ(report::csv(table), "workers,note\nserial,\n2,\n4,oversubscribed\n");
}

TEST(Gnuplot, gets_the_data_and_nothing_that_could_be_a_command) {
    report::Plot plot = plot_of(strong({1, 2, 4}, 2));
    plot.subtitle = "it's\n`a`";
    const std::string script = report::gnuplot_script(plot, "x.png");
    EXPECT_TRUE(has(script, "set terminal pngcairo"));
    EXPECT_TRUE(has(script, "'it''s\\x0a`a`'"));
    EXPECT_TRUE(has(script, "\n4 3.07"));
    EXPECT_TRUE(has(script, "'the 2 usable CPUs'"));
    EXPECT_TRUE(has(report::gnuplot_script(plot, "x.svg"), "set terminal svg"));
    EXPECT_TRUE(has(report::gnuplot_script(plot, "x.pdf"), "set terminal pdfcairo"));
    EXPECT_THROW(report::expect_picture_name("x.gif"), UsageError);
}
