#include <gtest/gtest.h>

#include <cerrno>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>

#include "mp/os/syscall.hpp"
#include "mpworkshop/commands/checks.hpp"
#include "support/command.hpp"
#include "support/invariants.hpp"

using namespace mpworkshop::commands;
using nlohmann::json;
using support::has;
using support::run;

namespace {

std::map<std::string, json> checks_of(const std::string& document) {
    std::map<std::string, json> checks;
    const json whole = json::parse(document);
    for (const json& check : whole["checks"]) checks[check["name"]] = check;
    return checks;
}

/// The kernel allows no process.
int no_process(mp::os::Call call) {
    return call == mp::os::Call::fork || call == mp::os::Call::clone ? EAGAIN : 0;
}

int no_memory(mp::os::Call call) { return call == mp::os::Call::madvise ? ENOMEM : 0; }

class FaultyMachine : public support::Invariants {
protected:
    ~FaultyMachine() override { mp::os::fault_hook = nullptr; }
};

} // namespace

TEST(Doctor, notes_a_single_cpu) {
    EXPECT_EQ(check_cpus({2, 2, {}, 2}).verdict, Verdict::ok);
    const Check one = check_cpus({8, 1, {}, 1});
    EXPECT_EQ(one.verdict, Verdict::note);
    EXPECT_TRUE(has(one.finding, "1 CPU usable: workers take turns, and comparisons will show no"));
}

TEST(Doctor, notes_who_lends_a_part_of_the_machine) {
    EXPECT_EQ(check_limits({8, 8, {}, 8}).verdict, Verdict::ok);
    EXPECT_EQ(check_limits({8, 8, 16.0, 8}).verdict,
              Verdict::ok); // a quota that does not limit anything
    const Check lent = check_limits({8, 2, {}, 2});
    EXPECT_EQ(lent.verdict, Verdict::note);
    EXPECT_EQ(lent.finding, "taskset or a batch system allows 2 of 8 CPUs");
    EXPECT_TRUE(has(lent.fix, "start 2 workers"));
    const Check granted = check_limits({8, 8, 1.5, 2});
    EXPECT_EQ(granted.verdict, Verdict::note);
    EXPECT_EQ(granted.finding, "a container or batch system grants the time of 1.5 of 8 CPUs");
    const Check unknown = check_limits({8, 8, {}, 8, "/proc"});
    EXPECT_EQ(unknown.verdict, Verdict::note);
    EXPECT_TRUE(has(unknown.finding, "unknown, as /proc cannot be read"));
}

TEST(Doctor, notes_a_busy_machine) {
    EXPECT_EQ(check_load(2.0, 2).verdict, Verdict::ok);
    EXPECT_EQ(check_load({}, 2).verdict, Verdict::ok);
    const Check busy = check_load(2.1, 2);
    EXPECT_EQ(busy.verdict, Verdict::note);
    EXPECT_TRUE(has(busy.finding, "more than the 2 usable CPUs: timings will be noisy"));
}

TEST(Doctor, notes_a_build_that_is_slow) {
    EXPECT_EQ(check_build("Release").verdict, Verdict::ok);
    EXPECT_EQ(check_build("RelWithDebInfo").verdict, Verdict::ok);
    EXPECT_EQ(check_build("Debug").verdict, Verdict::note);
    EXPECT_EQ(check_build("").verdict, Verdict::note);
    EXPECT_TRUE(has(check_build("Debug").finding, "Debug: slower"));
}

TEST(Doctor, notes_a_terminal_that_shows_less) {
    EXPECT_EQ(check_terminal({.utf8 = true, .width = 80}).verdict, Verdict::ok);
    EXPECT_EQ(check_terminal({.utf8 = false, .width = 80}).verdict, Verdict::note);
    EXPECT_EQ(check_terminal({.utf8 = true, .width = 79}).verdict, Verdict::note);
    EXPECT_TRUE(has(check_terminal({.utf8 = true, .width = 40}).finding, "40 columns, UTF-8"));
}

TEST_F(FaultyMachine, is_a_problem_when_no_process_can_be_started) {
    EXPECT_EQ(check_processes().verdict, Verdict::ok) << check_processes().finding;
    mp::os::fault_hook = no_process;
    const Check check = check_processes();
    EXPECT_EQ(check.verdict, Verdict::problem);
    EXPECT_TRUE(has(check.finding, "cannot"));
    EXPECT_TRUE(has(check.fix, "ulimit -u"));
}

