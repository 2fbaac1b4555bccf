#include <gtest/gtest.h>

#include <sstream>

#include "support/command.hpp"

using support::has;
using support::run;

namespace {

const std::vector<std::string> exercises = {"cores",   "threads-io", "process-demo", "map",
                                            "starmap", "pi-serial",  "pi-parallel"};

std::size_t widest_line(const std::string& text) {
    std::istringstream lines(text);
    std::size_t widest = 0;
    for (std::string line; std::getline(lines, line);) widest = std::max(widest, line.size());
    return widest;
}

} // namespace

TEST(Help, is_what_a_bare_command_prints) {
    const auto result = run({});
    EXPECT_EQ(result.status, 0);
    EXPECT_EQ(result.err, "");
    for (const auto& name : exercises) EXPECT_TRUE(has(result.out, "\n  " + name + " "));
    EXPECT_TRUE(has(result.out, "mpworkshop --help"));
}

TEST(Help, lists_the_exercises_in_teaching_order_before_the_options) {
    const auto result = run({"--help"});
    EXPECT_EQ(result.status, 0);
    std::size_t last = 0;
    for (const auto& name : exercises) {
        const std::size_t here = result.out.find("\n  " + name + " ");
        EXPECT_NE(here, std::string::npos) << name;
        EXPECT_GT(here, last) << name;
        last = here;
    }
    EXPECT_GT(result.out.find("--seed"), last);
}

TEST(Help, of_every_subcommand_has_its_options_an_example_and_80_columns) {
    for (const auto& name : exercises) {
        const auto result = run({name, "--help"});
        EXPECT_EQ(result.status, 0) << name;
        EXPECT_EQ(result.err, "") << name;
        EXPECT_TRUE(has(result.out, "Usage: mpworkshop " + name));
        EXPECT_TRUE(has(result.out, "Try: mpworkshop " + name));
        EXPECT_TRUE(has(result.out, "--json"));
        EXPECT_LT(widest_line(result.out), 80U) << name;
    }
}

TEST(Help, shows_the_options_of_those_that_use_workers) {
    for (const auto* name : {"map", "starmap", "pi-parallel"})
        for (const auto* option : {"-p, --processes N", "--backend NAME", "--chunksize N"})
            EXPECT_TRUE(has(run({name, "-h"}).out, option));
}

TEST(Version, is_on_the_first_line_then_the_compiler_and_the_build) {
    const auto result = run({"--version"});
    EXPECT_EQ(result.status, 0);
    EXPECT_EQ(result.out.substr(0, result.out.find('\n')), "mpworkshop 0.1.0");
    EXPECT_TRUE(has(result.out, "\ncompiler "));
    EXPECT_TRUE(has(result.out, "\nbuild "));
}

TEST(Options, of_the_program_stand_before_or_after_the_subcommand) {
    EXPECT_EQ(run({"--quiet", "--seed", "7", "map", "--count", "3"}).out,
              run({"map", "--count", "3", "--seed", "7", "--quiet"}).out);
}
