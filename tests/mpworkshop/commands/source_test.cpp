#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

#include "mpworkshop/kit/command.hpp"
#include "support/command.hpp"
#include "support/folder.hpp"

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

TEST(Source, says_on_a_terminal_what_comes_next) {
    EXPECT_TRUE(
        run({"source", "map"}, {.screen = 80}).out.ends_with("Next: mpworkshop doctor\r\n"));
    EXPECT_FALSE(has(run({"source", "map", "--quiet"}, {.screen = 80}).out, "Next: "));
    EXPECT_FALSE(has(run({"source", "map", "--json"}, {.screen = 80}).out, "Next: "));
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

TEST(Source, to_a_folder_writes_the_program_and_says_how_to_build_or_run_it) {
    const support::Folder folder;
    const std::string lessons = folder.file("new/lessons");
    const auto cpp = run({"source", "map", "--to", lessons});
    EXPECT_EQ(cpp.status, 0) << cpp.err;
    EXPECT_EQ(support::contents(lessons + "/map.cpp"), file("exercises/map/map.cpp"));
    EXPECT_TRUE(has(cpp.out, lessons + "/map.cpp\n"));
    EXPECT_TRUE(has(cpp.out, "\n  g++ -std=c++20 -O2 map.cpp \\\n"
                             "    $(pkg-config --cflags --libs mp) \\\n"
                             "    -o map\n"));
    EXPECT_TRUE(has(cpp.out, "from the package libmp-dev or, in the folder where"));
    EXPECT_TRUE(has(cpp.out, "Run it:\n  ./map 50 4\n"));
    const auto python = run({"source", "pi-serial", "--python", "--to", lessons});
    EXPECT_EQ(support::contents(lessons + "/pi_serial.py"), file("exercises/pi/pi_serial.py"));
    EXPECT_TRUE(has(python.out, "Run it there:\n  python3 pi_serial.py 1e6\n"));
}

TEST(Source, to_a_folder_leaves_a_file_alone_that_is_another_one) {
    const support::Folder folder;
    const std::string path = folder.file("map.py"), lessons = path.substr(0, path.rfind('/'));
    const std::vector<std::string> words = {"source", "map", "--python", "--to", lessons};
    EXPECT_EQ(run(words).status, 0);
    EXPECT_EQ(run(words).status, 0); // it is the same
    std::ofstream(path) << "mine\n";
    support::expect_refused(words, "map.py exists and is another file; rename it, or give another",
                            1);
    EXPECT_EQ(support::contents(path), "mine\n");
    support::expect_refused({"source", "map", "--to", "/proc/none"},
                            "cannot write /proc/none/map.cpp", 1);
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
