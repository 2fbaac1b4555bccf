// A signal at any moment of any subcommand: it ends by that signal, and nothing is left behind.

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "support/command.hpp"
#include "support/sanitizers.hpp"

using support::Command;
using support::has;

namespace {

using Clock = std::chrono::steady_clock;

const std::vector<std::vector<std::string>> commands = {
    {"cores"},
    {"threads-io", "--seconds", "0.05", "--io", "disk"},
    {"process-demo"},
    {"map", "--count", "100000"},
    {"starmap", "2,3", "4,5"},
    {"pi-serial", "1e9"},
    {"pi-parallel", "1e9", "-p", "3"},
    {"race"},
    {"gil"},
    {"concurrency"},
    {"chunks"},
    {"price"},
    {"compare", "pi", "1e8"},
    {"scale", "pi", "1e8"},
    {"doctor"},
    {"list"},
};

const std::vector<int> delays_us =
    support::address_sanitizer ? std::vector{0, 20'000, 150'000}
                               : std::vector{0, 500, 2000, 5000, 10'000, 20'000, 50'000, 150'000};

class AnyMoment : public testing::TestWithParam<int> {};

// finish() waits until every process that it started is gone.
TEST_P(AnyMoment, ends_every_subcommand_and_leaves_nothing_behind) {
    const int signal = GetParam();
    std::chrono::duration<double, std::milli> longest{};
    for (const auto& words : commands)
        for (const int delay_us : delays_us) {
            const support::Folder temporary;
            Command command(words, {.environment = {"TMPDIR=" + temporary.path()}, .terminal = 80});
            std::this_thread::sleep_for(std::chrono::microseconds(delay_us));
            const auto sent = Clock::now();
            command.send(signal);
            const auto result = command.finish();
            longest = std::max<decltype(longest)>(longest, Clock::now() - sent);
            SCOPED_TRACE(words[0] + " after " + std::to_string(delay_us) + " us: " + result.out +
                         result.err);
            if (result.status != 0) {
                EXPECT_EQ(result.status, -signal);
            }
            EXPECT_TRUE(std::filesystem::is_empty(temporary.path()));
            // A bar that was drawn is wiped out.
            if (result.err.find('%') != std::string::npos) {
                EXPECT_TRUE(result.err.ends_with("\r\x1b[K"));
            }
        }
    std::printf("the longest from the signal to the end: %.0f ms\n", longest.count());
}

INSTANTIATE_TEST_SUITE_P(Signal, AnyMoment, testing::Values(SIGINT, SIGTERM, SIGHUP),
                         [](const auto& test) { return std::string(sigabbrev_np(test.param)); });

char state_of(pid_t pid) {
    std::ifstream in("/proc/" + std::to_string(pid) + "/stat");
    std::string line;
    std::getline(in, line);
    const auto name_end = line.rfind(')');
    return name_end == std::string::npos ? '?' : line[name_end + 2];
}

TEST(CtrlZ, stops_the_program_and_its_workers_and_fg_goes_on) {
    Command command({"pi-parallel", "3e9", "-p", "2", "-v"}, {.own_group = true});
    command.wait_for("worker 1 (process ");
    command.wait_for("is ready");
    std::vector<pid_t> all = {command.pid()};
    const std::string& err = command.so_far().err;
    for (std::size_t at = 0; (at = err.find("(process ", at)) != std::string::npos; ++at)
        all.push_back(std::stoi(err.substr(at + 9)));
    ASSERT_EQ(all.size(), 3U) << err;
    command.send_to_group(SIGTSTP);
    for (const pid_t pid : all)
        while (state_of(pid) != 'T') std::this_thread::yield();
    command.send_to_group(SIGCONT);
    const auto result = command.finish();
    EXPECT_EQ(result.status, 0);
    EXPECT_TRUE(has(result.out, "3.14159265358979"));
}

} // namespace
