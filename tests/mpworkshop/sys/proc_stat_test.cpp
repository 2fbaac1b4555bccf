#include "mpworkshop/sys/proc_stat.hpp"

#include <gtest/gtest.h>

#include <string>

using mpworkshop::sys::parse_schedstat;
using mpworkshop::sys::parse_stat;

namespace {

std::string stat_of(const std::string& name) {
    return "4711 (" + name +
           ") R 17 4711 4711 34816 4711 4194304 100 0 0 0 150 25 30 4 20 0 3 0 12345 1 2 3\n";
}

} // namespace

TEST(ProcStat, has_the_name_the_state_the_parent_and_the_times) {
    const auto stat = parse_stat(stat_of("python3"), 0.01);
    ASSERT_TRUE(stat);
    EXPECT_EQ(stat->pid, 4711);
    EXPECT_EQ(stat->name, "python3");
    EXPECT_EQ(stat->state, 'R');
    EXPECT_EQ(stat->parent, 17);
    EXPECT_DOUBLE_EQ(stat->cpu_s, 1.75);
    EXPECT_DOUBLE_EQ(stat->reaped_cpu_s, 0.34);
}

TEST(ProcStat, takes_any_name) {
    for (const std::string name : {"", ")", "(", ") R 1", "a b", "new\nline", "((x) S 9) Z 0 0"}) {
        const auto stat = parse_stat(stat_of(name), 0.01);
        ASSERT_TRUE(stat) << name;
        EXPECT_EQ(stat->name, name);
        EXPECT_EQ(stat->state, 'R') << name;
        EXPECT_EQ(stat->parent, 17) << name;
    }
}

TEST(ProcStat, that_is_none_is_refused) {
    for (const std::string text :
         {"", "4711", "4711 (", "4711 (name", "4711 (name)", "4711 (name) ", "4711 (name) R",
          "4711 (name) R x", "(name) R 1 2 3", "no such process", "4711 (name) R 1 2 3 4"})
        EXPECT_FALSE(parse_stat(text, 0.01)) << text;
    const std::string whole = stat_of("x");
    for (std::size_t size = 0; size < whole.find(" 30 4"); ++size)
        EXPECT_FALSE(parse_stat(whole.substr(0, size), 0.01)) << size;
}

TEST(SchedStat, has_the_time_computing_and_the_time_ready) {
    const auto stat = parse_schedstat("2838579000 153081 2\n");
    ASSERT_TRUE(stat);
    EXPECT_DOUBLE_EQ(stat->cpu_s, 2.838579);
    EXPECT_DOUBLE_EQ(stat->ready_s, 0.000153081);
    for (const char* text :
         {"", "\n", "12", "12 ", "x 3 4", "-1 2 3", "1 -2 3", "99999999999999999999999 1 1"})
        EXPECT_FALSE(parse_schedstat(text)) << text;
}
