#include "mpworkshop/kit/facts.hpp"

#include <gtest/gtest.h>

#include "mpworkshop/report/json.hpp"

namespace mpworkshop::kit {
namespace {

const Facts facts = {Fact::label("a task"),
                     Fact::count("times", 1'000'000),
                     Fact::seconds("median_s", 0.0025),
                     {"samples", 7}};

TEST(Facts, FillTheLayoutWithWhatIsForTheScreen) {
    EXPECT_EQ(line("  {:<8}{:>10} x {:>8}", facts), "  a task   1,000,000 x  2.50 ms");
}

TEST(Facts, AreAnObjectOfWhatHasAKey) {
    EXPECT_EQ(report::json(object(facts)),
              "{\n  \"times\": 1000000,\n  \"median_s\": 0.0025,\n  \"samples\": 7\n}\n");
    EXPECT_EQ(report::json(object({Fact::label("a task")})), "{}\n");
}

} // namespace
} // namespace mpworkshop::kit
