#include "mpworkshop/curriculum/topics.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "mpworkshop/kit/command.hpp"
#include "mpworkshop/kit/embedded.hpp"

namespace curriculum = mpworkshop::curriculum;

TEST(Topics, are_the_fifteen_points_of_the_story_in_order) {
    unsigned last = 0;
    std::set<std::string_view> names;
    for (const curriculum::Topic& topic : curriculum::topics()) {
        EXPECT_TRUE(names.insert(topic.name).second) << topic.name;
        if (topic.point > 0) {
            EXPECT_EQ(topic.point, ++last) << topic.name;
        }
    }
    EXPECT_EQ(last, 15U);
}

TEST(Topics, have_a_title_and_a_text) {
    for (const curriculum::Topic& topic : curriculum::topics()) {
        EXPECT_TRUE(mpworkshop::embedded(topic.path).starts_with("# ")) << topic.path;
        EXPECT_FALSE(topic.text().starts_with("#")) << topic.path;
        EXPECT_GT(topic.text().size(), 300U) << topic.path;
    }
    EXPECT_EQ(curriculum::find_topic("mutex")->title(), "3. Mutual exclusion");
    EXPECT_EQ(curriculum::find_topic("words")->title(), "Words");
}

TEST(Topics, are_found_by_name_and_by_number) {
    EXPECT_EQ(curriculum::find_topic("1")->name, "memory");
    EXPECT_EQ(curriculum::find_topic("15")->name, "rules");
    EXPECT_EQ(curriculum::find_topic("map")->point, 11U);
    for (const char* name : {"0", "16", "-1", "01", "", "story"})
        EXPECT_EQ(curriculum::find_topic(name), nullptr) << name;
}

TEST(Topics, tell_of_every_exercise_and_demonstration_and_how_to_run_it) {
    for (const auto* exercise : mpworkshop::lessons()) {
        const curriculum::Topic* topic = curriculum::find_topic(exercise->name);
        ASSERT_NE(topic, nullptr) << exercise->name;
        const std::string command = topic->command();
        EXPECT_EQ(command.substr(0, command.find(' ')), exercise->name);
    }
    EXPECT_EQ(curriculum::command_of("starmap"), "starmap 1,3 5,9 2,3");
    EXPECT_EQ(curriculum::find_topic("memory")->command(), "");
}
