// practice, hint and solution, and what list and next say of them.

#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <thread>

#include "support/command.hpp"

namespace fs = std::filesystem;
using nlohmann::json;
using support::has;
using support::lines_of;

namespace {

bool has_python() { return std::system("command -v python3 >/dev/null 2>&1") == 0; }

/// Several runs that share a state and a folder for tasks.
class Practice : public testing::Test {
protected:
    support::CommandResult run(const std::vector<std::string>& arguments,
                               std::vector<std::string> environment = {}) const {
        environment.insert(environment.begin(), "XDG_STATE_HOME=" + state_.path());
        return support::run(arguments, {.environment = std::move(environment)});
    }
    support::CommandResult run_in_folder(std::vector<std::string> arguments) const {
        arguments.insert(arguments.end(), {"--dir", folder_.path()});
        return run(arguments);
    }
    support::CommandResult run_from(const std::string& folder,
                                    const std::vector<std::string>& arguments) const {
        return support::run(arguments,
                            {.environment = {"XDG_STATE_HOME=" + state_.path()}, .before = [=] {
                                 if (::chdir(folder.c_str()) != 0) ::_exit(99);
                             }});
    }
    std::string so_far(const std::string& task) const {
        const json document = json::parse(run({"practice", "--json"}).out);
        for (const json& each : document["tasks"])
            if (each["name"] == task) return each["so_far"];
        return "";
    }

    support::Folder state_, folder_;
};

} // namespace

TEST_F(Practice, lists_ten_tasks) {
    const auto result = run({"practice"});
    EXPECT_EQ(result.status, 0);
    EXPECT_TRUE(has(result.out, "  map           10  untouched"));
    EXPECT_TRUE(has(result.out, "\nNext: mpworkshop practice threads-io\n"));
    EXPECT_EQ(json::parse(run({"practice", "--json"}).out)["tasks"].size(), 10U);
    for (const std::string& line : lines_of(run({"practice"}, {"COLUMNS=40"}).out))
        EXPECT_LT(line.size(), 40U) << line;
}

TEST_F(Practice, writes_a_task_and_never_over_it) {
    const auto result = run_in_folder({"practice", "map"});
    EXPECT_EQ(result.status, 0);
    EXPECT_TRUE(has(result.out, folder_.file("map/map.cpp") + "\n"));
    EXPECT_TRUE(has(result.out, "Next: mpworkshop check map --dir "));
    EXPECT_TRUE(fs::exists(folder_.file("map/simulate.hpp")));
    EXPECT_TRUE(fs::exists(folder_.file("map/README.md")));
    EXPECT_EQ(so_far("map"), "started");
    std::ofstream(folder_.file("map/map.cpp")) << "mine";
    EXPECT_TRUE(has(run_in_folder({"practice", "map"}).out, "It was there already"));
    EXPECT_EQ(support::contents(folder_.file("map/map.cpp")), "mine");
    EXPECT_EQ(run_in_folder({"practice", "map", "--reset"}).status, 0);
    EXPECT_EQ(support::contents(folder_.file("map/map.cpp.1")), "mine");
    EXPECT_TRUE(has(support::contents(folder_.file("map/map.cpp")), "CHANGE HERE"));
}

TEST_F(Practice, refuses_what_it_does_not_know) {
    support::expect_refused({"practice", "mpa"},
                            "practice: there is no task 'mpa'; did you mean map?", 2);
    support::expect_refused({"check"}, "check: NAME is missing; give a task, such as check map", 2);
    support::expect_refused({"check", "map", "--dir", "/nonexistent"},
                            "check: there is no /nonexistent/map/map.cpp; mpworkshop practice map "
                            "--dir /nonexistent writes it",
                            2);
    support::expect_refused({"check", "map", "--watch", "--json"}, "give only one of them", 2);
    support::expect_refused({"practice", "--reset"}, "--reset does nothing without NAME", 2);
    support::expect_refused({"check", "map", "--run", "./no-such-program", "--json"},
                            "check: cannot run './no-such-program': No such file", 2);
}

TEST_F(Practice, finds_the_folders_that_check_finds) {
    const std::string usual = folder_.file("mpworkshop-practice"), map = usual + "/map";
    EXPECT_EQ(run_from(folder_.path(), {"practice", "map"}).status, 0);
    std::ofstream(map + "/map.cpp") << "mine";
    EXPECT_EQ(run_from(map, {"practice", "map", "--reset"}).status, 0);
    EXPECT_FALSE(fs::exists(map + "/mpworkshop-practice"));
    EXPECT_EQ(support::contents(map + "/map.cpp.1"), "mine");
    EXPECT_TRUE(has(support::contents(map + "/map.cpp"), "CHANGE HERE"));
    EXPECT_EQ(run_from(map, {"practice", "map", "--python"}).status, 0);
    EXPECT_TRUE(fs::exists(map + "/map.py"));
    EXPECT_EQ(run_from(map, {"practice", "seeds"}).status, 0);
    EXPECT_TRUE(fs::exists(usual + "/seeds/seeds.cpp"));
    EXPECT_EQ(run_from(usual, {"practice", "race"}).status, 0);
    EXPECT_TRUE(fs::exists(usual + "/race/race.cpp"));
    EXPECT_EQ(run_from(map, {"practice", "words", "--python"}).status, 0);
    EXPECT_TRUE(has(run_from(map, {"solution", "words", "--yes"}).out, "with Pool(workers)"));
}

