#include "mpworkshop/curriculum/progress.hpp"

#include <gtest/gtest.h>

#include <algorithm>

using namespace std::chrono_literals;
namespace progress = mpworkshop::progress;

namespace {

const progress::Time noon = *progress::read("2026-01-31T12:00:00Z");

} // namespace

TEST(ProgressTime, is_written_and_read_back) {
    for (const char* time :
         {"2026-01-31T12:00:00Z", "2024-02-29T23:59:59Z", "1970-01-01T00:00:00Z"})
        EXPECT_EQ(progress::written(*progress::read(time)), time);
    EXPECT_EQ(progress::read("1970-01-02T01:01:01Z")->time_since_epoch(), 24h + 3661s);
}

TEST(ProgressTime, is_refused_in_any_other_form) {
    for (const char* time :
         {"", "now", "2026-01-31", "2026-01-31T12:00:00", "2026-01-31T12:00:00Z ",
          "2026-02-30T12:00:00Z", "2026-13-01T12:00:00Z", "2026-01-31T24:00:00Z",
          "2026-01-31T12:60:00Z", "2026-01-31T12:00:60Z", "2026-01-31 12:00:00Z",
          "-026-01-31T12:00:00Z", "2026-01-31T1x:00:00Z"})
        EXPECT_FALSE(progress::read(time)) << time;
}

TEST(Progress, remembers_when_each_name_ran) {
    std::string text = progress::with("", "map", noon);
    text = progress::with(text, "cores", noon + 1h);
    EXPECT_EQ(progress::last_run(text, "map"), noon);
    EXPECT_EQ(progress::last_run(text, "cores"), noon + 1h);
    EXPECT_FALSE(progress::last_run(text, "starmap"));
    EXPECT_FALSE(progress::last_run(text, "ma"));
    text = progress::with(text, "map", noon + 2h);
    EXPECT_EQ(progress::last_run(text, "map"), noon + 2h);
    EXPECT_EQ(text.find("map 2026"), text.rfind("map 2026"));
}

TEST(Progress, is_one_line_each_below_a_line_that_says_what_it_is) {
    const std::string text = progress::with(progress::with("", "map", noon), "cores", noon);
    EXPECT_EQ(text.substr(0, 2), "# ");
    EXPECT_EQ(text.substr(text.find('\n') + 1),
              "map 2026-01-31T12:00:00Z\ncores 2026-01-31T12:00:00Z\n");
}

TEST(Progress, keeps_lines_of_another_form_and_learns_nothing_from_them) {
    const std::string odd = "map\n\n map 2026-01-31T12:00:00Z\nmap  2026-01-31T12:00:00Z\n"
                            "map yesterday\nfuture-lesson 2026-01-31T12:00:00Z\n\x01\xff\n";
    EXPECT_FALSE(progress::last_run(odd, "map"));
    const std::string names[] = {"map", "cores"};
    EXPECT_EQ(progress::without(odd, names), odd);
    EXPECT_EQ(progress::with(odd, "map", noon), odd + "map 2026-01-31T12:00:00Z\n");
}

TEST(Progress, reads_a_text_whose_last_line_has_no_end_and_one_from_another_system) {
    const std::string text = "map 2026-01-31T12:00:00Z\r\ncores 2026-01-31T12:00:00Z";
    EXPECT_EQ(progress::last_run(text, "map"), noon);
    EXPECT_EQ(progress::last_run(text, "cores"), noon);
    const std::string both[] = {"map", "cores"};
    EXPECT_EQ(progress::without(text, both), "");
    EXPECT_EQ(progress::with("odd", "map", noon), "odd\nmap 2026-01-31T12:00:00Z\n");
}

TEST(Progress, forgets_some_names_and_no_other) {
    std::string text;
    for (const char* name : {"map", "cores", "starmap"}) text = progress::with(text, name, noon);
    const std::string names[] = {"map", "cores"};
    text = progress::without(text, names);
    EXPECT_FALSE(progress::last_run(text, "map"));
    EXPECT_FALSE(progress::last_run(text, "cores"));
    EXPECT_TRUE(progress::last_run(text, "starmap"));
}

TEST(Progress, is_fresh_for_a_minute_so_that_repeated_runs_need_not_write) {
    const std::string text = progress::with("", "map", noon);
    EXPECT_TRUE(progress::is_fresh(text, "map", noon));
    EXPECT_TRUE(progress::is_fresh(text, "map", noon + 59s));
    EXPECT_FALSE(progress::is_fresh(text, "map", noon + 60s));
    EXPECT_FALSE(progress::is_fresh(text, "map", noon - 1s)); // the clock was set back
    EXPECT_FALSE(progress::is_fresh(text, "cores", noon));
}

TEST(Age, is_told_in_the_largest_unit_that_fits) {
    using Case = std::pair<std::chrono::seconds, const char*>;
    for (const auto& [passed, expected] :
         {Case{0s, "just now"}, Case{59s, "just now"}, Case{60s, "1 min ago"},
          Case{59min + 59s, "59 min ago"}, Case{1h, "1 h ago"}, Case{24h - 1s, "23 h ago"},
          Case{24h, "1 day ago"}, Case{99 * 24h, "99 days ago"}, Case{100 * 24h, "2026-01-31"},
          Case{-1s, "2026-01-31"}}) {
        EXPECT_EQ(progress::age(noon, noon + passed), expected);
        EXPECT_LE(progress::age(noon, noon + passed).size(), 11U);
    }
}
