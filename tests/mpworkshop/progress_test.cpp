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

TEST(Progress, of_earlier_versions_is_read_line_by_line) {
    const auto found = progress::entries("# a title\nmap 2026-01-31T12:00:00Z\r\n"
                                         "cores 2026-01-31T13:00:00Z");
    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found[0].name, "map");
    EXPECT_EQ(found[0].time, noon);
    EXPECT_EQ(found[1].name, "cores");
    EXPECT_EQ(found[1].time, noon + 1h);
}

TEST(Progress, learns_nothing_from_lines_of_another_form) {
    EXPECT_TRUE(progress::entries("map\n\n map 2026-01-31T12:00:00Z\nmap  2026-01-31T12:00:00Z\n"
                                  "map yesterday\n\x01\xff\n")
                    .empty());
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
