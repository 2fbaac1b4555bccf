#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "support/command.hpp"

using support::has;
using support::run;

namespace {

struct BadInput {
    std::vector<std::string> arguments;
    const char* complaint;
};

/// One line on standard error, nothing on standard output.
void expect_refused(const BadInput& bad, int status) {
    const auto result = run(bad.arguments);
    EXPECT_EQ(result.status, status) << bad.complaint;
    EXPECT_EQ(result.out, "") << bad.complaint;
    EXPECT_EQ(result.err.rfind("mpworkshop: error: ", 0), 0U) << result.err;
    EXPECT_TRUE(has(result.err, bad.complaint));
    EXPECT_EQ(result.err.find('\n'), result.err.size() - 1) << result.err;
}

std::string file_with(const std::string& text) {
    const std::string path = testing::TempDir() + "bad_input_test_" + std::to_string(getpid());
    std::ofstream(path) << text;
    return path;
}

} // namespace

TEST(BadInput, steps_that_are_no_whole_number_in_range) {
    for (const char* exercise : {"pi-serial", "pi-parallel"}) {
        expect_refused({{exercise, "0"}, "STEPS: '0' is too small"}, 2);
        expect_refused({{exercise, "-5"}, "STEPS: '-5' is below zero"}, 2);
        expect_refused({{exercise, "1.5"}, "STEPS: '1.5' is not a whole number"}, 2);
        expect_refused({{exercise, "1e400"}, "STEPS: '1e400' is too large"}, 2);
        expect_refused({{exercise, "abc"}, "STEPS: 'abc' is not a number"}, 2);
        expect_refused({{exercise, ""}, "STEPS: '' is empty"}, 2);
        expect_refused(
            {{exercise, "9007199254740993"}, "is too large; give a whole number from 1 to 2^53"},
            2);
    }
    expect_refused({{"pi-serial", "1e3", "abc"}, "STEPS: 'abc' is not a number"}, 2);
}

TEST(BadInput, processes_and_chunksizes_that_are_no_whole_number_in_range) {
    for (const char* exercise : {"map", "starmap", "pi-parallel"}) {
        expect_refused({{exercise, "-p", "0"}, "--processes: '0' is too small"}, 2);
        expect_refused({{exercise, "-p", "-1"}, "--processes: '-1' is below zero"}, 2);
        expect_refused({{exercise, "--processes=x"}, "--processes: 'x' is not a number"}, 2);
        expect_refused({{exercise, "--chunksize", "0"}, "--chunksize: '0' is too small"}, 2);
    }
}

TEST(BadInput, names_that_nothing_has_get_a_suggestion) {
    expect_refused({{"mpa"}, "there is no subcommand 'mpa'; did you mean map?"}, 2);
    expect_refused(
        {{"pi-paralel", "1e6"}, "there is no subcommand 'pi-paralel'; did you mean pi-parallel?"},
        2);
    expect_refused({{"map", "--backend", "process"}, "did you mean processes?"}, 2);
    expect_refused(
        {{"map", "--cuont", "5"}, "map: there is no option '--cuont'; did you mean --count?"}, 2);
    expect_refused({{"--vresion"}, "there is no option '--vresion'; did you mean --version?"}, 2);
    expect_refused({{"zzzzzz"}, "there is no subcommand 'zzzzzz'; see mpworkshop --help"}, 2);
}

TEST(BadInput, words_too_many_or_too_few) {
    expect_refused({{"map", "extra"}, "map: 'extra' is one argument too many"}, 2);
    expect_refused({{"pi-parallel", "1e6", "1e7"}, "pi-parallel: '1e7' is one argument too many"},
                   2);
    expect_refused({{"map", "--count"}, "--count needs a value"}, 2);
    expect_refused({{"--json"}, "a subcommand is missing"}, 2);
}

TEST(BadInput, pairs_with_one_or_three_columns) {
    expect_refused({{"starmap", "1"}, "PAIRS: '1' is not a pair of finite numbers"}, 2);
    expect_refused({{"starmap", "1,3", "1,2,3"}, "PAIRS: '1,2,3' is not a pair of finite numbers"},
                   2);
    expect_refused({{"starmap", "1,nan"}, "PAIRS: '1,nan' is not a pair of finite numbers"}, 2);
}

TEST(BadInput, other_values_out_of_range) {
    expect_refused({{"map", "--min", "5", "--max", "3"}, "--min is above --max"}, 2);
    expect_refused({{"threads-io", "--tasks", "0"}, "--tasks: '0' is too small"}, 2);
    expect_refused({{"threads-io", "--seconds", "nan"}, "--seconds: 'nan' is not a finite number"},
                   2);
    expect_refused({{"threads-io", "--io", "wbe"}, "did you mean web?"}, 2);
    expect_refused({{"process-demo", "--values", ""}, "--values: '' is not a finite number"}, 2);
}

TEST(BadInput, control_characters_are_never_sent_to_the_terminal) {
    for (const auto& arguments :
         std::vector<std::vector<std::string>>{{"\x1b[31mred"},
                                               {"map", "--\x1b[31m"},
                                               {"pi-serial", "\x1b]0;title\a"},
                                               {"map", "--input", "\x1b[2J"}}) {
        const auto result = run(arguments);
        EXPECT_EQ(result.err.find('\x1b'), std::string::npos);
        EXPECT_TRUE(has(result.err, "\\x1b"));
    }
}

TEST(BadInput, files_that_cannot_be_read) {
    expect_refused({{"map", "--input", "/proc/nonexistent/x", "--quiet"},
                    "cannot read /proc/nonexistent/x: No such file"},
                   1);
    expect_refused({{"starmap", "--input", "/tmp", "--quiet"}, "cannot read /tmp: it is a folder"},
                   1);
}

TEST(BadInput, lines_that_hold_something_else) {
    const std::string path = file_with("32\nabc\n");
    expect_refused({{"map", "--input", path}, "line 2: found 'abc'; expected one number"}, 1);
    expect_refused(
        {{"starmap", "--input", path}, "line 1: found 1 column ('32'); expected 2 numbers"}, 1);
    std::filesystem::remove(path);
}

TEST(BadInput, more_workers_than_the_machine_can_have) {
    const auto result = run({"pi-parallel", "1e6", "-p", "100000"});
    EXPECT_EQ(result.status, 1);
    EXPECT_TRUE(has(result.err, "cannot start 100000 workers"));
    EXPECT_TRUE(has(result.err, "give fewer workers"));
}

TEST(BadInput, a_temporary_folder_that_cannot_be_written) {
    const auto result =
        run({"threads-io", "--io", "disk"}, {.environment = {"TMPDIR=/proc/nonexistent"}});
    EXPECT_EQ(result.status, 1);
    EXPECT_TRUE(
        has(result.err,
            "cannot make a file in /proc/nonexistent: No such file or directory; set TMPDIR"));
}

TEST(BadInput, a_full_disk_for_the_output) {
    for (const auto& arguments :
         std::vector<std::vector<std::string>>{{"map"}, {"cores", "--json"}, {"--help"}}) {
        const auto result = run(arguments, {.output = "/dev/full"});
        EXPECT_EQ(result.status, 1);
        EXPECT_TRUE(has(result.err, "mpworkshop: error: cannot write the output"));
    }
}
