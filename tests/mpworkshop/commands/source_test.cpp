#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "mpworkshop/command.hpp"
#include "support/command.hpp"

using nlohmann::json;
using support::has;
using support::run;

namespace {

std::string file(const std::string& path) {
    std::string text = support::contents(std::string(MPWORKSHOP_ROOT) + "/" + path);
    EXPECT_NE(text, "") << path;
    return text;
}

/// "exercises/pi/pi_serial" for pi-serial.
std::string stem(std::string name) {
    std::ranges::replace(name, '-', '_');
    return "exercises/" + (name.starts_with("pi_") ? "pi" : name) + "/" + name;
}

std::string with_its_path(const std::string& path) {
    return "\n// ==== " + path + "\n\n" + file(path);
}

} // namespace

TEST(Source, is_the_lesson_of_the_repository_and_nothing_else) {
    for (const auto* exercise : mpworkshop::lessons()) {
        const auto result = run({"source", exercise->name});
        EXPECT_EQ(result.status, 0);
        EXPECT_EQ(result.err, "");
        EXPECT_EQ(result.out, file(stem(exercise->name) + ".cpp"));
    }
}

TEST(Source, of_all_has_the_subcommand_after_the_lesson) {
    EXPECT_EQ(run({"source", "map", "--all"}).out,
              file("exercises/map/map.cpp") + with_its_path("exercises/map/command.cpp"));
}

TEST(Source, of_all_of_pi_has_the_fast_sum_too) {
    for (const char* name : {"pi-serial", "pi-parallel"})
        EXPECT_EQ(run({"source", name, "--all"}).out,
                  file(stem(name) + ".cpp") + with_its_path("exercises/pi/command.cpp") +
                      with_its_path("src/mpworkshop/kit/pi.hpp") +
                      with_its_path("src/mpworkshop/kit/pi.cpp"));
}

TEST(Source, gives_programs_name_path_and_text) {
    const json found = json::parse(run({"source", "pi-serial", "--json"}).out);
    EXPECT_EQ(found["schema"], "mpworkshop-source-1");
    EXPECT_EQ(found["name"], "pi-serial");
    EXPECT_EQ(found["path"], "exercises/pi/pi_serial.cpp");
    EXPECT_EQ(found["text"], file("exercises/pi/pi_serial.cpp"));
    EXPECT_EQ(found["beside"], json::array());
    const json all = json::parse(run({"source", "pi-serial", "--all", "--json"}).out);
    EXPECT_EQ(all["text"], found["text"]);
    ASSERT_EQ(all["beside"].size(), 3U);
    EXPECT_EQ(all["beside"][2]["path"], "src/mpworkshop/kit/pi.cpp");
    EXPECT_EQ(all["beside"][2]["text"], file("src/mpworkshop/kit/pi.cpp"));
}

TEST(Source, needs_the_name_of_an_exercise) {
    const auto none = run({"source"});
    EXPECT_EQ(none.status, 2);
    EXPECT_TRUE(has(none.err, "source: NAME is missing; give an exercise, such as source map"));
    const auto other = run({"source", "starmpa"});
    EXPECT_EQ(other.status, 2);
    EXPECT_TRUE(has(other.err, "source: there is no exercise 'starmpa'; did you mean starmap?"));
    EXPECT_TRUE(has(run({"source", "doctor"}).err, "there is no exercise 'doctor'"));
}

TEST(Source, in_python_is_the_twin_of_the_repository) {
    for (const auto* exercise : mpworkshop::lessons()) {
        const auto twin = run({"source", exercise->name, "--python"});
        EXPECT_EQ(twin.status, 0);
        EXPECT_EQ(twin.err, "");
        EXPECT_EQ(twin.out, file(stem(exercise->name) + ".py"));
    }
    support::expect_refused({"source", "map", "--python", "--all"}, "leave --all or --python out",
                            2);
}
