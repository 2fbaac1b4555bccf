#include "mpworkshop/markdown.hpp"

#include <gtest/gtest.h>

using mpworkshop::markdown::ascii;
using mpworkshop::markdown::plain;
using mpworkshop::markdown::wrapped;

TEST(Markdown, becomes_paragraphs_without_marks) {
    EXPECT_EQ(plain("Such a *race* is **no\nsmall** matter: see `std::mutex` and [the\n"
                    "tour](src/mp/mp.hpp), *or `not`*.\n",
                    {}),
              "Such a race is no small matter: see std::mutex and the tour, or not.\n");
}

TEST(Markdown, leaves_alone_what_is_no_mark) {
    EXPECT_EQ(plain("2 * 3 * 4, a[0] and a[1] (two), `*p * *q`, one ` alone, 5*", {}),
              "2 * 3 * 4, a[0] and a[1] (two), *p * *q, one ` alone, 5*\n");
}

TEST(Markdown, is_wrapped_at_the_width) {
    EXPECT_EQ(plain("one two three four", {.width = 9}), "one two\nthree\nfour\n");
}

TEST(Markdown, has_one_empty_line_between_its_parts) {
    EXPECT_EQ(
        plain("\n\n### 11. map\nWords.\n\n\n\nMore.\n```sh\nmap  \"a b\"\n\n# *x*\n```\nEnd.\n\n",
              {}),
        "11. map\n\nWords.\n\nMore.\n\n    map  \"a b\"\n    \n    # *x*\n\nEnd.\n");
}

TEST(Markdown, lists_hang_below_their_dashes) {
    EXPECT_EQ(plain("Rules:\n- one two\n  three four\n- **five**\n\nEnd.", {.width = 10}),
              "Rules:\n- one two\n  three\n  four\n- five\n\nEnd.\n");
}

TEST(Markdown, keeps_characters_where_the_locale_shows_them_and_spells_them_elsewhere) {
    EXPECT_EQ(plain("4 / (1 + x²) × π", {.utf8 = true}), "4 / (1 + x²) × π\n");
    EXPECT_EQ(plain("4 / (1 + x²) × π\n```\nx³\n```", {.utf8 = false}),
              "4 / (1 + x^2) x pi\n\n    x^3\n");
    EXPECT_EQ(ascii("\u4e2d, \xff and \xc2"), "?, ? and ?");
}

TEST(Comment, is_wrapped_but_for_lines_that_are_moved_in) {
    EXPECT_EQ(wrapped("one two\nthree * four *\n\n    code  here, longer than it may be\nend\n",
                      {.width = 14}),
              "one two three\n* four *\n\n    code  here, longer than it may be\nend\n");
}
