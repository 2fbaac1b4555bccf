#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "mpworkshop/kit/command.hpp"
#include "support/command.hpp"

using nlohmann::json;
using support::has;
using support::lines_of;
using support::run;

namespace {

bool is_ascii(const std::string& text) {
    return std::ranges::all_of(text, [](char c) { return c == '\n' || (c >= ' ' && c <= '~'); });
}

} // namespace

TEST(Explain, tells_the_story_then_the_command) {
    const auto result = run({"explain", "threads-io"});
    EXPECT_EQ(result.status, 0);
    EXPECT_EQ(result.err, "");
    EXPECT_TRUE(result.out.starts_with("5. Why threads, then\n\nMuch of what")) << result.out;
    EXPECT_TRUE(has(result.out, "\n    mpworkshop threads-io "));
    EXPECT_EQ(lines_of(result.out).back(), "Run it: mpworkshop threads-io");
    EXPECT_FALSE(has(result.out, "./run "));
    EXPECT_FALSE(has(result.out, "```"));
}

TEST(Explain, knows_every_point_of_the_story_by_name_and_by_number) {
    const std::string list = run({"explain"}).out;
    EXPECT_TRUE(has(list, "\n   1  memory        Memory\n"));
    EXPECT_TRUE(has(list, "\n   3  mutex         Mutual exclusion\n"));
    EXPECT_TRUE(has(list, "\n      cluster       From a laptop to a cluster\n"));
    for (unsigned point = 1; point <= 15; ++point) {
        const auto result = run({"explain", std::to_string(point)});
        EXPECT_EQ(result.status, 0) << point;
        EXPECT_TRUE(result.out.starts_with(std::to_string(point) + ". ")) << result.out;
    }
    EXPECT_EQ(run({"explain", "rules"}).out, run({"explain", "15"}).out);
    EXPECT_EQ(run({"explain", "16"}).status, 2);
    EXPECT_EQ(lines_of(run({"explain", "memory"}).out).back(), "Read on: mpworkshop explain race");
}

TEST(Explain, knows_the_cluster_and_the_glossary) {
    EXPECT_TRUE(run({"explain", "cluster"}).out.starts_with("From a laptop to a cluster\n"));
    EXPECT_TRUE(
        has(run({"explain", "words"}).out, "\n- Amdahl's law: if a fraction s of the work"));
}

TEST(Explain, knows_every_exercise_every_demonstration_and_every_tool) {
    std::vector<std::string> names;
    for (const auto* exercise : mpworkshop::lessons()) names.emplace_back(exercise->name);
    for (const auto* command : mpworkshop::other_commands()) names.emplace_back(command->name);
    const std::string list = run({"explain"}).out;
    for (const std::string& name : names) {
        EXPECT_TRUE(has(list, "  " + name + " "));
        const auto result = run({"explain", name});
        EXPECT_EQ(result.status, 0);
        EXPECT_TRUE(lines_of(result.out).back().starts_with("Run it: mpworkshop " + name))
            << result.out;
    }
}

TEST(Explain, is_ascii_where_the_locale_is) {
    const json names = json::parse(run({"explain", "--json"}).out)["names"];
    for (const json& name : names) {
        const auto result = run({"explain", std::string(name)}, {.environment = {"LC_ALL=C"}});
        EXPECT_TRUE(is_ascii(result.out)) << result.out;
    }
}

TEST(Explain, spells_characters_that_the_locale_cannot_show) {
    EXPECT_TRUE(has(run({"explain", "pi-serial"}, {.environment = {"LC_ALL=C"}}).out, "(1 + x^2)"));
    EXPECT_TRUE(
        has(run({"explain", "pi-serial"}, {.environment = {"LC_ALL=C.UTF-8"}}).out, "(1 + x²)"));
}

TEST(Explain, gives_programs_the_text_and_the_command) {
    const json found = json::parse(run({"explain", "pi-serial", "--json"}).out);
    EXPECT_EQ(found["schema"], "mpworkshop-explain-1");
    EXPECT_EQ(found["name"], "pi-serial");
    EXPECT_EQ(found["sections"], json{"13. Pi, serial"});
    EXPECT_TRUE(std::string(found["command"]).starts_with("mpworkshop pi-serial "));
    EXPECT_EQ(run({"explain", "pi-serial", "--quiet"}).out, std::string(found["text"]));
    EXPECT_EQ(json::parse(run({"explain", "--json"}).out)["names"].front(), "memory");
}

TEST(Explain, suggests_a_name_that_is_near) {
    const auto result = run({"explain", "thread-io"});
    EXPECT_EQ(result.status, 2);
    EXPECT_TRUE(has(result.err, "explain: there is no 'thread-io'; did you mean threads-io?"));
    EXPECT_TRUE(
        has(run({"explain", "x\x1b[31m"}).err, "there is no 'x\\x1b[31m'; mpworkshop explain"));
}
