#include "mpworkshop/text/markdown.hpp"

#include <gtest/gtest.h>

using mpworkshop::markdown::ascii;
using mpworkshop::markdown::plain;

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
        "11. map\n\nWords.\n\nMore.\n\n    map  \"a b\"\n\n    # *x*\n\nEnd.\n");
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

TEST(Markdown, numbers_hang_like_dashes) {
    EXPECT_EQ(plain("1. one two\n   three\n12. four\n2.5 is no item", {.width = 10}),
              "1. one two\n   three\n12. four\n    2.5 is\n    no\n    item\n");
}

TEST(Markdown, tables_are_aligned_or_where_too_wide_one_cell_a_line) {
    const char* rows = "| Python | mp |\n|---|---|\n| `a()` | `mp::a()` |\n";
    EXPECT_EQ(plain(rows, {}), "Python  mp\na()     mp::a()\n");
    EXPECT_EQ(plain(rows, {.width = 10}), "Python\n  mp\na()\n  mp::a()\n");
}

TEST(Markdown, comments_of_commands_are_aligned) {
    EXPECT_EQ(
        plain("```sh\nmpworkshop map     # one\npython3 map.py 50  # two\nexit # no\n```", {}),
        "    mpworkshop map     # one\n    python3 map.py 50  # two\n    exit # no\n");
}

TEST(Markdown, comments_and_code_that_are_too_wide_are_broken_at_blanks) {
    EXPECT_EQ(plain("```sh\nmap --count 5 --min 'a b' --max 7  # how it ends\n```", {.width = 20}),
              "    # how it ends\n    map --count 5 \\\n      --min 'a b' \\\n      --max 7\n");
    EXPECT_EQ(plain("```cpp\n  auto a = pool.map(f, b);\n```", {.width = 20}),
              "      auto a =\n        pool.map(f,\n        b);\n");
    EXPECT_EQ(plain("```sh\nmpirun \\\n  --a\n```", {.width = 12}), "    mpirun \\\n      --a\n");
}
