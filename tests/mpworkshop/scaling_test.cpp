#include "mpworkshop/benchmark/scaling.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "mpworkshop/input/error.hpp"
#include "mpworkshop/report/picture_file.hpp"
#include "mpworkshop/report/pictures.hpp"
#include "support/command.hpp"

using namespace mpworkshop;
using namespace mpworkshop::benchmark;
using support::has;

namespace {

const Conditions two_idle_cpus = {
    .usable = 2, .build = "Release", .others = sys::CpusUsed{0.01, 2}};

std::string verdict_of(const ScalingRun& run) { return mpworkshop::verdict_of(run, two_idle_cpus); }

Result of(unsigned workers, double seconds, double work) {
    Result result{{.name = "pi", .workers = workers}};
    for (const double noise : {0.999, 1.0, 1.0, 1.0, 1.0, 1.001})
        result.samples.push_back({seconds * noise, seconds, work});
    return result;
}

/// The serial program takes 1 s; p workers take the time of Amdahl's law for a serial share of 10
/// %.
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
    EXPECT_TRUE(has(verdict_of(strong({1, 2, 4}, 4)), "serial fraction of 10 %"));
    EXPECT_TRUE(has(verdict_of(strong({1, 2, 4}, 2)),
                    "Amdahl's curve is left out: it takes three points that are not "
                    "oversubscribed, and here are 2."));
    EXPECT_EQ(plot_of(strong({1, 2, 4}, 4)).series.size(), 3U);
    EXPECT_EQ(plot_of(strong({1, 2, 4}, 2)).series.size(), 2U);
}

TEST(Scaling, says_which_number_of_workers_was_best_of_those_with_a_cpu_each) {
    EXPECT_TRUE(has(verdict_of(strong({1, 2, 4}, 2)),
                    "pi-parallel with 2 workers is 1.82 times as fast as pi-serial (95 % interval: "
                    "1.82 to 1.82). Efficiency: 91 %."));
    EXPECT_TRUE(has(verdict_of(strong({1}, 1)), "With one usable CPU workers only take turns."));
    EXPECT_TRUE(has(verdict_of(strong({1}, 2)), "No number of workers from two up to the usable "
                                                "CPUs was measured."));
}

TEST(Scaling, of_weak_kind_counts_the_work_that_was_done) {
    ScalingRun run{.kind = Scaling::weak, .steps = 1000, .usable = 2};
    run.results.commands = {of(1, 1, 0.9), of(1, 1, 0.9), of(2, 1.25, 1.1)};
    const auto points = points_of(run);
    EXPECT_NEAR(points[1].speedup.ratio, 1.6, 1e-9);
    EXPECT_EQ(run.steps_of(2), 2000U);
    EXPECT_FALSE(amdahl_share(run));
    EXPECT_TRUE(has(verdict_of(run), "2 workers did 1.60 times the work of pi-serial in the same "
                                     "time (95 % interval: 1.60 to 1.60). Efficiency: 80 %."));
    const auto table = table_of(run).only({"gustafson"});
    EXPECT_EQ(report::shown(table.rows[2][0], report::Unit::share), "40 %");
}

TEST(Scaling, finds_the_steps_below_which_serial_wins) {
    // 10 ms more to start and end; a step takes 0.99 ns in one process, 0.53 in two.
    EXPECT_TRUE(has(break_even_of(strong({1, 2}, 2)),
                    "Break-even: between 2.1e7 and 2.3e7 steps; with fewer, the serial program is "
                    "faster. All but the work takes 10.0 ms more with 2 workers, and a step takes "
                    "0.53 ns instead of 0.99 ns (medians of these runs)."));
    EXPECT_EQ(break_even_of(strong({1}, 2)), "");
}

TEST(Scaling, says_that_there_is_no_break_even_only_where_a_step_is_slower_for_certain) {
    ScalingRun run{.steps = 1000, .usable = 2};
    run.results.commands = {of(1, 1, 0.9), of(2, 1.5, 1.4)};
    EXPECT_EQ(break_even_of(run), "Break-even: none, since a step takes 1.40 ms with 2 workers and "
                                  "900 us with one.");
    run.results.commands = {of(1, 1, 0.9), of(2, 1.5, 0.9)};
    EXPECT_EQ(break_even_of(run), "") << "it is the start that takes longer";
}

