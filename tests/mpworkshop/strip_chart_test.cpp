#include "mpworkshop/text/strip_chart.hpp"

#include <gtest/gtest.h>

#include "support/command.hpp"

using namespace mpworkshop;
using support::has;
using support::lines_of;

namespace {

std::vector<StripPoint> steps() {
    std::vector<StripPoint> points(80, {1, 0});
    for (std::size_t i = 40; i < 80; ++i) points[i] = {2, 1};
    return points;
}

} // namespace

TEST(StripChart, has_a_row_for_each_unit_and_a_mark_for_what_lies_above) {
    EXPECT_EQ(strip_chart(steps(), 2, {.width = 43}),
              "3 |                    ::::::::::::::::::::\n"
              "2 |                    ####################\n"
              "1 |########################################\n"
              "   +-------------------+-------------------\n"
              "   0                   1 s\n");
}

TEST(StripChart, of_many_units_has_at_most_eight_rows) {
    const std::string chart = strip_chart(std::vector<StripPoint>(10, {60, 0}), 1, {.width = 60});
    EXPECT_EQ(lines_of(chart).size(), 8 + 2U);
    EXPECT_TRUE(chart.starts_with("64 |")) << chart;
    EXPECT_TRUE(has(chart, "\n 8 |###")) << chart;
}

TEST(StripChart, shows_a_little_in_its_lowest_row) {
    EXPECT_TRUE(strip_chart({{0.1, 0}, {0, 0}}, 1, {.width = 40}).starts_with("1 |.......")) << "";
    EXPECT_TRUE(strip_chart({{0.001, 0}}, 1, {.width = 40}).starts_with("1 |\n"));
}

TEST(StripChart, is_as_wide_as_it_may_be) {
    for (const unsigned width : {39U, 79U})
        for (const std::string& line : lines_of(strip_chart(steps(), 2, {.width = width})))
            EXPECT_LE(line.size(), width) << line;
}

TEST(StripChart, can_draw_blocks) {
    const std::string chart = strip_chart(steps(), 2, {.width = 43, .utf8 = true});
    EXPECT_TRUE(has(chart, "1 │████")) << chart;
    EXPECT_TRUE(has(chart, "░░░░")) << chart;
}

TEST(StripChart, of_nothing_is_empty) {
    EXPECT_EQ(strip_chart({}, 1, {}), "");
    EXPECT_EQ(strip_chart({{1, 0}}, 0, {}), "");
}
