// list, next and reset, and what an exercise records for them.

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "mpworkshop/kit/command.hpp"
#include "support/command.hpp"

namespace fs = std::filesystem;
using mpworkshop::Kind;
using nlohmann::json;
using support::has;

namespace {

/// Several runs of the program that share one state folder.
class Curriculum : public testing::Test {
protected:
    support::CommandResult run(const std::vector<std::string>& arguments,
                               std::vector<std::string> environment = {}) const {
        environment.insert(environment.begin(), "XDG_STATE_HOME=" + folder_.path());
        return support::run(arguments, {.environment = std::move(environment)});
    }
    json document(std::vector<std::string> arguments) const {
        arguments.push_back("--json");
        const auto result = run(arguments);
        EXPECT_EQ(result.status, 0) << result.err;
        return json::parse(result.out);
    }
    std::string file() const { return support::contents(path_); }
    void write(const std::string& lines) const {
        fs::create_directories(fs::path(path_).parent_path());
        std::ofstream(path_, std::ios::app) << lines;
    }
    void remember(const std::vector<std::string>& names) const {
        for (const std::string& name : names)
            write(json{{"schema", "mpworkshop-record-1"},
                       {"id", "0123456789abcdef"},
                       {"kind", "run"},
                       {"name", name},
                       {"time", "2020-02-03T04:05:06Z"},
                       {"complete", true}}
                      .dump() +
                  "\n");
    }
    void remember_all() const {
        for (const auto* exercise : mpworkshop::lessons()) remember({exercise->name});
    }

    support::Folder folder_;
    std::string path_ = folder_.path() + "/mpworkshop/runs.jsonl";
};

std::size_t widest_line(const std::string& text) {
    std::istringstream lines(text);
    std::size_t widest = 0;
    for (std::string line; std::getline(lines, line);) {
        EXPECT_FALSE(line.ends_with(' ')) << line;
        widest = std::max(widest, line.size());
    }
    return widest;
}

} // namespace

TEST_F(Curriculum, remembers_what_ran_to_its_end_however_it_was_run) {
    EXPECT_EQ(run({"starmap"}).status, 0);
    EXPECT_EQ(run({"map", "--quiet"}).status, 0);
    EXPECT_EQ(run({"cores", "--json"}).status, 0);
    EXPECT_EQ(run({"pi-serial", "0"}).status, 2);
    EXPECT_EQ(run({"map", "--help"}).status, 0);
    EXPECT_EQ(run({"threads-io", "--io", "disk"}, {"TMPDIR=/proc/nonexistent"}).status, 1);
    const json found = document({"list"});
    for (const json& each : found["exercises"]) {
        const bool ran =
            each["name"] == "starmap" || each["name"] == "map" || each["name"] == "cores";
        EXPECT_EQ(each["ran"], ran) << each;
        EXPECT_EQ(each["last_run"].is_null(), !ran) << each;
    }
    EXPECT_TRUE(has(file(), "\"name\":\"starmap\""));
    EXPECT_EQ(fs::status(path_).permissions(), fs::perms::owner_read | fs::perms::owner_write);
}

TEST_F(Curriculum, does_not_remember_what_was_interrupted) {
    support::RunningProgram command({"threads-io"},
                                    {.environment = {"XDG_STATE_HOME=" + folder_.path()}});
    command.wait_for("In a loop:");
    command.send(SIGINT);
    EXPECT_EQ(command.finish().status, -SIGINT);
    const json list = document({"list"});
    for (const json& each : list["exercises"]) EXPECT_EQ(each["ran"], false) << each;
    EXPECT_EQ(json::parse(file())["complete"], false);
}

TEST_F(Curriculum, keeps_what_it_does_not_know) {
    const std::string newer = "{\"schema\":\"mpworkshop-record-2\",\"name\":\"map\"}\n";
    remember({"another-lesson"});
    write(newer);
    const std::string before = file();
    EXPECT_EQ(run({"cores"}).err, "");
    EXPECT_TRUE(file().starts_with(before));
    EXPECT_EQ(run({"list"}).err, "");
    EXPECT_EQ(run({"reset", "cores"}).status, 0);
    EXPECT_EQ(file(), before);
}

