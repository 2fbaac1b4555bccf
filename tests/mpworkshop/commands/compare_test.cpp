#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <set>
#include <sstream>
#include <thread>

#include "support/command.hpp"
#include "support/folder.hpp"
#include "support/subprocess.hpp"

using support::has;
using support::run;
using support::RunningProgram;

namespace {

/// The number of characters in the widest line.
std::size_t widest(const std::string& lines) {
    std::istringstream stream(lines);
    std::size_t found = 0;
    for (std::string line; std::getline(stream, line);) {
        std::size_t width = 0;
        for (const char c : line) width += (static_cast<unsigned char>(c) & 0xc0) != 0x80;
        found = std::max(found, width);
    }
    return found;
}

std::string scratch(const char* name) {
    return testing::TempDir() + "compare_test_" + std::to_string(getpid()) + "_" + name;
}

/// Blocks until the program has started a command.
pid_t child_of(const RunningProgram& command) {
    std::set<pid_t> children;
    while ((children = support::children_of(command.pid())).empty()) std::this_thread::yield();
    return *children.begin();
}

/// Blocks until that has ended, reaped or not.
void wait_until_gone(pid_t process) {
    while (!support::contents("/proc/" + std::to_string(process) + "/cmdline").empty())
        std::this_thread::yield();
}

} // namespace

TEST(Compare, of_pi_shows_times_ratios_bars_and_a_verdict) {
    const auto result = run({"compare", "pi", "1e6", "-p", "2", "--runs", "2", "--warmup", "0"},
                            {.environment = {"LC_ALL=C"}});
    EXPECT_EQ(result.status, 0);
    EXPECT_EQ(result.err, "");
    EXPECT_TRUE(has(result.out, "Whole commands: no warm-up, then 2 runs each, alternately.\nA: "
                                "pi-serial 1e6\nB: pi-parallel 1e6 -p 2\n"));
    for (const char* part : {"median", "MAD", "min", "max", "CPU", "CPUs busy", "work", "speedup",
                             "efficiency", "Karp-Flatt", "\nA  ", "\nB  A ", "##"})
        EXPECT_TRUE(has(result.out, part));
    EXPECT_TRUE(
        has(result.out,
            "Whether A or B is faster is unclear: 2 runs of each are too few; give --runs 6\n"
            "or more, or a larger --budget.\nNext: mpworkshop scale pi\n"));
}

TEST(Compare, offers_no_option_that_it_would_not_heed) {
    for (const char* option : {"--chunksize", "--timeline", "--trace"}) {
        const auto result = run({"compare", "pi", "1e6", option, "3"});
        EXPECT_EQ(result.status, 2) << option;
        EXPECT_TRUE(has(result.err, "there is no option"));
    }
}

TEST(Compare, fits_into_80_and_40_columns_with_and_without_utf8) {
    for (const char* locale : {"LC_ALL=C", "LC_ALL=C.UTF-8"})
        for (const char* columns : {"COLUMNS=80", "COLUMNS=40"})
            for (const char* command : {"compare", "scale"}) {
                const auto result = run({command, "pi", "1000", "-p", "2", "--runs", "1"},
                                        {.environment = {locale, columns}});
                EXPECT_EQ(result.status, 0) << result.err;
                EXPECT_LT(widest(result.out), std::stoul(columns + 8)) << result.out;
                const bool ascii = result.out.find("\xe2\x96\x88") == std::string::npos;
                EXPECT_EQ(ascii, command[0] == 's' || locale[8] == '\0') << result.out;
            }
}

TEST(Compare, of_any_two_runs_takes_each_in_quotes) {
    const auto result =
        run({"compare", "map --count 3 -p '1'", "starmap \"2,3\" --backend serial", "--runs", "1"});
    EXPECT_EQ(result.status, 0) << result.err;
    EXPECT_TRUE(has(result.out, "A: map --count 3 -p '1'\nB: starmap \"2,3\" --backend serial\n"));
    // A demonstration without workers has no efficiency.
    EXPECT_TRUE(
        has(run({"compare", "cores", "cores", "--runs", "1", "--csv", "-"}).out, "\nB,cores,,1,"));
}

