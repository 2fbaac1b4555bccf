#include "mpworkshop/kit/gantt.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "support/command.hpp"

using namespace mpworkshop;

using support::lines_of;

namespace {

constexpr auto work = BarKind::work;

/// Two workers for two seconds: one starts, works on three items and waits; the other works.
const std::vector<GanttLane> two_workers = {
    {"worker 0",
     {{0, 0.25, BarKind::start}, {0.25, 0.75}, {0.75, 1.25}, {1.25, 1.5}, {1.5, 2, BarKind::wait}}},
    {"worker 1", {{0.5, 2}}},
};

/// Columns of a line: bytes that do not continue a UTF-8 character.
std::size_t columns(const std::string& line) {
    return std::size_t(std::ranges::count_if(
        line, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

} // namespace

TEST(Gantt, draws_lanes_an_axis_and_a_key_in_40_columns) {
    EXPECT_EQ(gantt(two_workers, {.width = 40}), "worker 0  ::::#######|######|####-------\n"
                                                 "worker 1         #######################\n"
                                                 "          +--------------+--------------\n"
                                                 "          0              1 s\n"
                                                 "# working   : starting   - waiting\n"
                                                 "| the next piece\n");
}

TEST(Gantt, draws_the_same_with_blocks_where_there_is_utf8) {
    EXPECT_EQ(gantt(two_workers, {.width = 40, .utf8 = true}),
              "worker 0  ▒▒▒▒███████▐██████▐████───────\n"
              "worker 1         ███████████████████████\n"
              "          ┴──────────────┴──────────────\n"
              "          0              1 s\n"
              "█ working   ▒ starting   ─ waiting\n"
              "▐ the next piece\n");
}

TEST(Gantt, shows_waits_for_a_cpu_apart_from_the_work_that_they_are_in) {
    const std::vector<GanttLane> in_turn = {
        {"0", {{0, 2}, {0.5, 1, BarKind::ready}, {1.5, 2, BarKind::ready}}},
        {"1", {{0, 2}, {0, 0.5, BarKind::ready}, {1, 1.5, BarKind::ready}}},
    };
    EXPECT_EQ(gantt(in_turn, {.width = 43}), "0  ##########oooooooooo##########oooooooooo\n"
                                             "1  oooooooooo##########oooooooooo##########\n"
                                             "   +-------------------+-------------------\n"
                                             "   0                   1 s\n"
                                             "# working   o waiting for a CPU\n");
    EXPECT_NE(gantt(in_turn, {.width = 43, .utf8 = true}).find("0  ██████████▂▂▂▂▂▂▂▂▂▂██████████"),
              std::string::npos);
}

TEST(Gantt, draws_79_columns_unless_told_otherwise) {
    EXPECT_EQ(gantt(two_workers, {}),
              "worker 0  :::::::::################|#################|########-----------------\n"
              "worker 1                   ####################################################\n"
              "          +----------------+----------------+----------------+-----------------\n"
              "          0                0.5 s            1 s              1.5 s\n"
              "# working   : starting   - waiting   | the next piece\n");
    EXPECT_EQ(gantt(two_workers, {.utf8 = true}),
              "worker 0  ▒▒▒▒▒▒▒▒▒████████████████▐█████████████████▐████████─────────────────\n"
              "worker 1                   ████████████████████████████████████████████████████\n"
              "          ┴────────────────┴────────────────┴────────────────┴─────────────────\n"
              "          0                0.5 s            1 s              1.5 s\n"
              "█ working   ▒ starting   ─ waiting   ▐ the next piece\n");
}

TEST(Gantt, is_never_wider_than_asked) {
    for (const unsigned width : {40U, 61U, 79U, 200U})
        for (const bool utf8 : {false, true})
            for (const double seconds : {1e-9, 3e-6, 0.012, 0.999, 7.5, 86'400.0}) {
                std::vector<GanttLane> lanes = two_workers;
                for (GanttLane& lane : lanes)
                    for (GanttBar& bar : lane.bars) bar.begin_s *= seconds, bar.end_s *= seconds;
                lanes[0].name = std::string(100, 'x');
                for (const std::string& line : lines_of(gantt(lanes, {width, utf8})))
                    EXPECT_LE(columns(line), width) << line;
            }
}

TEST(Gantt, begins_its_axis_with_the_earliest_bar) {
    const std::string at_zero = gantt({{"a", {{0, 1}}}, {"b", {{1, 2}}}}, {.width = 40});
    EXPECT_EQ(gantt({{"a", {{500, 501}}}, {"b", {{501, 502}}}}, {.width = 40}), at_zero);
}

TEST(Gantt, shows_what_filled_most_of_a_column) {
    // Forty bars for each column: three quarters of the time wait first, then work.
    std::vector<GanttBar> bars;
    for (int i = 0; i < 1480; ++i) {
        const double begin = i, cut = begin + (i < 740 ? 0.25 : 0.75);
        bars.push_back({begin, cut});
        bars.push_back({cut, begin + 1, BarKind::wait});
    }
    const auto lines = lines_of(gantt({{"a", bars}}, {.width = 40}));
    EXPECT_EQ(lines[0],
              "a  " + std::string(18, '-') + lines[0].substr(21, 1) + std::string(18, '#'));
}

TEST(Gantt, shows_a_lone_short_bar_as_a_dot) {
    const auto lines = lines_of(gantt({{"a", {{0, 10}}}, {"b", {{5, 5.0001}}}}, {.width = 43}));
    EXPECT_EQ(lines[1], "b  " + std::string(20, ' ') + ".");
    EXPECT_EQ(lines.back(), "# working   . brief work");
}

TEST(Gantt, parts_neighbours_but_not_a_crowd) {
    std::vector<GanttBar> few, many;
    for (int i = 0; i < 4; ++i) few.push_back({double(i), i + 1.0});
    for (int i = 0; i < 400; ++i) many.push_back({i / 100.0, (i + 1) / 100.0});
    const auto lines = lines_of(gantt({{"few", few}, {"many", many}}, {.width = 46}));
    EXPECT_EQ(lines[0], "few   ##########|#########|#########|#########");
    EXPECT_EQ(lines[1], "many  " + std::string(40, '#'));
}

TEST(Gantt, draws_the_first_32_lanes_and_counts_the_others) {
    const std::vector<GanttLane> lanes(100, {"w", {{0, 1, work}}});
    const auto lines = lines_of(gantt(lanes, {.width = 40}));
    ASSERT_EQ(lines.size(), 36U);
    EXPECT_EQ(lines[31], "w  " + std::string(37, '#'));
    EXPECT_EQ(lines[32], "and 68 more");
}

TEST(Gantt, is_empty_without_a_bar_and_lasts_a_moment_for_one_without_length) {
    EXPECT_EQ(gantt({}, {}), "");
    EXPECT_EQ(gantt({{"a", {}}}, {}), "");
    EXPECT_EQ(lines_of(gantt({{"a", {{1, 1}}}}, {.width = 40}))[0], "a  .");
}