TEST_F(Practice, names_the_folder_and_the_language_in_the_next_command) {
    const std::string folder = folder_.file("my tasks");
    const std::string next = " map --python --dir '" + folder + "'\n";
    const auto with = [&](std::vector<std::string> words) {
        words.insert(words.end(), {"--dir", folder});
        return run(words);
    };
    EXPECT_TRUE(has(with({"practice", "map", "--python"}).out, "Next: mpworkshop check" + next));
    EXPECT_TRUE(has(with({"hint", "map"}).out, "Next: mpworkshop check" + next));
    EXPECT_TRUE(has(with({"solution", "map", "--yes"}).out, "with Pool(workers)"));
    if (!has_python()) GTEST_SKIP() << "there is no python3";
    std::ofstream(folder + "/map/map.py") << "print(1)\n";
    EXPECT_TRUE(has(with({"check", "map"}).out, "Next: mpworkshop hint" + next));
}

TEST_F(Practice, checks_a_command_that_runs_python_against_python) {
    for (const char* command : {"python3 -c pass", "/usr/bin/env ./nothing.py"})
        EXPECT_EQ(json::parse(run({"check", "map", "--json", "--run", command}).out)["language"],
                  "Python")
            << command;
}

TEST_F(Practice, gives_one_hint_more_each_time) {
    EXPECT_TRUE(has(run({"hint", "map"}).out, "Hint 1 of 3:"));
    EXPECT_TRUE(has(run({"hint", "map"}).out, "Hint 2 of 3:"));
    EXPECT_TRUE(has(run({"hint", "map", "--again"}).out, "Hint 2 of 3:"));
    const auto last = run({"hint", "map", "--python"});
    EXPECT_TRUE(has(last.out, "Hint 3 of 3:"));
    EXPECT_TRUE(has(last.out, "with Pool(workers) as pool:"));
    EXPECT_FALSE(has(last.out, "mp::Pool"));
    EXPECT_TRUE(has(run({"hint", "map"}).out, "Hint 3 of 3:"));
    EXPECT_EQ(json::parse(run({"hint", "map", "--json"}).out)["number"], 3);
}

TEST_F(Practice, shows_a_solution_only_when_asked_twice) {
    support::expect_refused({"solution", "map"}, "add --yes to see a solution", 2);
    EXPECT_TRUE(has(run({"solution", "map", "--yes"}).out, "mp::Pool pool(workers);"));
    EXPECT_TRUE(has(run({"solution", "map", "--yes", "--python"}).out, "with Pool(workers)"));
    support::expect_refused({"solution", "your-own", "--yes"}, "it is your own", 2);
}

TEST_F(Practice, stands_in_list_and_next) {
    EXPECT_TRUE(has(run({"list"}).out, "\nPractice tasks:\n"));
    EXPECT_FALSE(has(run({"next"}).out, "Practice: "));
    EXPECT_EQ(run({"map", "--count", "2"}).status, 0);
    EXPECT_TRUE(has(run({"next"}).out, "Practice: mpworkshop practice map\n"));
    EXPECT_EQ(json::parse(run({"next", "--json"}).out)["practice"], "mpworkshop practice map");
}

TEST_F(Practice, of_a_program_that_does_not_compile_shows_what_the_compiler_says) {
    if (std::system("command -v c++ >/dev/null 2>&1") != 0) GTEST_SKIP() << "there is no compiler";
    run_in_folder({"practice", "map"});
    std::ofstream(folder_.file("map/map.cpp")) << "int main() { return nothing; }\n";
    const auto result = run_in_folder({"check", "map"});
    EXPECT_EQ(result.status, 1);
    EXPECT_TRUE(has(result.out, "Checks " + folder_.file("map/map.cpp")));
    EXPECT_TRUE(has(result.out, "map.cpp:1:"));
    EXPECT_TRUE(has(result.out, "not yet      builds"));
    EXPECT_TRUE(has(result.out, "Next: mpworkshop hint map"));
    EXPECT_FALSE(has(result.out, " -o map\n"));
    const auto told = run_in_folder({"check", "map", "-v"});
    EXPECT_TRUE(has(told.out, " -std=c++20 -O2 ")) << told.out;
    EXPECT_TRUE(has(told.out, " -o map\n"));
    EXPECT_TRUE(has(run_in_folder({"check", "map", "--quiet"}).out, "Checks "));
    if (!has_python()) GTEST_SKIP() << "there is no python3";
    run_in_folder({"practice", "seeds", "--python"});
    const auto held = [&](const char* task) {
        return json::parse(run_in_folder({"check", task, "--json"}).out)["contained_by"];
    };
    EXPECT_EQ(held("map"), held("seeds"));
}