TEST_F(Curriculum, skips_broken_lines_and_counts_them) {
    write("garbage\n{\"schema\":\n[]\n");
    remember({"map"});
    const auto result = run({"list"});
    EXPECT_EQ(result.status, 0);
    EXPECT_EQ(result.err, "mpworkshop: 3 lines cannot be read and are skipped in " + path_ +
                              "; reset removes all of it\n");
    EXPECT_TRUE(has(result.out, "  map           10  2020-02-03  "));
    EXPECT_EQ(run({"list", "--quiet"}).err, "");
}

TEST_F(Curriculum, takes_over_what_an_earlier_version_remembered) {
    const std::string before = folder_.path() + "/mpworkshop/ran.txt";
    fs::create_directories(folder_.path() + "/mpworkshop");
    std::ofstream(before) << "# a title\nmap 2020-02-03T04:05:06Z\nnonsense\n";
    EXPECT_TRUE(has(run({"list"}).out, "  map           10  2020-02-03  "));
    EXPECT_TRUE(fs::exists(before));
    EXPECT_EQ(run({"cores"}).err, "");
    EXPECT_FALSE(fs::exists(before));
    EXPECT_TRUE(has(run({"list"}).out, "  map           10  2020-02-03  "));
    EXPECT_TRUE(has(run({"list"}).out, "2 of 12 ran here"));
    EXPECT_EQ(run({"reset", "--quiet"}).status, 0);
    EXPECT_TRUE(fs::is_empty(folder_.path() + "/mpworkshop"));
}

TEST_F(Curriculum, leaves_no_line_where_none_is_wanted) {
    EXPECT_EQ(run({"cores", "--no-record"}).err, "");
    EXPECT_EQ(run({"cores"}, {"MPWORKSHOP_RECORD=off"}).err, "");
    EXPECT_FALSE(fs::exists(path_));
    EXPECT_EQ(run({"cores"}, {"MPWORKSHOP_RECORD=on"}).err, "");
    EXPECT_TRUE(fs::exists(path_));
}

TEST_F(Curriculum, notes_a_benchmark_but_not_each_run_that_it_measures) {
    EXPECT_EQ(run({"compare", "pi", "1e5", "--runs", "2"}).err, "");
    const json line = json::parse(file()); // one line
    EXPECT_EQ(line["name"], "compare");
    EXPECT_EQ(line["result"]["rows"].size(), 2U);
    EXPECT_EQ(line["result"]["rows"][0]["command"], "pi-serial 1e5");
}

TEST_F(Curriculum, has_one_identifier_until_it_is_reset) {
    const auto id = [&] { return json::parse(file().substr(0, file().find('\n')))["id"]; };
    EXPECT_EQ(run({"cores"}).err, "");
    const auto first = id();
    EXPECT_EQ(run({"cores"}).err, "");
    const auto lines = support::lines_of(file());
    EXPECT_EQ(lines.size(), 2U);
    for (const std::string& line : lines) EXPECT_EQ(json::parse(line)["id"], first);
    EXPECT_EQ(run({"reset", "--quiet"}).status, 0);
    EXPECT_EQ(run({"cores"}).err, "");
    EXPECT_NE(id(), first);
}

TEST_F(Curriculum, holds_no_path_and_no_name_of_this_machine) {
    std::ofstream(folder_.path() + "/numbers.txt") << "1\n2\n";
    EXPECT_EQ(run({"map", "--input", folder_.path() + "/numbers.txt"}).status, 0);
    EXPECT_EQ(
        run({"compare", "map --input " + folder_.path() + "/numbers.txt", "cores", "--runs", "1"})
            .status,
        0);
    EXPECT_EQ(run({"time", "--", "ls", folder_.path()}).status, 0);
    EXPECT_EQ(run({"process-demo"}).status, 0);
    EXPECT_EQ(support::lines_of(file()).size(), 4U);
    EXPECT_FALSE(has(file(), folder_.path()));
    EXPECT_FALSE(has(file(), "numbers.txt"));
    EXPECT_FALSE(has(file(), "\"pid\""));
    char host[256] = "";
    ASSERT_EQ(gethostname(host, sizeof host - 1), 0);
    if (std::string(host).size() > 4) {
        EXPECT_FALSE(has(file(), host));
    }
}

