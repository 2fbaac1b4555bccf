#include "mpworkshop/input/close_match.hpp"

#include <gtest/gtest.h>

#include <vector>

using namespace mpworkshop::input;

TEST(EditDistance, counts_inserted_dropped_changed_and_swapped_letters) {
    EXPECT_EQ(edit_distance("map", "map"), 0U);
    EXPECT_EQ(edit_distance("mp", "map"), 1U);
    EXPECT_EQ(edit_distance("maap", "map"), 1U);
    EXPECT_EQ(edit_distance("mup", "map"), 1U);
    EXPECT_EQ(edit_distance("mpa", "map"), 1U);
    EXPECT_EQ(edit_distance("", "map"), 3U);
    EXPECT_EQ(edit_distance("kitten", "sitting"), 3U);
}

TEST(CloseMatch, finds_the_nearest_name) {
    const std::vector<std::string> names = {"cores", "map", "starmap", "pi-serial", "pi-parallel"};
    EXPECT_EQ(close_match("mpa", names), "map");
    EXPECT_EQ(close_match("starmpa", names), "starmap");
    EXPECT_EQ(close_match("pi-paralel", names), "pi-parallel");
    EXPECT_EQ(close_match("pi-par", names), "pi-parallel");
}

TEST(CloseMatch, finds_nothing_where_nothing_is_near) {
    const std::vector<std::string> names = {"cores", "map", "starmap"};
    EXPECT_EQ(close_match("zzzzzz", names), "");
    EXPECT_EQ(close_match("", names), "");
    EXPECT_EQ(close_match(std::string(100'000, 'm'), names), "");
    EXPECT_EQ(did_you_mean("zzzzzz", names), "");
    EXPECT_EQ(did_you_mean("core", names), "; did you mean cores?");
}
