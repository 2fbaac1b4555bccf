#include "mpworkshop/sys/progress_bar.hpp"

#include <gtest/gtest.h>

using mpworkshop::sys::progress_line;

TEST(ProgressBar, shows_a_bar_the_share_done_and_the_time_left) {
    EXPECT_EQ(progress_line(0.5, 10, {.width = 80}),
              "[####################....................]  50 %  about 10 s left");
    EXPECT_EQ(progress_line(0, 10, {.width = 80}),
              "[........................................]   0 %");
}

TEST(ProgressBar, fits_into_the_terminal) {
    for (unsigned width = 2; width <= 200; ++width) {
        const auto line = progress_line(0.37, 1000, {.width = width});
        EXPECT_LT(line.size(), width);
    }
    EXPECT_EQ(progress_line(0.5, 10, {.width = 40}), "[#######.......]  50 %  about 10 s left");
}

TEST(ProgressBar, is_drawn_with_blocks_where_the_locale_has_them) {
    const auto line = progress_line(1, 10, {.utf8 = true, .width = 80});
    EXPECT_EQ(line.substr(0, 7), "[\u2588\u2588");
    EXPECT_EQ(line.find('#'), line.npos);
}

TEST(ProgressBar, never_leaves_the_bar_whatever_it_is_told) {
    EXPECT_EQ(progress_line(-1, 1, {.width = 80}).substr(0, 3), "[..");
    EXPECT_EQ(progress_line(7, 1, {.width = 80}).substr(40, 2), "#]");
}