TEST(Compare, chooses_steps_for_about_a_second) {
    RunningProgram command({"compare", "pi", "-p", "2", "--runs", "1", "--warmup", "0"});
    command.wait_for("B: pi-parallel ");
    command.wait_for(" -p 2\n");
    const std::string& out = command.so_far().out;
    const double steps = std::stod(out.substr(out.find("pi-serial ") + 10));
    EXPECT_GT(steps, 1e7);
    EXPECT_LT(steps, 1e11);
    command.send(SIGINT);
    command.finish();
}

TEST(Compare, exports_exact_numbers_and_every_sample) {
    const std::string csv = scratch("a.csv"), page = scratch("a.md");
    const auto result = run({"compare", "pi", "1e5", "-p", "2", "--runs", "3", "--csv", csv,
                             "--markdown", page, "--json", "--seed", "5"});
    EXPECT_EQ(result.status, 0);
    EXPECT_EQ(
        result.out.rfind("{\n  \"schema\": \"mpworkshop-compare-1\",\n  \"partial\": false,", 0),
        0U);
    EXPECT_TRUE(has(result.out, "\"usable\":"));
    EXPECT_TRUE(has(result.out, "\"version\": \"0.1.0\""));
    EXPECT_TRUE(has(result.out, "\"seed\": 5"));
    EXPECT_TRUE(has(result.out, "\"karp_flatt\":"));
    std::size_t samples = 0;
    for (std::size_t at = 0; (at = result.out.find("\"wall_s\"", at)) != std::string::npos; ++at)
        ++samples;
    EXPECT_EQ(samples, 6U);
    EXPECT_EQ(result.err, "");
    EXPECT_EQ(
        support::contents(csv).rfind("run,command,workers,runs,median_s,mad_s,min_s,max_s,cpu_s,"
                                     "cpus_busy,work_s,against,speedup,",
                                     0),
        0U);
    EXPECT_TRUE(has(support::contents(page), "| command | workers | runs |"));
    std::filesystem::remove(csv);
    std::filesystem::remove(page);
}

TEST(Compare, of_one_run_each_has_no_scatter) {
    const std::vector<std::string> words = {"compare", "map", "-p", "1", "--warmup", "0", "--runs"};
    const auto of = [&](const char* runs, const std::vector<std::string>& more) {
        std::vector<std::string> all = words;
        all.emplace_back(runs);
        all.insert(all.end(), more.begin(), more.end());
        return run(all).out;
    };
    EXPECT_TRUE(has(of("1", {"--json"}), "\"mad_s\": null"));
    EXPECT_FALSE(has(of("2", {"--json"}), "\"mad_s\": null"));
    EXPECT_FALSE(has(of("1", {}), " 0.00 ns"));
}

TEST(Compare, writes_one_document_on_standard_output_where_it_is_asked_to) {
    const auto csv = run({"compare", "pi", "1000", "-p", "1", "--runs", "1", "--csv", "-"});
    EXPECT_EQ(csv.out.rfind("run,command,", 0), 0U) << csv.out;
    EXPECT_EQ(std::count(csv.out.begin(), csv.out.end(), '\n'), 3);
    const auto quiet = run({"compare", "pi", "1000", "--runs", "1", "--json", "--quiet"});
    EXPECT_EQ(quiet.err, "");
    support::expect_refused({"compare", "pi", "--json", "--csv", "-"},
                            "all write to standard output", 2);
    support::expect_refused({"scale", "pi", "--markdown", "-", "--csv", "-"},
                            "all write to standard output", 2);
}

TEST(Compare, is_only_results_when_quiet) {
    const auto result = run({"compare", "pi", "1000", "-p", "2", "--runs", "1", "--quiet"});
    EXPECT_EQ(result.out.find("Whole commands"), std::string::npos);
    EXPECT_EQ(result.out.find("Next:"), std::string::npos);
    EXPECT_TRUE(has(result.out, "median"));
}

