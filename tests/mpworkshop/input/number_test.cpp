#include "mpworkshop/input/number.hpp"

#include <gtest/gtest.h>

#include "mpworkshop/text/text.hpp"

using namespace mpworkshop::input;

TEST(WholeNumber, reads_the_three_ways_of_writing_a_hundred_million) {
    for (const char* text : {"100000000", "1e8", "100_000_000", "1E8", "1e+8", "10.0e7", "0.1e9"})
        EXPECT_EQ(whole_number(text).value, 100'000'000U) << text;
}

TEST(WholeNumber, is_exact_up_to_two_to_the_53rd) {
    EXPECT_EQ(whole_number("9007199254740991").value, 9007199254740991U);
    EXPECT_EQ(whole_number("9007199254740992").value, 9007199254740992U);
    EXPECT_EQ(whole_number("9.007199254740991e15").value, 9007199254740991U);
    EXPECT_EQ(whole_number("9007199254740993").flaw, Flaw::too_large);
}

TEST(WholeNumber, accepts_what_the_program_prints) {
    for (const std::uint64_t number : {0ULL, 1000ULL, 140'000'000ULL, 1'200'345'000ULL,
                                       9'007'199'254'740'000ULL, 9'007'199'254'740'991ULL})
        EXPECT_EQ(whole_number(mpworkshop::text::compact(number)).value, number);
}

TEST(WholeNumber, accepts_zero_however_it_is_written) {
    for (const char* text : {"0", "000", "0.0", "0e9", "-0", "0e999999999999"}) {
        EXPECT_EQ(whole_number(text).flaw, Flaw::none) << text;
        EXPECT_EQ(whole_number(text).value, 0U) << text;
    }
}

TEST(WholeNumber, says_what_is_wrong) {
    EXPECT_EQ(whole_number("").flaw, Flaw::empty);
    EXPECT_EQ(whole_number("-5").flaw, Flaw::negative);
    EXPECT_EQ(whole_number("1.5").flaw, Flaw::not_whole);
    EXPECT_EQ(whole_number("1e-1").flaw, Flaw::not_whole);
    EXPECT_EQ(whole_number("1e400").flaw, Flaw::too_large);
    EXPECT_EQ(whole_number("1e99999999999999999999").flaw, Flaw::too_large);
    EXPECT_EQ(whole_number("99999999999999999999999999").flaw, Flaw::too_large);
}

TEST(WholeNumber, refuses_what_is_no_number) {
    for (const char* text : {"abc", "-", "1e", "1.", ".5", "1_", "_1", "1__0", "1 ", " 1", "+1",
                             "0x10", "1e8x", "e8", "inf", "nan", "1,000", "\xd9\xa1"})
        EXPECT_EQ(whole_number(text).flaw, Flaw::not_a_number) << text;
}

TEST(FiniteNumber, reads_what_a_file_may_hold) {
    EXPECT_EQ(finite_number("98.6"), 98.6);
    EXPECT_EQ(finite_number("-40"), -40.0);
    EXPECT_EQ(finite_number("+1e-3"), 0.001);
    EXPECT_EQ(finite_number("1e-400"), 0.0);
}

TEST(FiniteNumber, refuses_what_is_not_finite_or_no_number) {
    for (const char* text :
         {"", "abc", "nan", "inf", "-inf", "1e400", "1 2", "1x", "+-1", "++1", " 1"})
        EXPECT_EQ(finite_number(text), std::nullopt) << text;
}