TEST_F(Curriculum, of_a_run_with_many_workers_fits_into_a_line) {
    EXPECT_EQ(run({"pi-parallel", "1e5", "-p", "40", "--timeline"}).status, 0);
    EXPECT_EQ(run({"map", "--count", "100000", "--quiet"}).status, 0);
    for (const std::string& line : support::lines_of(file())) {
        EXPECT_LT(line.size(), 4096U);
        EXPECT_TRUE(json::accept(line)) << line;
    }
    EXPECT_EQ(json::parse(support::lines_of(file())[0])["timeline"]["lanes"].size(), 12U);
}

TEST_F(Curriculum, lists_everything_in_order_with_minutes_and_when_it_ran) {
    remember({"map"});
    const auto result = run({"list"});
    EXPECT_EQ(result.status, 0);
    EXPECT_EQ(result.err, "");
    std::size_t last = 0;
    for (const auto* exercise : mpworkshop::lessons()) {
        const std::size_t at = result.out.find("\n  " + std::string(exercise->name) + " ");
        ASSERT_NE(at, std::string::npos) << exercise->name;
        EXPECT_GT(at, last) << exercise->name;
        last = at;
    }
    EXPECT_TRUE(has(result.out, "  map           10  2020-02-03  Fahrenheit to Celsius"));
    EXPECT_TRUE(has(result.out, "  cores          5  not yet     how many CPUs"));
    EXPECT_TRUE(has(result.out, "\n1 of 12 ran here; all take about 95 min.\n"
                                "Next: mpworkshop race\n"));
    EXPECT_FALSE(has(run({"list", "--quiet"}).out, "Next:"));
}

TEST_F(Curriculum, lists_it_for_programs) {
    remember({"map"});
    const json found = document({"list"});
    EXPECT_EQ(found["schema"], "mpworkshop-list-1");
    EXPECT_EQ(found["state"], path_);
    EXPECT_EQ(found["next"], "race");
    std::size_t i = 0;
    for (const auto* lesson : mpworkshop::lessons()) {
        const json& each = found["exercises"][i++];
        const bool is_map = each["name"] == "map";
        const bool is_exercise = lesson->kind == Kind::exercise;
        EXPECT_EQ(each, (json{{"name", lesson->name},
                              {"kind", is_exercise ? "exercise" : "demonstration"},
                              {"minutes", lesson->minutes},
                              {"summary", lesson->summary},
                              {"ran", is_map},
                              {"last_run", is_map ? json("2020-02-03T04:05:06Z") : json()}}));
    }
    EXPECT_EQ(found["exercises"].size(), i);
}

TEST_F(Curriculum, fits_terminals_of_80_and_of_40_columns) {
    remember({"map"});
    for (const char* command : {"list", "next", "doctor", "explain", "reset"}) {
        EXPECT_LT(widest_line(run({command}).out), 80U) << command;
        EXPECT_LT(widest_line(run({command}, {"COLUMNS=200"}).out), 80U) << command;
    }
    EXPECT_LT(widest_line(run({"list"}, {"COLUMNS=40"}).out), 40U);
    EXPECT_TRUE(has(run({"list"}, {"COLUMNS=40"}).out, "cores (5 min): not yet\n  how many"));
}

TEST_F(Curriculum, goes_on_with_the_first_exercise_that_has_not_run) {
    EXPECT_TRUE(has(run({"next"}).out, "Next is race: "));
    EXPECT_TRUE(has(run({"next"}).out, "\n  mpworkshop race\n"));
    remember({"race", "gil"});
    EXPECT_TRUE(has(run({"next"}).out, "Next is threads-io: "));
    EXPECT_EQ(run({"next", "--quiet"}).out, "mpworkshop threads-io\n");
    const json found = document({"next"});
    EXPECT_EQ(found["schema"], "mpworkshop-next-1");
    EXPECT_EQ(found["next"]["name"], "threads-io");
    EXPECT_EQ(found["next"]["command"], "mpworkshop threads-io");
    EXPECT_EQ(found["left"], json::array());
}

TEST_F(Curriculum, names_what_is_left_after_the_last_exercise) {
    remember_all();
    const json found = document({"next"});
    EXPECT_TRUE(found["next"].is_null());
    std::set<std::string> left;
    for (const json& each : found["left"]) {
        left.insert(each["name"]);
        EXPECT_TRUE(has(run({"next"}).out, std::string(each["command"])));
    }
    EXPECT_EQ(left, (std::set<std::string>{"compare", "scale", "time"}));
    EXPECT_TRUE(has(run({"list"}).out, "12 of 12 ran here"));
}

