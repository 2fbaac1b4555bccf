#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "exercises/exercises.hpp"
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

std::string path_of(std::string name) {
    std::replace(name.begin(), name.end(), '-', '_');
    return "exercises/" + name + ".cpp";
}

} // namespace

TEST(Source, is_the_file_of_the_repository_and_nothing_else) {
    for (const auto* exercise : exercises::all) {
        const std::string whole = file(path_of(exercise->name));
        const auto all = run({"source", exercise->name, "--all"});
        EXPECT_EQ(all.status, 0);
        EXPECT_EQ(all.err, "");
        EXPECT_EQ(all.out.substr(0, whole.size()), whole) << exercise->name;
        const auto part = run({"source", exercise->name, "--quiet"});
        EXPECT_EQ(part.err, "");
        ASSERT_FALSE(part.out.empty());
        EXPECT_EQ(part.out, whole.substr(0, part.out.size())) << exercise->name;
        EXPECT_TRUE(whole.substr(part.out.size()).starts_with("\n// ---- ")) << exercise->name;
    }
}

TEST(Source, of_a_lesson_that_stands_alone_is_one_file) {
    EXPECT_EQ(run({"source", "map", "--all"}).out, file("exercises/map.cpp"));
}

TEST(Source, of_pi_has_the_sum_beside_it) {
    for (const char* name : {"pi-serial", "pi-parallel"})
        EXPECT_EQ(run({"source", name, "--all"}).out,
                  file(path_of(name)) + "\n// ==== exercises/pi.hpp\n\n" +
                      file("exercises/pi.hpp") + "\n// ==== exercises/pi.cpp\n\n" +
                      file("exercises/pi.cpp"));
}

TEST(Source, says_aside_that_there_is_more) {
    const auto result = run({"source", "map"});
    EXPECT_EQ(result.out, run({"source", "map", "--quiet"}).out);
    EXPECT_TRUE(has(result.err, "the part that teaches; the rest: source map --all\n"));
}

TEST(Source, gives_programs_name_path_and_text) {
    const json found = json::parse(run({"source", "pi-serial", "--json"}).out);
    EXPECT_EQ(found["schema"], "mpworkshop-source-1");
    EXPECT_EQ(found["name"], "pi-serial");
    EXPECT_EQ(found["path"], "exercises/pi_serial.cpp");
    EXPECT_EQ(found["text"], run({"source", "pi-serial", "--quiet"}).out);
    EXPECT_EQ(found["beside"], json::array());
    const json all = json::parse(run({"source", "pi-serial", "--all", "--json"}).out);
    EXPECT_EQ(all["text"], file("exercises/pi_serial.cpp"));
    ASSERT_EQ(all["beside"].size(), 2U);
    EXPECT_EQ(all["beside"][1]["path"], "exercises/pi.cpp");
    EXPECT_EQ(all["beside"][1]["text"], file("exercises/pi.cpp"));
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
    for (const auto* exercise : exercises::all) {
        std::string name = exercise->name;
        std::ranges::replace(name, '-', '_');
        const std::string folder = name.starts_with("pi_") ? "pi" : name;
        const auto twin = run({"source", exercise->name, "--python"});
        EXPECT_EQ(twin.status, 0);
        EXPECT_EQ(twin.err, "");
        EXPECT_EQ(twin.out, file("exercises/" + folder + "/" + name + ".py"));
    }
    support::expect_refused({"source", "map", "--python", "--all"}, "leave --all or --python out",
                            2);
}