TEST_F(Practice, is_watched_though_it_is_missing_or_half_written) {
    if (!has_python()) GTEST_SKIP() << "there is no python3";
    run_in_folder({"practice", "seeds", "--python"});
    const std::string file = folder_.file("seeds/seeds.py");
    support::RunningProgram program(
        {"check", "seeds", "--python", "--watch", "--dir", folder_.path()},
        {.environment = {"XDG_STATE_HOME=" + state_.path()}, .keyboard = true});
    program.wait_for("Waiting for the next save");
    const std::string solution =
        support::contents(MPWORKSHOP_ROOT "/exercises/seeds/practice/solution.py");
    fs::remove(file);
    fs::create_directory(file); // what cannot be read does not end it
    program.wait_for("Not checked: ");
    fs::remove(file);
    std::ofstream(folder_.file("seeds/other")) << "wakes it";
    std::this_thread::sleep_for(std::chrono::milliseconds(2000)); // a slow editor
    std::ofstream(file) << solution.substr(0, solution.size() / 2) << "\n(";
    program.wait_for("SyntaxError");
    for (int save = 0; save < 10; ++save) std::ofstream(file) << solution << "# " << save << "\n";
    program.wait_for("Done.");
    program.send(SIGINT);
    EXPECT_EQ(program.finish().status, -SIGINT);
}

TEST_F(Practice, without_a_compiler_or_the_library_says_what_to_install) {
    fs::create_directories(folder_.file("bin"));
    const std::string program = folder_.file("bin/mpworkshop"); // it is not beside the library
    fs::copy_file(MPWORKSHOP_BINARY, program);
    const auto check = [&](const std::vector<std::string>& more = {}) {
        std::vector<std::string> words = {"check", "map", "--dir", folder_.path()};
        if (!more.empty()) words = more;
        return support::run(
            words, {.environment = {"PATH=" + folder_.file("bin"), "CXX"}, .program = program});
    };
    run_in_folder({"practice", "map"});
    const std::string file = folder_.file("map/map.cpp");
    std::ofstream(file) << "#include <mp/mp.hpp>\nint main() {}\n";
    auto result = check();
    EXPECT_EQ(result.status, 1);
    EXPECT_TRUE(has(result.out, "cannot tell  builds"));
    EXPECT_TRUE(has(result.out, "There is no C++ compiler; install one (apt install"));
    EXPECT_TRUE(has(result.out, "\nNot checked. Next: mpworkshop check map --dir "));

    fs::create_symlink("/bin/false", folder_.file("bin/c++"));
    result = check();
    EXPECT_EQ(result.status, 1);
    EXPECT_TRUE(has(result.out, "The library mp is not installed; install the package\n"));
    EXPECT_TRUE(has(check({"check", "chunks", "--run", "true"}).out, "The library mp is not")) //
        << "the start of chunks uses it";
    std::ofstream(file) << "// could include <mp/mp.hpp>\nint main() {}\n";
    EXPECT_TRUE(has(check().out, "The compiler does not accept it.")) << "which needs no library";
}

TEST_F(Practice, is_checked_again_after_each_save) {
    if (!has_python()) GTEST_SKIP() << "there is no python3";
    run_in_folder({"practice", "seeds", "--python"});
    const std::string file = folder_.file("seeds/seeds.py");
    support::RunningProgram program(
        {"check", "seeds", "--python", "--watch", "--dir", folder_.path()},
        {.environment = {"XDG_STATE_HOME=" + state_.path()}, .keyboard = true});
    program.wait_for("the same throw.");
    program.wait_for("Waiting for the next save");
    std::ofstream(folder_.file("new"))
        << support::contents(MPWORKSHOP_ROOT "/exercises/seeds/practice/solution.py");
    fs::rename(folder_.file("new"), file); // as editors do
    program.wait_for("Waiting for the next save", 2);
    EXPECT_TRUE(has(program.so_far().out, "Done."));
    EXPECT_EQ(so_far("seeds"), "done");
    program.send(SIGINT);
    EXPECT_EQ(program.finish().status, -SIGINT);
    EXPECT_FALSE(has(program.so_far().out, "\x1b"));
}