TEST_F(Curriculum, says_when_nothing_is_left) {
    remember({"compare", "scale", "time"});
    remember_all();
    EXPECT_TRUE(has(run({"next"}).out, "Every exercise ran here. Write a program of your own"));
    EXPECT_EQ(document({"next"})["left"], json::array());
    EXPECT_EQ(run({"next", "--quiet"}).out, "");
}

TEST_F(Curriculum, forgets_some_or_all) {
    remember_all();
    EXPECT_EQ(run({"reset", "map", "starmap"}).out,
              "Forgotten: map, starmap. Next: mpworkshop next\n");
    EXPECT_FALSE(has(file(), "\"map\""));
    EXPECT_TRUE(has(file(), "\"cores\""));
    EXPECT_EQ(run({"reset", "map"}).out, "No run of map was recorded. All runs: mpworkshop list\n");
    EXPECT_EQ(document({"reset", "cores"}),
              (json{{"schema", "mpworkshop-reset-1"}, {"forgotten", {"cores"}}}));
    EXPECT_EQ(run({"reset", "--quiet"}).out, "");
    EXPECT_FALSE(fs::exists(path_));
    EXPECT_EQ(run({"reset"}).out, "No runs were recorded here. Next: mpworkshop next\n");
}

TEST_F(Curriculum, forgets_nothing_when_a_name_is_mistyped) {
    remember_all();
    const std::string before = file();
    const auto result = run({"reset", "cores", "starmpa"});
    EXPECT_EQ(result.status, 2);
    EXPECT_TRUE(has(result.err, "reset: there is no exercise 'starmpa'; did you mean starmap?"));
    EXPECT_EQ(file(), before);
}

TEST_F(Curriculum, goes_on_without_a_file_and_says_so_once) {
    fs::create_directories(path_); // a folder is in its place
    const auto map = run({"map", "--count", "2", "--seed", "1"});
    EXPECT_EQ(map.status, 0);
    EXPECT_EQ(map.err, "mpworkshop: cannot record that map ran here: cannot read " + path_ +
                           ": it is not a regular file\n");
    EXPECT_TRUE(has(map.out, "Next: mpworkshop starmap"));
    EXPECT_EQ(run({"cores", "--json", "--quiet"}).err, "");
    for (const char* command : {"list", "next"}) {
        const auto result = run({command});
        EXPECT_EQ(result.status, 0);
        EXPECT_TRUE(has(result.out, "mpworkshop race"));
        EXPECT_EQ(result.err, "mpworkshop: cannot read " + path_ +
                                  ": it is not a regular file; so earlier runs are unknown\n");
    }
    const auto reset = run({"reset"});
    EXPECT_EQ(reset.status, 1);
    EXPECT_TRUE(has(reset.err, "mpworkshop: error: cannot remove " + path_));
    EXPECT_EQ(run({"reset", "map"}).out, "No run of map was recorded. All runs: mpworkshop list\n");
}

TEST_F(Curriculum, says_that_a_folder_cannot_be_made) {
    const auto result = run({"cores"}, {"XDG_STATE_HOME=/dev/null"});
    EXPECT_EQ(result.status, 0);
    EXPECT_EQ(result.err, "mpworkshop: cannot record that cores ran here: cannot write "
                          "/dev/null/mpworkshop/runs.jsonl: Not a directory\n");
}

TEST_F(Curriculum, is_silent_about_a_home_that_is_missing_but_where_it_matters) {
    const std::vector<std::string> homeless = {"XDG_STATE_HOME", "HOME"};
    EXPECT_EQ(run({"cores"}, homeless).err, "");
    for (const char* command : {"list", "next"}) {
        const auto result = run({command}, homeless);
        EXPECT_EQ(result.status, 0);
        EXPECT_EQ(result.err, "mpworkshop: HOME is not set, so no runs are recorded\n");
    }
    EXPECT_TRUE(has(run({"doctor"}, homeless).out, "HOME is not set, so list and next forget"));
    EXPECT_EQ(run({"reset"}, homeless).status, 0);
}

TEST_F(Curriculum, takes_the_home_folder_where_nothing_else_is_said) {
    EXPECT_EQ(run({"cores"}, {"XDG_STATE_HOME", "HOME=" + folder_.path()}).err, "");
    EXPECT_TRUE(fs::exists(folder_.path() + "/.local/state/mpworkshop/runs.jsonl"));
}
