#include "mpworkshop/lesson_text.hpp"

#include <gtest/gtest.h>

#include "exercises/exercises.hpp"
#include "mpworkshop/embedded.hpp"
#include "support/command.hpp"

namespace lesson_text = mpworkshop::lesson_text;

namespace {

const char* readme = "# Title\n"
                     "### 0. Not yet\n"
                     "## The story\n"
                     "Words. `./run map`\n"
                     "### Alone, or in a group\n"
                     "```sh\n./run list\n```\n"
                     "### 1. First\n"
                     "Text one.\n"
                     "```sh\n./run race --updates 10   # ten\n./run map\n```\n"
                     "### 2. Second\n"
                     "./run gil\n"
                     "```sh\n### 9. no title\n./run map --count 5\n```\n"
                     "### 3. Third\n"
                     "```sh\n./run race\n```\n"
                     "## Later\n"
                     "### 4. Fourth\n"
                     "```sh\n./run map\n```\n";

std::vector<std::string> titles(const std::vector<lesson_text::Section>& sections) {
    std::vector<std::string> titles;
    titles.reserve(sections.size());
    for (const lesson_text::Section& section : sections) titles.push_back(section.title);
    return titles;
}

using Strings = std::vector<std::string>;

} // namespace

TEST(LessonText, is_the_numbered_sections_below_its_title) {
    const auto sections = lesson_text::sections(readme);
    EXPECT_EQ(titles(sections), (Strings{"1. First", "2. Second", "3. Third"}));
    EXPECT_EQ(sections[0].commands, (Strings{"race --updates 10", "map"}));
    EXPECT_EQ(sections[1].commands, (Strings{"map --count 5"}));
    EXPECT_EQ(sections[1].text, "./run gil\n```sh\n### 9. no title\n./run map --count 5\n```\n");
}

TEST(LessonText, of_an_exercise_is_where_it_comes_first) {
    const auto sections = lesson_text::sections(readme);
    EXPECT_EQ(titles(lesson_text::about("race", sections)), (Strings{"1. First", "3. Third"}));
    EXPECT_EQ(titles(lesson_text::about("map", sections)), (Strings{"2. Second"}));
    EXPECT_EQ(titles(lesson_text::about("gil", sections)), Strings{});
}

TEST(LessonText, of_an_exercise_that_is_first_nowhere_is_where_it_is_at_all) {
    const auto sections =
        lesson_text::sections("## The story\n### 1. One\n```\n./run a\n./run b 1\n```\n");
    EXPECT_EQ(titles(lesson_text::about("b", sections)), Strings{"1. One"});
    EXPECT_EQ(lesson_text::command("b", sections), "b 1");
}

TEST(LessonText, has_the_command_to_try) {
    const auto sections = lesson_text::sections(readme);
    EXPECT_EQ(lesson_text::command("race", sections), "race --updates 10");
    EXPECT_EQ(lesson_text::command("map", sections), "map --count 5");
    EXPECT_EQ(lesson_text::command("other", sections), "other");
}

TEST(LessonText, of_the_readme_tells_of_every_exercise_and_demonstration) {
    const auto sections = lesson_text::sections(mpworkshop::embedded("README.md"));
    EXPECT_EQ(sections.front().title, "1. Memory");
    for (std::size_t i = 0; i < sections.size(); ++i)
        EXPECT_TRUE(sections[i].title.starts_with(std::to_string(i + 1) + ". "))
            << sections[i].title;
    for (const auto* exercise : exercises::all)
        EXPECT_FALSE(lesson_text::about(exercise->name, sections).empty()) << exercise->name;
}
