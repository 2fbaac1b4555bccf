// One order everywhere: that of the table of exercises.

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "mpworkshop/curriculum/curriculum.hpp"
#include "mpworkshop/curriculum/topics.hpp"
#include "mpworkshop/kit/command.hpp"
#include "support/command.hpp"

namespace curriculum = mpworkshop::curriculum;
using support::has;
using support::run;
using Names = std::vector<std::string>;

namespace {

Names exercise_names() {
    Names names;
    for (const auto* exercise : mpworkshop::lessons()) names.emplace_back(exercise->name);
    return names;
}

std::string first_word(const std::string& words) { return words.substr(0, words.find(' ')); }

/// The exercises that a text runs, in the order of their first occurrence, from the line `begin`
/// on.
Names exercises_run_in(const std::string& path, const std::string& begin) {
    static constexpr std::string_view script = "./run ";
    const std::string text = support::contents(MPWORKSHOP_ROOT + ("/" + path));
    const Names known = exercise_names();
    Names names;
    std::size_t at = text.find(begin);
    EXPECT_NE(at, text.npos) << path;
    while ((at = text.find(script, at)) != text.npos) {
        at += script.size();
        const std::string name =
            text.substr(at, text.find_first_not_of("abcdefghijklmnopqrstuvwxyz-", at) - at);
        const bool is_new = std::ranges::find(names, name) == names.end();
        if (is_new && std::ranges::find(known, name) != known.end()) names.push_back(name);
    }
    return names;
}

} // namespace

TEST(Order, of_the_exercises_is_that_of_the_topics) {
    Names names;
    for (const curriculum::Topic& topic : curriculum::topics())
        if (!topic.command().empty()) names.emplace_back(topic.name);
    EXPECT_EQ(names, exercise_names());
}

TEST(Order, of_the_readme_the_deck_and_the_handout_is_that_of_the_program) {
    EXPECT_EQ(exercises_run_in("README.md", "### 1. Memory"), exercise_names());
    EXPECT_EQ(exercises_run_in("slides/deck.md", "# Why memory must be managed"), exercise_names());
    EXPECT_EQ(exercises_run_in("slides/handout.html", "<h2>The exercises"), exercise_names());
}

TEST(Order, leads_through_all_subcommands_once_and_ends) {
    Names all = exercise_names(), visited = {all.front()};
    for (const auto* command : mpworkshop::other_commands()) all.emplace_back(command->name);
    while (visited.size() <= all.size()) {
        const std::string next = curriculum::after(visited.back());
        if (next.empty()) break;
        visited.push_back(first_word(next));
    }
    EXPECT_EQ(visited, all);
}

TEST(Order, of_a_tool_that_knows_what_ran_begins_with_what_did_not) {
    curriculum::History history = {.path = "a file"};
    EXPECT_EQ(curriculum::after("list", history), curriculum::command_of("race"));
    for (const std::string& name : exercise_names())
        history.last[name] = mpworkshop::curriculum::now();
    EXPECT_EQ(curriculum::after("list", history), curriculum::after("list"));
}

TEST(Next, can_be_pasted_however_the_program_was_started) {
    const auto next = [](support::CommandOptions options) {
        return support::lines_of(run({"starmap"}, std::move(options)).out).back();
    };
    EXPECT_TRUE(has(next({}), "Next: mpworkshop chunks"));
    EXPECT_TRUE(has(next({.typed = "../a b/mpworkshop"}), "Next: '../a b/mpworkshop' chunks"));
    EXPECT_TRUE(has(next({.environment = {"MPWORKSHOP_SCRIPT=./run"}, .typed = "/far/mpworkshop"}),
                    "Next: ./run chunks"));
    EXPECT_TRUE(has(run({"explain", "map"}, {.environment = {"MPWORKSHOP_SCRIPT=../run"}}).out,
                    "\n    ../run map"));
}
