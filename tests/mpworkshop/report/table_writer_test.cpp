#include <gtest/gtest.h>

#include <sstream>
#include <stdexcept>

#include "mpworkshop/report/bars.hpp"
#include "mpworkshop/report/json.hpp"
#include "mpworkshop/report/plot.hpp"
#include "mpworkshop/report/table.hpp"
#include "support/command.hpp"

using namespace mpworkshop;
using namespace mpworkshop::report;
using support::has;

namespace {

Table times() {
    return {.columns = {{"command", "command"},
                        {"median_s", "median", Unit::seconds},
                        {"speedup", "speedup", Unit::ratio},
                        {"efficiency", "efficiency", Unit::share},
                        {"runs", "runs"}},
            .rows = {{"pi-serial 1e9", 1.0, Value(), Value(), 5},
                     {"pi-parallel 1e9", 0.51234, 1.9518, 0.97591, 5}}};
}

Plot scaling(double last) {
    return {
        .x_title = "processes",
        .y_title = "speedup",
        .series = {{"ideal", '.', PlotSeries::Kind::line, {{0, 0, 0, 0}, {last, last, 0, last}}},
                   {"measured", '*', PlotSeries::Kind::points, {{1, 1, 1, 1}, {2, 1.9, 1.8, 2}}}},
        .mark = 2,
        .mark_title = "usable CPUs"};
}

/// The number of characters, not bytes, in the widest line.
std::size_t widest(const std::string& lines) {
    std::istringstream stream(lines);
    std::size_t found = 0;
    for (std::string line; std::getline(stream, line);) {
        std::size_t width = 0;
        for (const char c : line) width += (static_cast<unsigned char>(c) & 0xc0) != 0x80;
        found = std::max(found, width);
    }
    return found;
}

} // namespace

TEST(TableText, has_words_to_the_left_and_numbers_to_the_right) {
    EXPECT_EQ(text(times(), 80), "command          median  speedup  efficiency  runs\n"
                                 "pi-serial 1e9    1.00 s        -           -     5\n"
                                 "pi-parallel 1e9  512 ms     1.95        98 %     5\n");
}

TEST(TableText, becomes_a_block_for_each_row_where_there_is_no_room) {
    EXPECT_EQ(text(times(), 40), "command     pi-serial 1e9\n"
                                 "median      1.00 s\n"
                                 "runs        5\n"
                                 "\n"
                                 "command     pi-parallel 1e9\n"
                                 "median      512 ms\n"
                                 "speedup     1.95\n"
                                 "efficiency  98 %\n"
                                 "runs        5\n");
}

TEST(TableCsv, has_keys_and_exact_numbers_and_empty_fields) {
    EXPECT_EQ(csv(times()), "command,median_s,speedup,efficiency,runs\n"
                            "pi-serial 1e9,1,,,5\n"
                            "pi-parallel 1e9,0.51234,1.9518,0.97591,5\n");
}

TEST(TableCsv, puts_commas_quotes_and_line_ends_into_quotes) {
    const Table table{.columns = {{"a,b", ""}},
                      .rows = {{"starmap 1,3"}, {"say \"x\""}, {"two\nlines"}, {"plain"}}};
    EXPECT_EQ(csv(table), "\"a,b\"\n\"starmap 1,3\"\n\"say \"\"x\"\"\"\n\"two\nlines\"\nplain\n");
}

TEST(TableMarkdown, aligns_its_columns_and_keeps_bars_out_of_the_cells) {
    Table table = times().only({"command", "median_s"});
    table.rows[0][0] = "a|b";
    EXPECT_EQ(markdown(table), "| command | median |\n"
                               "|:--|--:|\n"
                               "| a\\|b | 1.00 s |\n"
                               "| pi-parallel 1e9 | 512 ms |\n");
}

TEST(TableValue, has_rows_by_key_and_null_for_nothing) {
    const std::string document = report::json(as_value(times().only({"runs", "speedup"})));
    EXPECT_TRUE(has(document, "\"runs\": 5"));
    EXPECT_TRUE(has(document, "\"speedup\": null"));
    EXPECT_TRUE(has(document, "\"speedup\": 1.9518"));
    EXPECT_THROW(times().only({"nothing"}), std::out_of_range);
}

TEST(TableCell, shows_a_share_as_a_percentage_and_no_negative_zero) {
    EXPECT_EQ(shown(0.976, Unit::share), "98 %");
    EXPECT_EQ(shown(0.0234, Unit::share), "2.3 %");
    EXPECT_EQ(shown(-0.0001, Unit::share), "0.0 %");
    EXPECT_EQ(shown(-0.02, Unit::share), "-2.0 %");
    EXPECT_EQ(shown(Value(), Unit::seconds), "-");
}

TEST(Bars, are_in_proportion_in_blocks_of_an_eighth) {
    const sys::Terminal terminal = {.utf8 = true, .width = 27};
    EXPECT_EQ(bars({{"A", 2, "2.00 s"}, {"B", 1, "1.00 s"}, {"C", 0.25, "250 ms"}}, terminal),
              "A  2.00 s  ███████████████\nB  1.00 s  ███████▌\nC  250 ms  █▉\n");
}

TEST(Bars, are_ascii_where_the_locale_is) {
    const sys::Terminal terminal = {.utf8 = false, .width = 27};
    EXPECT_EQ(bars({{"A", 2, "2.00 s"}, {"B", 0.9, "900 ms"}, {"C", 0.001, "1.00 ms"}}, terminal),
              "A   2.00 s  ##############\nB   900 ms  ######\nC  1.00 ms  #\n");
}

TEST(Bars, leave_the_last_column_free_in_80_and_in_40) {
    for (const unsigned width : {80U, 40U})
        for (const bool utf8 : {true, false}) {
            const sys::Terminal terminal = {.utf8 = utf8, .width = width};
            EXPECT_EQ(widest(bars({{"A", 2, "2.00 s"}, {"B", 1, "1.00 s"}}, terminal)), width - 1);
        }
}

TEST(PlotText, shows_the_points_above_the_lines_and_says_which_is_which) {
    const std::string drawn = text(scaling(2), 80);
    EXPECT_EQ(drawn.substr(0, 8), "speedup\n");
    EXPECT_EQ(std::count(drawn.begin(), drawn.end(), '*'), 3); // two points, one in the legend
    EXPECT_TRUE(has(drawn, "processes: . ideal, * measured, | usable CPUs\n"));
    EXPECT_TRUE(has(drawn, "\n   2 |"));
    EXPECT_TRUE(has(drawn, "\n   0 |. ."));
}

TEST(PlotText, fits_into_80_and_40_columns_of_ascii) {
    for (const std::size_t width : {80U, 40U})
        for (const double last : {1.0, 4.0, 256.0}) {
            const std::string drawn = text(scaling(last), width);
            EXPECT_LT(widest(drawn), width);
            for (const char c : drawn) EXPECT_TRUE(c == '\n' || (c >= ' ' && c <= '~'));
        }
}

TEST(PlotText, has_no_mark_beyond_its_end) {
    Plot plot = scaling(2);
    plot.mark = 64;
    EXPECT_EQ(text(plot, 80).find("usable"), std::string::npos);
}
