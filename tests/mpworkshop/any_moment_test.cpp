// A signal at any moment of any subcommand: it ends by that signal, and nothing is left behind.

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "support/command.hpp"
#include "support/sanitizers.hpp"
#include "support/subprocess.hpp"

using support::has;
using support::RunningProgram;

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
            RunningProgram command(words,
                                   {.environment = {"TMPDIR=" + temporary.path()}, .terminal = 80});
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
            // A bar that was drawn is erased.
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
    RunningProgram command({"pi-parallel", "3e9", "-p", "2", "-v"}, {.own_group = true});
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

/// `compare` of two runs that last until they get input.
class FedRuns {
public:
    FedRuns() {
        EXPECT_EQ(::mkfifo(fifo_.c_str(), S_IRUSR | S_IWUSR), 0);
        const std::string run = "map --backend serial --input " + fifo_;
        command_.emplace(
            std::vector<std::string>{"compare", run, run, "--runs", "1", "--warmup", "0"},
            support::CommandOptions{.own_group = true});
    }

    RunningProgram& command() { return *command_; }

    /// Blocks until another run has begun; returns its process.
    pid_t next() {
        for (;; std::this_thread::yield())
            for (const pid_t pid : support::children_of(command_->pid()))
                if (!seen_.contains(pid) &&
                    support::contents("/proc/" + std::to_string(pid) + "/cmdline")
                            .find(std::string("\0--input", 8)) != std::string::npos) {
                    seen_.insert(pid);
                    return pid;
                }
    }

    /// Blocks until the program has a second child, the helper that watches the first.
    void wait_for_watcher() {
        while (support::children_of(command_->pid()).size() < 2) std::this_thread::yield();
    }

    void feed() const { std::ofstream(fifo_) << "1\n"; }

private:
    support::Folder folder_;
    std::string fifo_ = folder_.file("fifo");
    std::set<pid_t> seen_;
    std::optional<RunningProgram> command_;
};

void wait_until_stopped(std::initializer_list<pid_t> processes) {
    for (const pid_t pid : processes)
        while (state_of(pid) != 'T') std::this_thread::yield();
}

/// The stopped run, once it continues, and two that count.
void expect_thrown_away(FedRuns& runs, pid_t stopped) {
    while (state_of(stopped) == 'T') std::this_thread::yield();
    runs.feed();
    for (int run = 0; run < 2; ++run) {
        runs.next();
        runs.feed();
    }
    const auto result = runs.command().finish();
    EXPECT_EQ(result.status, 0) << result.err;
    std::string words = result.out;
    std::ranges::replace(words, '\n', ' ');
    EXPECT_TRUE(has(words, "1 run during that time was discarded and repeated."));
}

TEST(CtrlZ, stops_what_compare_measures_too_and_throws_that_run_away) {
    FedRuns runs;
    const pid_t timed_run = runs.next();
    runs.command().send_to_group(SIGTSTP);
    wait_until_stopped({runs.command().pid(), timed_run});
    runs.command().send_to_group(SIGCONT);
    expect_thrown_away(runs, timed_run);
}

TEST(CtrlZ, stops_what_scale_measures_too) {
    RunningProgram command({"scale", "pi", "1e15", "-p", "1", "--runs", "1", "--warmup", "0"},
                           {.own_group = true});
    std::set<pid_t> children;
    while ((children = support::children_of(command.pid())).empty()) std::this_thread::yield();
    const pid_t timed_run = *children.begin();
    command.send_to_group(SIGTSTP);
    wait_until_stopped({command.pid(), timed_run});
    command.send(SIGINT);
    command.send(SIGCONT);
    EXPECT_EQ(command.finish().status, -SIGINT);
}

TEST(Sigstop, stops_what_compare_measures_too_and_throws_that_run_away) {
    FedRuns runs;
    const pid_t timed_run = runs.next();
    runs.wait_for_watcher();
    runs.command().send(SIGSTOP);
    wait_until_stopped({runs.command().pid(), timed_run});
    runs.command().send(SIGCONT);
    expect_thrown_away(runs, timed_run);
}

TEST(Sigstop, then_sigkill_leaves_nothing_behind) {
    FedRuns runs;
    const pid_t timed_run = runs.next();
    runs.wait_for_watcher();
    runs.command().send(SIGSTOP);
    wait_until_stopped({timed_run});
    runs.command().send(SIGKILL);
    EXPECT_EQ(runs.command().finish().status, -SIGKILL);
    while (!support::contents("/proc/" + std::to_string(timed_run) + "/cmdline").empty())
        std::this_thread::yield();
}

} // namespace
