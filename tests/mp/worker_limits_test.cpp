// Which deaths are put down to the kernel's having run out of memory.

#include "mp/backends/worker_limits.hpp"

#include <gtest/gtest.h>

namespace {

using mp::detail::OutOfMemoryKills;
constexpr std::int64_t second = 1'000'000'000;

TEST(OutOfMemoryKills, are_none_while_the_count_stays) {
    OutOfMemoryKills kills(3);
    EXPECT_FALSE(kills.explain_exit(3, 100 * second));
}

TEST(OutOfMemoryKills, that_happened_together_explain_as_many_deaths) {
    OutOfMemoryKills kills(3);
    EXPECT_TRUE(kills.explain_exit(5, 100 * second));
    EXPECT_TRUE(kills.explain_exit(5, 100 * second + second / 2));
    EXPECT_FALSE(kills.explain_exit(5, 100 * second + second / 2));
}

TEST(OutOfMemoryKills, of_another_process_do_not_explain_a_later_death) {
    OutOfMemoryKills kills(3);
    EXPECT_TRUE(kills.explain_exit(5, 100 * second));
    EXPECT_FALSE(kills.explain_exit(5, 102 * second));
    EXPECT_FALSE(kills.explain_exit(5, 102 * second));
    EXPECT_TRUE(kills.explain_exit(6, 103 * second));
}

} // namespace
