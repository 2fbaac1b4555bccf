#include "mpworkshop/text/text.hpp"

#include <gtest/gtest.h>

using namespace mpworkshop::text;

TEST(Text, shows_control_characters_and_broken_utf8_as_numbers) {
    EXPECT_EQ(printable("map"), "map");
    EXPECT_EQ(printable("\x1b[31mred\n"), "\\x1b[31mred\\x0a");
    EXPECT_EQ(printable("pi \xcf\x80"), "pi \xcf\x80");
    EXPECT_EQ(printable("\xff\xcf"), "\\xff\\xcf");
    EXPECT_EQ(printable("\xc2\x9b"
                        "31m"),
              "\\xc2\\x9b31m");
    EXPECT_EQ(printable("\xe2\x80\xae"), "\\xe2\\x80\\xae");
    EXPECT_EQ(printable("\xc0\xaf\xed\xa0\x80"), "\\xc0\\xaf\\xed\\xa0\\x80");
}

TEST(Text, cuts_off_what_is_too_long_to_show) {
    EXPECT_EQ(printable("abcdef", 3), "abc...");
    EXPECT_EQ(mpworkshop::text::quoted(std::string(1000, 'x')).size(), 65U);
}

TEST(Text, groups_large_numbers) {
    EXPECT_EQ(grouped(0), "0");
    EXPECT_EQ(grouped(999), "999");
    EXPECT_EQ(grouped(1000), "1,000");
    EXPECT_EQ(grouped(1234567), "1,234,567");
}

TEST(Text, writes_round_numbers_short_and_all_exactly) {
    EXPECT_EQ(compact(1'000'000'000), "1e9");
    EXPECT_EQ(compact(2'500'000'000), "2.5e9");
    EXPECT_EQ(compact(140'000'000), "1.4e8");
    EXPECT_EQ(compact(1'200'345'000), "1.200345e9");
    EXPECT_EQ(compact(12'000), "1.2e4");
    EXPECT_EQ(compact(1'000), "1e3");
    EXPECT_EQ(compact(9'007'199'254'740'991), "9007199254740991");
    EXPECT_EQ(compact(1'400), "1400");
    EXPECT_EQ(compact(123456789), "123456789");
    EXPECT_EQ(compact(100), "100");
    EXPECT_EQ(compact(0), "0");
}

TEST(Text, knows_one_from_many) {
    EXPECT_EQ(counted(1, "process"), "1 process");
    EXPECT_EQ(counted(2, "process"), "2 processes");
    EXPECT_EQ(counted(0, "task"), "0 tasks");
    EXPECT_EQ(counted(5000, "step"), "5,000 steps");
}

TEST(Text, gives_durations_three_digits_and_a_unit) {
    EXPECT_EQ(duration(18), "18.0 s");
    EXPECT_EQ(duration(2), "2.00 s");
    EXPECT_EQ(duration(123.4), "123 s");
    EXPECT_EQ(duration(0.0613), "61.3 ms");
    EXPECT_EQ(duration(0.9999), "1.00 s");
    EXPECT_EQ(duration(1.25e-6), "1.25 us");
    EXPECT_EQ(duration(0), "0.00 ns");
}

TEST(Text, wraps_at_spaces) {
    EXPECT_EQ(wrapped("one two three", 7), (std::vector<std::string>{"one two", "three"}));
    EXPECT_EQ(wrapped("", 7), std::vector<std::string>{});
    EXPECT_EQ(wrapped("incomprehensible it is", 5),
              (std::vector<std::string>{"incomprehensible", "it is"}));
}

TEST(Fitted, keeps_lines_that_fit_and_breaks_others_at_spaces) {
    EXPECT_EQ(fitted("  a   b\n  one two three four five", 16),
              "  a   b\n  one two three\n  four five\n");
    EXPECT_EQ(fitted("a\n", 10), "a\n\n");
}

TEST(Command, that_is_too_wide_goes_on_after_a_backslash) {
    EXPECT_EQ(command("Next: ", "./run map", 20), "Next: ./run map\n");
    EXPECT_EQ(command("Next: ", "./run map --count 5 --min 'a b'", 20),
              "Next: ./run map \\\n  --count 5 --min \\\n  'a b'\n");
}
