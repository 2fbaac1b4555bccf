#include "mpworkshop/practice/comparison.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "mpworkshop/practice/build.hpp"
#include "mpworkshop/practice/hints.hpp"
#include "mpworkshop/practice/source_code.hpp"
#include "support/command.hpp"

using namespace mpworkshop;
using practice::Aspect;
using practice::Language;
using support::has;

TEST(Comparison, finds_the_first_difference) {
    EXPECT_EQ(practice::first_difference("a\nb\n", "a\nb"), "");
    EXPECT_EQ(practice::first_difference("", ""), "");
    EXPECT_EQ(practice::first_difference("a\nb\n", "a\nc\n"), "line 2 should be 'b' and is 'c'");
    EXPECT_EQ(practice::first_difference("a\nb\n", "a\n"), "line 2 is missing: 'b'");
    EXPECT_EQ(practice::first_difference("a\n", "a\nb\n"), "line 2 is one too many: 'b'");
    EXPECT_EQ(practice::first_difference("a\nb\nc\n", "b\na\nc\n"),
              "the lines are right, but in another order: line 1 should be 'a' and is 'b'");
    EXPECT_EQ(practice::first_difference("a\n", ""),
              "it prints nothing; the first line should be 'a'");
}

TEST(Comparison, of_texts_that_were_cut_off_looks_at_the_lines_of_both) {
    EXPECT_EQ(practice::first_difference_of_beginnings("a\nb\nc", "a \nb"), "");
    EXPECT_EQ(practice::first_difference_of_beginnings("a\nb\nc", "a\nc\nb"),
              "line 2 should be 'b' and is 'c'");
    EXPECT_EQ(practice::first_difference_of_beginnings("abc", "abd"), "");
}

TEST(Comparison, knows_what_a_count_must_be) {
    EXPECT_EQ(practice::wrong_count({"100", "3"}, "counted 300\n"), "");
    EXPECT_EQ(practice::wrong_count({"100", "3"}, "counted 299\n"),
              "line 1 should be 'counted 300' and is 'counted 299'");
}

TEST(Comparison, wants_throws_that_differ) {
    const std::string form = "throw {number}:( [1-6]){2}";
    EXPECT_EQ(practice::not_different(form, 2, "throw 0: 1 2\nthrow 1: 2 1\n"), "");
    EXPECT_EQ(practice::not_different(form, 2, "throw 0: 1 2\nthrow 1: 1 2\n"),
              "lines 1 and 2 are the same throw");
    EXPECT_TRUE(has(practice::not_different(form, 2, "throw 0: 1 7\n"), "has another form"));
    EXPECT_EQ(practice::not_different(form, 2, "throw 0: 1 2\n"), "only 1 of 2 lines are printed");
}

TEST(SourceCode, has_no_comments_and_the_same_lines) {
    EXPECT_EQ(practice::without_comments("a // b\n/* c\nd */ \"//e\"", Language::cpp),
              "a     \n    \n     \"//e\"");
    EXPECT_EQ(practice::without_comments("a # b\n\"\"\"c\nd\"\"\" '#e'", Language::python),
              "a    \n    \n     '#e'");
}

TEST(SourceCode, tells_the_line_of_a_trap) {
    const auto& task = practice::find_task("check", "threads-io");
    const std::string source = "for page in range(3):\n    thread = Thread(target=get)\n"
                               "    thread.start()\n    thread.join()\n";
    EXPECT_TRUE(has(practice::cause_in(source, Language::python, task, Aspect::overlap),
                    "join() is inside the loop that starts the threads (line 4)"));
    EXPECT_EQ(practice::cause_in(source, Language::python, task, Aspect::clean), "");
}

TEST(Tasks, are_short_have_three_hints_and_one_marked_change) {
    for (const practice::Task& task : practice::tasks())
        for (const Language language : {Language::cpp, Language::python}) {
            const std::string start(task.text("start" + std::string(suffix_of(language))));
            EXPECT_LE(std::ranges::count(start, '\n'), 30) << task.name;
            EXPECT_TRUE(has(start, "CHANGE HERE")) << task.name;
            EXPECT_EQ(task.text("solution" + std::string(suffix_of(language))).empty(),
                      task.name == "your-own");
            const auto hints = practice::hints_of(task, language);
            ASSERT_EQ(hints.size(), 3U) << task.name;
            EXPECT_TRUE(has(hints[2], language == Language::cpp ? "```cpp" : "```python"));
            EXPECT_FALSE(has(hints[2], language == Language::cpp ? "```python" : "```cpp"));
        }
}

TEST(BuildSetup, reads_the_cache_of_cmake) {
    EXPECT_EQ(practice::cache_entry("# a\nA_B:PATH=/x=y\nA:STRING=z\n", "A"), "z");
    EXPECT_EQ(practice::cache_entry("A_B:PATH=/x=y\n", "A_B"), "/x=y");
    EXPECT_EQ(practice::cache_entry("", "A"), "");
}