TEST(Compare, refuses_what_is_no_run_of_an_exercise) {
    support::expect_refused({"compare"}, "compare takes pi, or two runs, each in quotes", 2);
    support::expect_refused({"compare", "pi-serial 1e6"}, "compare takes pi, or two runs", 2);
    support::expect_refused({"compare", "cores", "cores", "cores"}, "compare takes pi, or two runs",
                            2);
    support::expect_refused({"compare", "pi-serail 1e6", "cores"},
                            "in 'pi-serail 1e6': there is no subcommand 'pi-serail'; did you mean "
                            "pi-serial?",
                            2);
    support::expect_refused({"compare", "cores", "pi-serial x"},
                            "in 'pi-serial x': STEPS: 'x' is not a number", 2);
    support::expect_refused({"compare", "cores", "map --cuont 5"}, "did you mean --count?", 2);
    support::expect_refused({"compare", "cores", "map 'x"}, "has a quote that is not closed", 2);
    support::expect_refused({"compare", "cores", "map x\\"}, "ends in \\", 2);
    support::expect_refused({"compare", "cores", "compare pi"},
                            "'compare pi' is no run of an exercise", 2);
    support::expect_refused({"compare", "cores", "cores --help"}, "is no run of an exercise", 2);
    support::expect_refused({"compare", "cores", ""}, "'' is no run of an exercise", 2);
    support::expect_refused({"compare", "cores", "map --input -"}, "reads standard input", 2);
    support::expect_refused({"compare", "cores", "cores", "--python"}, "--python is for pi", 2);
}

TEST(Compare, refuses_numbers_that_make_no_sense) {
    support::expect_refused({"compare", "pi", "0"}, "STEPS: '0' is too small", 2);
    support::expect_refused({"compare", "pi", "x"}, "STEPS: 'x' is not a number", 2);
    support::expect_refused({"compare", "pi", "1e6", "1e7"}, "'1e7' is one argument too many", 2);
    support::expect_refused({"compare", "pi", "-p", "0"}, "--processes: '0' is too small", 2);
    support::expect_refused({"compare", "pi", "--runs", "0"}, "--runs: '0' is too small", 2);
    support::expect_refused({"compare", "pi", "--runs", "1e9"}, "--runs: '1e9' is too large", 2);
    support::expect_refused({"compare", "pi", "--budget", "-1"}, "--budget: '-1' is out of range",
                            2);
    support::expect_refused({"compare", "pi", "--budget", "x"},
                            "--budget: 'x' is not a finite number", 2);
    support::expect_refused({"compare", "pi", "--warmup", "x"}, "--warmup: 'x' is not a number", 2);
    support::expect_refused({"compare", "pi", "--backend", "thread"}, "did you mean threads?", 2);
    support::expect_refused({"compare", "pi", "--csv", "/proc/nonexistent/a.csv"},
                            "cannot write /proc/nonexistent/a.csv: No such file or directory", 1);
    support::expect_refused({"compare", "pi", "--markdown", "/tmp"},
                            "cannot write /tmp: it is a folder", 1);
}

TEST(Compare, passes_on_the_complaint_of_a_run_that_fails) {
    const auto result = run({"compare", "pi", "1e6", "-p", "100000", "--runs", "1"});
    EXPECT_EQ(result.status, 1);
    EXPECT_TRUE(has(result.err, "mpworkshop: error: 'pi-parallel 1e6 -p 100000' failed: "));
    EXPECT_TRUE(has(result.err, "give fewer workers"));
    EXPECT_TRUE(has(run({"compare", "cores", "map --input /proc/nonexistent/x", "--runs", "1"}).err,
                    "failed: cannot read /proc/nonexistent/x: No such file or directory"));
}

TEST(Compare, with_python_has_the_same_sums_by_its_pool) {
    const auto result = run({"compare", "pi", "1e6", "-p", "2", "--python", "--runs", "1"});
    EXPECT_EQ(result.status, 0) << result.err;
    if (result.out.find("Python is left out") != std::string::npos)
        GTEST_SKIP() << "there is no python3";
    EXPECT_TRUE(has(result.out, "C: python3 pi_serial.py 1e4\nD: python3 pi_parallel.py 1e4 2\n"
                                "Python does a hundredth of the steps: 1e4 of 1e6.\n"));
    EXPECT_TRUE(has(result.out, "In Python:"));
}

TEST(Compare, of_an_exercise_with_two_ways_times_them_against_each_other) {
    const auto result = run({"compare", "map --count 9", "-p", "2", "--runs", "1"});
    EXPECT_EQ(result.status, 0) << result.err;
    EXPECT_TRUE(
        has(result.out, "A: map --count 9 --only loop\nB: map --count 9 --only pool -p 2\n"));
    const auto starmap = run({"compare", "starmap", "-p", "1", "--runs", "1", "--csv", "-"});
    EXPECT_TRUE(has(starmap.out, "\nA,starmap --only loop,1,1,"));
    EXPECT_TRUE(has(starmap.out, "\nB,starmap --only pool -p 1,1,1,"));
    const auto threads =
        run({"compare", "threads-io --tasks 2 --seconds 0.01", "--runs", "1", "--csv", "-"});
    EXPECT_TRUE(has(threads.out, "\nB,threads-io --tasks 2 --seconds 0.01 --only threads,,1,"));
    support::expect_refused({"compare", "threads-io", "-p", "2"}, "threads-io has no pool", 2);
}

