// Measurements are not lost when a file cannot be written, or when a run fails.

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include <nlohmann/json.hpp>

#include "support/command.hpp"

using support::contents;
using support::has;
using support::run;
using Words = std::vector<std::string>;

namespace {

/// Two short commands of each tool, in one run each.
Words words_of(const char* command, const Words& more) {
    Words words = {command, "pi", "1000", "-p", "1", "--runs", "1", "--warmup", "0"};
    words.insert(words.end(), more.begin(), more.end());
    return words;
}

} // namespace

TEST(Exports, that_fail_cost_neither_the_screen_nor_each_other) {
    const support::Folder folder;
    for (const char* command : {"compare", "scale"}) {
        for (const char* full : {"--csv", "--markdown"}) {
            const bool csv = full == std::string("--csv");
            const std::string other = folder.file("other");
            const auto result =
                run(words_of(command, {full, "/dev/full", csv ? "--markdown" : "--csv", other}));
            EXPECT_EQ(result.status, 1);
            EXPECT_TRUE(has(result.out, "median"));
            EXPECT_TRUE(has(result.out, "Next: mpworkshop "));
            EXPECT_TRUE(has(result.err, "cannot write /dev/full: No space left on device"));
            EXPECT_TRUE(has(contents(other), csv ? "| median |" : "median_s"));
            std::filesystem::remove(other);
        }
        const auto document = run(words_of(command, {"--csv", "/dev/full", "--json"}));
        EXPECT_EQ(document.status, 1);
        EXPECT_EQ(nlohmann::json::parse(document.out)["partial"], false);
        // And vice versa: a full standard output costs no file.
        const std::string csv = folder.file("csv");
        const auto full = run(words_of(command, {"--csv", csv}), {.output = "/dev/full"});
        EXPECT_EQ(full.status, 1);
        EXPECT_TRUE(has(contents(csv), "median_s"));
    }
}

TEST(Exports, to_a_pipe_without_a_reader_fail_after_the_screen) {
    const support::Folder folder;
    const std::string pipe = folder.file("pipe");
    ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
    const auto result = run(words_of("compare", {"--csv", pipe}));
    EXPECT_EQ(result.status, 1);
    EXPECT_TRUE(has(result.out, "median"));
    EXPECT_TRUE(has(result.err, "no program reads this pipe; start its reader first"));
}

TEST(Exports, hold_what_was_measured_before_a_run_that_failed) {
    const support::Folder folder;
    const std::string input = folder.file("in"), trace = folder.file("trace");
    const std::string csv = folder.file("csv");
    std::ofstream(input) << "50\n";
    support::RunningProgram command({"compare", "map --input " + input + " --trace " + trace,
                                     "cores", "--runs", "1000", "--warmup", "0", "--csv", csv});
    // The first run has read its input when it writes this; the next one finds none.
    while (!std::filesystem::exists(trace)) std::this_thread::yield();
    std::filesystem::remove(input);
    const auto result = command.finish();
    EXPECT_EQ(result.status, 1);
    EXPECT_TRUE(has(result.out, "median"));
    EXPECT_TRUE(has(result.out, "A run failed; these are the measurements until then.\n"));
    EXPECT_FALSE(has(result.out, "Next:"));
    EXPECT_TRUE(has(result.err, "mpworkshop: error: 'map --input "));
    EXPECT_TRUE(has(result.err, "failed: cannot read " + input));
    EXPECT_TRUE(has(contents(csv), "\nA,map --input "));
}

TEST(Exports, as_json_name_the_run_that_failed) {
    const support::Folder folder;
    const std::string input = folder.file("in"), trace = folder.file("trace");
    std::ofstream(input) << "50\n";
    support::RunningProgram command({"compare", "map --input " + input + " --trace " + trace,
                                     "cores", "--runs", "1000", "--warmup", "0", "--json"});
    while (!std::filesystem::exists(trace)) std::this_thread::yield();
    std::filesystem::remove(input);
    const auto result = command.finish();
    EXPECT_EQ(result.status, 1);
    const auto document = nlohmann::json::parse(result.out);
    EXPECT_EQ(document["partial"], true);
    EXPECT_TRUE(has(document["failure"].get<std::string>(), "failed: cannot read " + input));
    EXPECT_FALSE(document["commands"][0]["samples"].empty());
}
