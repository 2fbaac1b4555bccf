#include "mpworkshop/report/timings.hpp"

#include <gtest/gtest.h>

using namespace mpworkshop;

namespace {

Outcome outcome() {
    Outcome outcome;
    outcome.timings = {{"work", 0.5, 0.9}, {"total", 0.51, 0.92}};
    outcome.cpus = 2;
    outcome.meaning = "It was fast.";
    return outcome;
}

} // namespace

TEST(Timings, are_a_small_table_and_a_sentence) {
    EXPECT_EQ(report::timings(outcome(), "./run map", 79),
              "\n"
              "work       500 ms wall    900 ms CPU    1.80 CPUs busy\n"
              "total      510 ms wall    920 ms CPU    1.80 CPUs busy\n"
              "It was fast. Next: ./run map\n");
}

TEST(Timings, take_two_lines_each_on_a_narrow_screen) {
    EXPECT_TRUE(report::timings(outcome(), "", 39)
                    .starts_with("\nwork       500 ms wall    900 ms CPU\n    1.80 CPUs busy\n"));
}

TEST(Timings, say_nothing_of_busy_cpus_where_the_clock_is_too_coarse) {
    Outcome short_run = outcome();
    short_run.timings = {{"total", 0.0005, 0.0004}};
    EXPECT_EQ(report::timings(short_run, "", 79).find("busy"), std::string::npos);
}

TEST(Timings, leave_out_inputs_and_lines_that_took_next_to_nothing) {
    Outcome many = outcome();
    many.timings = {{"input", 0.019, 0}, {"work", 0.001, 0}, {"print", 0.021, 0}, {"total", 1, 1}};
    const std::string lines = report::timings(many, "", 79);
    EXPECT_EQ(lines.find("\ninput "), std::string::npos) << lines;
    EXPECT_NE(lines.find("\nwork "), std::string::npos) << lines;
    EXPECT_NE(lines.find("\nprint "), std::string::npos) << lines;
}

TEST(Timings, never_break_the_command_to_try_next) {
    Outcome wordy = outcome();
    wordy.meaning = std::string(60, 'm') + ".";
    EXPECT_NE(report::timings(wordy, "./run pi-parallel 1000000", 79)
                  .find(".\nNext: ./run pi-parallel 1000000\n"),
              std::string::npos);
}

TEST(Timings, say_in_one_sentence_how_many_workers_died) {
    Outcome spoilt = outcome();
    spoilt.workers.resize(3);
    EXPECT_EQ(report::timings(spoilt, "", 79).find("died"), std::string::npos);
    spoilt.workers[1].restarts = 1;
    EXPECT_NE(report::timings(spoilt, "", 79)
                  .find("\nA worker died and was replaced; what it had not "
                        "finished was run again.\n"),
              std::string::npos);
    spoilt.workers[2].restarts = 4;
    EXPECT_NE(report::timings(spoilt, "", 79)
                  .find("\n5 workers died and were replaced; what they had not "
                        "finished was run again.\n"),
              std::string::npos);
}

TEST(Timings, say_nothing_of_more_busy_cpus_than_there_are) {
    Outcome late = outcome();
    late.timings = {{"work", 0.5, 0.9}, {"collect", 0.005, 0.011}, {"total", 0.51, 0.92}};
    EXPECT_NE(report::timings(late, "", 79).find("\ncollect   5.00 ms wall   11.0 ms CPU\ntotal"),
              std::string::npos)
        << report::timings(late, "", 79);
    late.workers.resize(1);
    late.workers[0].rank = 1;
    EXPECT_NE(report::timings(late, "", 79).find("2.20 CPUs busy"), std::string::npos)
        << "other hosts have CPUs, too";
}

TEST(Timings, say_what_other_programs_took_where_it_matters) {
    Outcome loaded = outcome();
    EXPECT_EQ(report::timings(loaded, "", 79).find("Other programs"), std::string::npos);
    loaded.others = {.used = 1.14, .of = 2};
    EXPECT_NE(report::timings(loaded, "", 79)
                  .find(" CPUs busy\nOther programs used 1.1 of the 2 CPUs meanwhile.\nIt was"),
              std::string::npos);
    loaded.others = {.used = 0.9, .of = 1};
    EXPECT_NE(report::timings(loaded, "", 79).find("0.9 of the one CPU meanwhile."),
              std::string::npos);
    loaded.others = {.used = 0.09, .of = 2};
    EXPECT_EQ(report::timings(loaded, "", 79).find("Other programs"), std::string::npos);
}

TEST(Timings, of_an_interrupted_run_are_one_line) {
    Outcome partial = outcome();
    EXPECT_EQ(report::interrupted(partial), "Interrupted.");
    partial.so_far = "3 of 8 tasks";
    EXPECT_EQ(report::interrupted(partial), "Interrupted: 3 of 8 tasks.");
}