TEST(Compare, of_waits_lets_them_take_as_long_as_the_budget_allows_unless_they_are_given) {
    const auto result = run({"compare", "threads-io --tasks 4", "--budget", "2"});
    EXPECT_EQ(result.status, 0) << result.err;
    EXPECT_TRUE(has(result.out, "Each task waits 30.0 ms, so that there is time for enough runs;"));
    EXPECT_TRUE(has(result.out, "A: threads-io --tasks 4 --seconds 0.03 --only loop\n"
                                "B: threads-io --tasks 4 --seconds 0.03 --only threads\n"));
    const auto once = run({"compare", "threads-io", "--runs", "1", "--warmup", "0"});
    EXPECT_TRUE(has(once.out, "\nA: threads-io --seconds 0.1 --only loop\n"));
    const auto given =
        run({"compare", "threads-io --seconds=0.01", "--runs", "1", "--warmup", "0"});
    EXPECT_TRUE(has(given.out, "\nA: threads-io --seconds=0.01 --only loop\n"));
    EXPECT_EQ(given.out.find("Each task waits"), std::string::npos);
}

TEST(Compare, of_two_ways_adds_those_of_python) {
    const auto result =
        run({"compare", "map", "-p", "2", "--backend", "processes", "--python", "--runs", "1"});
    EXPECT_EQ(result.status, 0) << result.err;
    if (result.out.find("Python is left out") != std::string::npos)
        GTEST_SKIP() << "there is no python3";
    EXPECT_TRUE(has(result.out, "C: map --only loop --python\nD: map --only pool -p 2 --python\n"));
    EXPECT_EQ(result.out.find("hundredth"), std::string::npos);
    EXPECT_TRUE(has(result.out, "\nD  C "));
}

TEST(Compare, without_python_says_so_in_a_sentence) {
    const auto result = run({"compare", "pi", "1e3", "--python", "--runs", "1"},
                            {.environment = {"PATH=/proc/nonexistent"}});
    EXPECT_EQ(result.status, 0) << result.err;
    EXPECT_TRUE(has(result.out, "Python is left out: there is no python3 here. Install it"));
    EXPECT_EQ(result.out.find("\nC: "), std::string::npos);
}

TEST(Compare, interrupted_shows_what_was_measured_and_that_it_is_partial) {
    RunningProgram command({"compare", "pi-serial 1e15", "pi-serial 1e15"});
    const pid_t child = child_of(command);
    command.send(SIGINT);
    const auto result = command.finish();
    EXPECT_EQ(result.status, -SIGINT);
    EXPECT_TRUE(has(result.out, "Interrupted; these are the measurements until then.\n"));
    EXPECT_EQ(result.out.find("Next:"), std::string::npos);
    wait_until_gone(child);
}

TEST(Compare, interrupted_writes_a_whole_document_that_says_it_is_partial) {
    RunningProgram command({"compare", "pi", "1e15", "--json"});
    const pid_t child = child_of(command);
    command.send(SIGTERM);
    const auto result = command.finish();
    EXPECT_EQ(result.status, -SIGTERM);
    EXPECT_TRUE(has(result.out, "\"partial\": true"));
    EXPECT_EQ(result.out.back(), '\n');
    wait_until_gone(child);
}

TEST(Compare, killed_takes_its_command_and_the_workers_of_that_along) {
    RunningProgram command({"compare", "pi-parallel 1e15 -p 2", "pi-parallel 1e15 -p 2"});
    const pid_t child = child_of(command);
    std::set<pid_t> workers;
    while ((workers = support::children_of(child)).size() < 2) std::this_thread::yield();
    command.send(SIGKILL);
    EXPECT_EQ(command.finish().status, -SIGKILL);
    wait_until_gone(child);
    for (const pid_t worker : workers) wait_until_gone(worker);
}
