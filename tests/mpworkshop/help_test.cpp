#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "mpworkshop/kit/command.hpp"
#include "support/command.hpp"

using support::has;
using support::run;

namespace {

const std::vector<std::string> the_twelve = {"race",   "gil",          "threads-io",  "concurrency",
                                             "cores",  "process-demo", "map",         "starmap",
                                             "chunks", "pi-serial",    "pi-parallel", "price"};

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
    for (const auto& name : the_twelve) EXPECT_TRUE(has(result.out, "\n  " + name + " "));
    EXPECT_TRUE(has(result.out, "mpworkshop --help"));
}

TEST(Help, lists_the_exercises_in_the_order_of_the_story_before_the_options) {
    const auto result = run({"--help"});
    EXPECT_EQ(result.status, 0);
    std::size_t last = 0;
    for (const auto& name : the_twelve) {
        const std::size_t at = result.out.find("\n  " + name + " ");
        EXPECT_NE(at, std::string::npos) << name;
        EXPECT_GT(at, last) << name;
        last = at;
    }
    EXPECT_GT(result.out.find("--seed"), last);
}

TEST(Help, of_a_bare_command_is_short_and_names_no_more_than_the_exercises) {
    const auto result = run({});
    EXPECT_LE(std::ranges::count(result.out, '\n'), 20);
    EXPECT_LT(widest_line(result.out), 80U);
    for (const auto* command : mpworkshop::other_commands())
        EXPECT_FALSE(has(result.out, "\n  " + std::string(command->name) + " "));
}

TEST(Help, lists_the_tools_below_the_exercises) {
    const auto result = run({"--help"});
    EXPECT_LT(widest_line(result.out), 80U);
    std::size_t last = result.out.find("\nExercises, in the order of the story:\n");
    const auto follows = [&](const std::string& text) {
        const std::size_t at = result.out.find("\n" + text);
        EXPECT_NE(at, std::string::npos) << text;
        EXPECT_GT(at, last) << text;
        last = at;
    };
    for (const auto* exercise : mpworkshop::lessons())
        follows("  " + std::string(exercise->name) + " ");
    follows("Tools:\n");
    for (const auto* command : mpworkshop::other_commands())
        follows("  " + std::string(command->name) + " ");
    follows("Options, before or after the subcommand's name:\n");
}

TEST(Help, of_every_tool_has_an_example_and_80_columns) {
    for (const auto* command : mpworkshop::other_commands()) {
        const auto result = run({command->name, "--help"});
        EXPECT_EQ(result.status, 0) << command->name;
        EXPECT_TRUE(has(result.out, "Usage: mpworkshop " + std::string(command->name)));
        EXPECT_TRUE(has(result.out, "Try: mpworkshop " + std::string(command->example)));
        EXPECT_LT(widest_line(result.out), 80U) << command->name;
    }
}

TEST(Help, suggests_the_tool_that_is_meant) {
    for (const auto& [word, command] : {std::pair{"sorce", "source"},
                                        {"lsit", "list"},
                                        {"explane", "explain"},
                                        {"docter", "doctor"}}) {
        const auto result = run({word});
        EXPECT_EQ(result.status, 2);
        EXPECT_TRUE(has(result.err, std::string("did you mean ") + command + "?"));
    }
}

TEST(Help, of_every_subcommand_has_its_options_an_example_and_80_columns) {
    for (const auto& name : the_twelve) {
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
