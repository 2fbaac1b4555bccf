#include "mpworkshop/kit/fields.hpp"

#include <gtest/gtest.h>

#include "mpworkshop/report/json.hpp"

namespace mpworkshop::kit {
namespace {

const Fields example = {Field::label("a task"),
                        Field::count("times", 1'000'000),
                        Field::seconds("median_s", 0.0025),
                        {"samples", 7}};

TEST(Fields, fill_the_layout_with_what_is_for_the_screen) {
    EXPECT_EQ(line("  {:<8}{:>10} x {:>8}", example), "  a task   1,000,000 x  2.50 ms");
}

TEST(Fields, are_an_object_of_what_has_a_key) {
    EXPECT_EQ(report::json(object(example)),
              "{\n  \"times\": 1000000,\n  \"median_s\": 0.0025,\n  \"samples\": 7\n}\n");
    EXPECT_EQ(report::json(object({Field::label("a task")})), "{}\n");
}

} // namespace
} // namespace mpworkshop::kit