TEST(Scaling, never_speaks_of_a_break_even_and_of_no_measurable_difference_at_once) {
    ScalingRun run{.steps = 1000, .usable = 2};
    run.results.commands = {of(1, 1, 0.99), of(2, 1, 0.6)};
    EXPECT_TRUE(has(verdict_of(run), "no measurable difference"));
    EXPECT_EQ(break_even_of(run), "");
}

namespace {

/// Two CPUs shared with other programs: six runs with different times.
ScalingRun loaded() {
    ScalingRun run{.steps = 1'000'000'000, .usable = 2};
    run.results.commands = {{{.name = "pi", .workers = 1}}, {{.name = "pi", .workers = 2}}};
    for (const double slowness : {1.0, 1.1, 1.3, 1.7, 2.0, 2.2}) {
        run.results.commands[0].samples.push_back({2, 1, 1.9});
        run.results.commands[1].samples.push_back({slowness, 1, slowness - 0.1});
    }
    return run;
}

} // namespace

TEST(Scaling, on_a_busy_machine_withholds_what_does_not_follow_and_says_why) {
    const ScalingRun run = loaded();
    EXPECT_EQ(mpworkshop::verdict_of(run, {.usable = 2, .others = sys::CpusUsed{1.1, 2}}),
              "pi-parallel with 2 workers was 1.36 times as fast as pi-serial, but the 95 % "
              "interval is 0.91 to 2.00: other programs used 1.1 of the 2 CPUs meanwhile; end "
              "them, or raise --runs or --budget. Amdahl's curve is left out: it takes three "
              "points that are not oversubscribed, and here is one.");
    EXPECT_EQ(break_even_of(run), "");
    const auto row = table_of(run).only({"speedup", "efficiency", "karp_flatt"}).rows[1];
    EXPECT_EQ(report::shown(row[0], report::Unit::ratio), "1.36");
    EXPECT_EQ(report::shown(row[1], report::Unit::share), "-");
    EXPECT_EQ(report::shown(row[2], report::Unit::share), "-");
}

TEST(Scaling, where_one_worker_is_best_says_so_only_of_what_was_measured_for_certain) {
    ScalingRun run = loaded();
    for (Sample& each : run.results.commands[1].samples) each.wall_s *= 2;
    run.results.commands.insert(run.results.commands.begin() + 1, of(1, 1.99, 1.9));
    EXPECT_TRUE(
        has(verdict_of(run),
            "Whether several workers are faster than one is unclear: 6 runs of each are too few"));
    run.results.commands[2] = of(2, 3, 2.9);
    EXPECT_TRUE(has(verdict_of(run), "No number of workers from two up to the usable CPUs was "
                                     "faster than one."));
}

TEST(Scaling, of_five_runs_has_no_interval_and_no_verdict) {
    ScalingRun run = strong({1, 2, 4}, 4);
    for (Result& each : run.results.commands) each.samples.pop_back();
    EXPECT_TRUE(has(verdict_of(run), "Whether pi-serial or pi-parallel with 4 workers is faster is "
                                     "unclear: 5 runs of each are too few"));
    EXPECT_TRUE(has(verdict_of(run), "Amdahl's curve is left out: the speedups allow none that is "
                                     "certain."));
    EXPECT_EQ(break_even_of(run), "");
    EXPECT_EQ(report::csv(table_of(run).only({"speedup_low", "speedup_high", "efficiency"})),
              "speedup_low,speedup_high,efficiency\n,,\n,,\n,,\n,,\n");
}

TEST(Scaling, ideal_ends_at_the_usable_cpus) {
    const auto run = strong({1, 2, 4}, 2);
    EXPECT_EQ(report::csv(table_of(run).only({"workers", "ideal", "efficiency"})).substr(0, 40),
              "workers,ideal,efficiency\nserial,,\n1,1,1\n");
    EXPECT_TRUE(
        has(report::csv(table_of(run).only({"workers", "ideal", "efficiency"})), "\n4,,\n"));
    EXPECT_EQ(plot_of(run).series.front().points.back().x, 2);
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

TEST(Picture, of_a_plot_has_each_point_and_escapes_every_text) {
    report::Plot plot = plot_of(strong({1, 2, 4}, 2));
    plot.subtitle = "it's\n</svg><script>\xe2\x80\xae&";
    const std::string picture = report::svg(plot, "p1", report::Placement::page);
    EXPECT_TRUE(has(picture, "it&#39;s\\x0a&lt;/svg&gt;&lt;script&gt;\\xe2\\x80\\xae&amp;"));
    EXPECT_FALSE(has(picture, "<script"));
    std::size_t dots = 0;
    for (std::size_t at = 0; (at = picture.find("class=\"dot\"", at)) != picture.npos; ++at) ++dots;
    EXPECT_EQ(dots, 4U); // and the one of the key
    EXPECT_TRUE(has(picture, "the 2 usable CPUs"));
    EXPECT_TRUE(has(picture, "class=\"crowded\""));
    EXPECT_TRUE(has(picture, "aria-labelledby=\"p1-title p1-about\""));
    EXPECT_TRUE(has(picture, " 3.08 at 4"));
    EXPECT_FALSE(has(picture, "<style>")); // the page has it
    const std::string file = report::svg(plot, "p1", report::Placement::file);
    EXPECT_TRUE(has(file, "<style>"));
    EXPECT_TRUE(has(file, "fill:#0072b2"));
    EXPECT_FALSE(has(file, "var("));
}

TEST(Picture, of_no_points_or_odd_ones_is_drawn_all_the_same) {
    for (const double odd : {0.0, -1.0, HUGE_VAL, std::nan("")}) {
        report::Plot plot{.title = "t", .series = {{.name = "s"}}, .mark = odd};
        EXPECT_TRUE(has(report::svg(plot, "p", report::Placement::page), "</svg>"));
        plot.series[0].points = {{odd, odd, odd, odd}};
        for (const bool logarithmic : {false, true}) {
            plot.logarithmic = logarithmic;
            const std::string picture = report::svg(plot, "p", report::Placement::page);
            EXPECT_FALSE(has(picture, "\"nan")) << odd;
            EXPECT_FALSE(has(picture, "\"inf")) << odd;
        }
    }
}

TEST(Picture, of_bars_has_whiskers_where_there_is_an_interval) {
    const std::string picture =
        report::svg(report::BarChart{.title = "<t>",
                                     .rows = {{"a&b", 1, "1.00 s", 0.5, 1.5}, {"c", 2, "2.00 s"}}},
                    "b", report::Placement::page);
    EXPECT_TRUE(has(picture, "&lt;t&gt;"));
    EXPECT_TRUE(has(picture, "a&amp;b"));
    EXPECT_TRUE(has(picture, "1.00 s"));
    std::size_t whiskers = 0;
    for (std::size_t at = 0; (at = picture.find("whisker", at)) != picture.npos; ++at) ++whiskers;
    EXPECT_EQ(whiskers, 3U);
}

TEST(Picture, of_lanes_hatches_what_waits_for_a_cpu) {
    const report::LaneChart chart{
        .title = "t", .seconds = 2, .lanes = {{"worker 1", "wwrrssii"}, {"worker 2", "w"}}};
    const std::string picture = report::svg(chart, "l", report::Placement::page);
    for (const char* part :
         {"class=\"work\"", "class=\"ready\"", "class=\"hatch\"", "class=\"start\"",
          "class=\"idle\"", "waiting for a CPU", "worker 2", "1.00 s", "2.00 s"})
        EXPECT_TRUE(has(picture, part));
    EXPECT_TRUE(has(report::svg(report::LaneChart{}, "l", report::Placement::page), "</svg>"));
}

TEST(Picture, has_one_of_three_endings) {
    EXPECT_THROW(report::expect_picture_name("x.gif"), UsageError);
    report::expect_converter("x.svg");
}
