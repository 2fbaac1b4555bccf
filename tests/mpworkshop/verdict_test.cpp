#include "mpworkshop/benchmark/verdict.hpp"

#include <gtest/gtest.h>

#include "support/command.hpp"

using namespace mpworkshop;
using namespace mpworkshop::benchmark;
using support::has;

namespace {

Result of(const char* name, const std::vector<double>& seconds) {
    Result result{{.name = name}};
    for (const double each : seconds) result.samples.push_back({each, each, {}});
    return result;
}

std::string verdict_of(const std::vector<double>& a, const std::vector<double>& b) {
    return verdict("A", "B", stats::speedup(a, b));
}

const Conditions quiet_place = {0.2, 2, "Release"};

} // namespace

TEST(Verdict, names_the_faster_one_whichever_it_is) {
    const std::vector<double> slow = {2, 2.01, 2.02, 2.03}, fast = {1, 1.01, 1.02, 1.03};
    EXPECT_EQ(verdict_of(slow, fast), "B is 1.99 times as fast as A.");
    EXPECT_EQ(verdict_of(fast, slow), "A is 1.99 times as fast as B.");
}

TEST(Verdict, can_be_that_there_is_none) {
    const std::vector<double> a = {1, 1.1, 1.2, 1.3, 1.4};
    EXPECT_EQ(verdict_of(a, a), "There is no measurable difference between A and B.");
    EXPECT_EQ(verdict_of({1}, {9}), "So few runs cannot tell A from B; give --runs 5 or more.");
    EXPECT_EQ(verdict_of({}, a), "");
}

TEST(Cautions, are_none_on_a_quiet_machine_with_enough_work) {
    EXPECT_TRUE(cautions({of("a", {1, 1, 1.01}), of("b", {0.5, 0.5, 0.51})}, quiet_place).empty());
    EXPECT_TRUE(cautions({of("a", {})}, {std::nullopt, 2, "Release"}).empty());
}

TEST(Cautions, name_each_reason_to_doubt) {
    const auto one = [](const std::vector<Result>& result, const Conditions& where) {
        const auto found = cautions(result, where);
        return found.size() == 1 ? found[0] : std::to_string(found.size()) + " cautions";
    };
    const Result good = of("a", {1, 1, 1});
    EXPECT_TRUE(
        has(one({good}, {3.1, 2, "Release"}), "on average 3.1 processes wanted its 2 CPUs"));
    EXPECT_EQ(one({good}, {2.4, 2, "Release"}), "0 cautions");
    EXPECT_TRUE(has(one({good}, {0.1, 2, "Debug"}), "debug build"));
    EXPECT_TRUE(has(one({good, of("map", {1, 1.2, 1.4})}, quiet_place),
                    "The times of 'map' scatter by 17 %"));
    EXPECT_TRUE(has(one({good, of("b", {0.02, 0.02})}, quiet_place), "20.0 ms is too little work"));
}