TEST_F(FaultyMachine, is_a_problem_when_there_is_no_memory_to_share) {
    mp::os::fault_hook = no_memory;
    EXPECT_EQ(check_shared_memory().verdict, Verdict::problem);
    mp::os::fault_hook = nullptr;
    EXPECT_EQ(check_shared_memory().verdict, Verdict::ok);
}

TEST(Doctor, tries_everything_and_is_ready_when_no_problem_is_found) {
    const auto result = run({"doctor", "--json"});
    EXPECT_EQ(result.err, "");
    const json document = json::parse(result.out);
    EXPECT_EQ(document["schema"], "mpworkshop-doctor-1");
    const auto checks = checks_of(result.out);
    bool ready = true;
    for (const char* name :
         {"CPUs", "limits", "load", "build", "processes", "shared memory", "temporary folder",
          "loopback", "terminal", "python3", "record of runs"}) {
        ASSERT_TRUE(checks.contains(name)) << name;
        const json& check = checks.at(name);
        EXPECT_NE(check["finding"], "");
        EXPECT_EQ(check["fix"].is_null(), check["verdict"] == "ok") << check;
        ready = ready && check["verdict"] != "problem";
    }
    EXPECT_EQ(document["ready"], ready);
    EXPECT_EQ(result.status, ready ? 0 : 1);
    for (const char* name : {"processes", "shared memory", "temporary folder"})
        EXPECT_EQ(checks.at(name)["verdict"], "ok") << checks.at(name);
    EXPECT_TRUE(
        has(run({"doctor"}).out, ready ? "\nReady: every exercise can run" : "\nNot ready: "));
}

TEST(Doctor, fails_when_an_exercise_cannot_run) {
    const auto result = run({"doctor"}, {.environment = {"TMPDIR=/proc/nonexistent"}});
    EXPECT_EQ(result.status, 1);
    EXPECT_TRUE(
        has(result.out, "\nproblem  temporary folder  cannot make a file in /proc/nonexistent"));
    EXPECT_TRUE(has(result.out, "Fix: TMPDIR=DIR"));
    EXPECT_TRUE(has(result.out, "\nNot ready: 1 problem, "));
    const auto data = run({"doctor", "--json"}, {.environment = {"TMPDIR=/proc/nonexistent"}});
    EXPECT_EQ(data.status, 1);
    EXPECT_EQ(checks_of(data.out).at("temporary folder")["verdict"], "problem");
}

TEST(Doctor, notes_what_only_a_tool_would_need) {
    const auto result = run({"doctor", "--json"},
                            {.environment = {"PATH=/proc/nonexistent", "HOME", "XDG_STATE_HOME"}});
    for (const char* name : {"python3", "record of runs"})
        EXPECT_EQ(checks_of(result.out).at(name)["verdict"], "note");
    support::Folder folder;
    std::filesystem::create_symlink("/bin/sh", folder.path() + "/python3");
    const auto found = run({"doctor", "--json"}, {.environment = {"PATH=/x:" + folder.path()}});
    EXPECT_EQ(checks_of(found.out).at("python3")["finding"], folder.path() + "/python3");
    EXPECT_EQ(checks_of(found.out).at("python3")["verdict"], "ok");
}

TEST(Doctor, writes_nothing_but_in_the_temporary_folder_and_leaves_nothing_there) {
    support::Folder folder;
    for (const char* part : {"/home", "/tmp"})
        std::filesystem::create_directory(folder.path() + part);
    run({"doctor"}, {.environment = {"XDG_STATE_HOME", "HOME=" + folder.path() + "/home",
                                     "TMPDIR=" + folder.path() + "/tmp"}});
    EXPECT_TRUE(std::filesystem::is_empty(folder.path() + "/home"));
    EXPECT_TRUE(std::filesystem::is_empty(folder.path() + "/tmp"));
}

TEST(Doctor, shows_only_what_is_not_as_it_should_be_when_quiet) {
    const auto result = run({"doctor", "--quiet"}, {.environment = {"TMPDIR=/proc/nonexistent"}});
    EXPECT_TRUE(has(result.out, "problem  temporary folder"));
    EXPECT_FALSE(has(result.out, "ok  "));
    EXPECT_FALSE(has(result.out, "Not ready"));
}
