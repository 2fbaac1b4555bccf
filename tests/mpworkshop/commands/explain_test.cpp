#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "exercises/exercises.hpp"
#include "mpworkshop/commands/commands.hpp"
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

TEST(Explain, tells_the_story_then_the_lessons_words_then_the_command) {
    const auto result = run({"explain", "threads-io"});
    EXPECT_EQ(result.status, 0);
    EXPECT_EQ(result.err, "");
    EXPECT_TRUE(result.out.starts_with("5. Why threads, then\n\nBecause much")) << result.out;
    const std::size_t command = result.out.find("\n    mpworkshop threads-io ");
    const std::size_t lesson =
        result.out.find("\nThe lesson itself:\n\nthreads_io: threads speed up waiting.\n");
    EXPECT_LT(command, lesson);
    EXPECT_LT(lesson, result.out.find("\n    ./threads_io 8 2 "));
    EXPECT_EQ(lines_of(result.out).back(), "Run it: mpworkshop threads-io");
    EXPECT_FALSE(has(result.out, "#include"));
    EXPECT_FALSE(has(result.out, "./run"));
    EXPECT_FALSE(has(result.out, "```"));
}

TEST(Explain, knows_every_exercise_every_demonstration_and_every_tool) {
    std::vector<std::string> names;
    for (const auto* exercise : exercises::all) names.emplace_back(exercise->name);
    for (const auto* command : mpworkshop::commands::all) names.emplace_back(command->name);
    const std::string list = run({"explain"}).out;
    for (const std::string& name : names) {
        EXPECT_TRUE(has(list, "\n  " + name + " "));
        const auto result = run({"explain", name}, {.environment = {"LC_ALL=C"}});
        EXPECT_EQ(result.status, 0);
        const auto lines = lines_of(result.out);
        EXPECT_TRUE(lines.back().starts_with("Run it: mpworkshop " + name)) << lines.back();
        EXPECT_TRUE(is_ascii(result.out)) << result.out;
        for (const std::string& line : lines)
            if (!line.starts_with("    ")) {
                EXPECT_LT(line.size(), 80U) << line;
            }
    }
}

TEST(Explain, spells_characters_that_the_locale_cannot_show) {
    EXPECT_TRUE(has(run({"explain", "pi-serial"}, {.environment = {"LC_ALL=C"}}).out, "(1 + x^2)"));
    EXPECT_TRUE(
        has(run({"explain", "pi-serial"}, {.environment = {"LC_ALL=C.UTF-8"}}).out, "(1 + x²)"));
}

TEST(Explain, is_narrow_where_the_terminal_is) {
    for (const std::string& line :
         lines_of(run({"explain", "map"}, {.environment = {"COLUMNS=40"}}).out)) {
        if (!line.starts_with("    ")) {
            EXPECT_LT(line.size(), 40U) << line;
        }
    }
}

TEST(Explain, gives_programs_the_text_and_the_command) {
    const json found = json::parse(run({"explain", "pi-serial", "--json"}).out);
    EXPECT_EQ(found["schema"], "mpworkshop-explain-1");
    EXPECT_EQ(found["name"], "pi-serial");
    EXPECT_EQ(found["sections"], json{"13. Pi, serial"});
    EXPECT_TRUE(std::string(found["command"]).starts_with("mpworkshop pi-serial "));
    EXPECT_EQ(run({"explain", "pi-serial", "--quiet"}).out, std::string(found["text"]));
    EXPECT_EQ(json::parse(run({"explain", "--json"}).out)["names"].front(), "cores");
}

TEST(Explain, suggests_a_name_that_is_near) {
    const auto result = run({"explain", "thread-io"});
    EXPECT_EQ(result.status, 2);
    EXPECT_TRUE(has(result.err, "explain: there is no 'thread-io'; did you mean threads-io?"));
    EXPECT_TRUE(
        has(run({"explain", "x\x1b[31m"}).err, "there is no 'x\\x1b[31m'; mpworkshop explain"));
}
