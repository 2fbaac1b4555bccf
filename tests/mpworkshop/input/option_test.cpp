#include "mpworkshop/input/option.hpp"

#include <gtest/gtest.h>

#include "mpworkshop/input/error.hpp"

using namespace mpworkshop;

namespace {

std::string complaint(const input::Option& option, const std::string& word) {
    try {
        option.read({word});
    } catch (const UsageError& error) {
        return error.what();
    }
    return "none";
}

} // namespace

TEST(Option, is_known_to_the_report_by_its_longest_name) {
    std::uint64_t target = 0;
    EXPECT_EQ(input::count("-p,--processes", "", target).key(), "processes");
    EXPECT_EQ(input::count("STEPS", "", target).key(), "steps");
}

TEST(Option, says_what_was_wrong_what_is_expected_and_an_example) {
    std::uint64_t target = 7;
    const auto option = input::count("-c,--count", "", target, {.most = 1000, .such_as = "12"});
    EXPECT_EQ(complaint(option, "abc"),
              "--count: 'abc' is not a number; give a whole number from 1 to 1,000, such as 12");
    EXPECT_EQ(
        complaint(option, "1.5"),
        "--count: '1.5' is not a whole number; give a whole number from 1 to 1,000, such as 12");
    EXPECT_EQ(complaint(option, "0"), "--count: '0' is too small; give 1 or more, such as 12");
    EXPECT_EQ(complaint(option, "1001"),
              "--count: '1001' is too large; give a whole number from 1 to 1,000, such as 12");
    EXPECT_EQ(target, 7U);
}

TEST(Option, suggests_the_nearest_word_of_a_choice) {
    std::string target;
    EXPECT_EQ(complaint(input::choice("--io", "", target, {"sleep", "disk"}), "dsik"),
              "--io: there is no 'dsik'; give one of sleep, disk; did you mean disk?");
}

TEST(Option, reads_numbers_parted_by_commas) {
    std::vector<double> target;
    const auto option = input::numbers("--values", "", target, "1,2");
    option.read({"1,-2.5,3e1"});
    EXPECT_EQ(target, (std::vector<double>{1, -2.5, 30}));
    EXPECT_EQ(complaint(option, "1,,2"),
              "--values: '' is not a finite number; give one such as 1,2");
    EXPECT_EQ(complaint(option, ""), "--values: '' is not a finite number; give one such as 1,2");
}

TEST(Option, is_the_last_one_where_it_is_given_twice) {
    std::uint64_t target = 0;
    input::count("--count", "", target).read({"1", "2"});
    EXPECT_EQ(target, 2U);
}

TEST(PoolChoice, reports_the_number_of_workers_that_will_run) {
    input::PoolChoice choice;
    const auto options = input::with_pool({}, choice);
    ASSERT_EQ(options.size(), 7U);
    EXPECT_EQ(options[0].key(), "processes");
    EXPECT_EQ(std::get<std::uint64_t>(options[0].value().data()), choice.workers());
    EXPECT_GE(choice.workers(), 1U);
}

TEST(PoolChoice, describes_itself_in_words) {
    EXPECT_EQ((input::PoolChoice{.processes = 1}).describe(), "1 process");
    EXPECT_EQ((input::PoolChoice{.processes = 4}).describe(), "4 processes");
    EXPECT_EQ((input::PoolChoice{.processes = 4, .backend = "threads"}).describe(), "4 threads");
}
