#include <gtest/gtest.h>

#include <csignal>
#include <string_view>

#include "support/command.hpp"

using support::has;
using support::run;
using support::RunningProgram;

namespace {

/// The first worker of a command run with -v.
pid_t worker_of(RunningProgram& command) {
    command.wait_for("worker 0 (process ");
    command.wait_for(") started\n");
    const std::string& err = command.so_far().err;
    return std::stoi(err.substr(err.find("(process ") + 9));
}

} // namespace

// finish() waits until every process of the command has ended, so each of these also proves that
// none is left behind.

TEST(Interrupt, wakes_threads_that_sleep_and_says_how_far_they_came) {
    RunningProgram command({"threads-io", "--seconds", "3600"});
    command.wait_for("In a loop:");
    command.send(SIGINT);
    const auto result = command.finish();
    EXPECT_EQ(result.status, -SIGINT);
    EXPECT_TRUE(has(result.out, "Interrupted: 0 of 8 tasks finished in the stage loop.\n"));
    EXPECT_EQ(result.err, "");
}

TEST(Interrupt, ends_requests_to_a_slow_web_server) {
    RunningProgram command({"threads-io", "--seconds", "3600", "--io", "web"});
    command.wait_for("\n");
    command.send(SIGINT);
    const auto result = command.finish();
    EXPECT_EQ(result.status, -SIGINT);
}

TEST(Interrupt, stops_a_long_sum_in_this_process) {
    RunningProgram command({"pi-serial", "1e3", "1e15"});
    command.wait_for("1e3");
    command.send(SIGTERM);
    const auto result = command.finish();
    EXPECT_EQ(result.status, -SIGTERM);
    EXPECT_TRUE(has(result.out, "Interrupted: 1 of 2 sums done, 0 % of 1e15 steps.\n"));
}

TEST(Interrupt, stops_the_workers_of_every_backend) {
    for (const char* backend : {"processes", "threads", "serial"}) {
        RunningProgram command({"pi-parallel", "1e15", "-p", "2", "--backend", backend});
        command.wait_for("rank + ");
        support::wait_until_busy(command.pid(), 0.002);
        command.send(SIGINT);
        const auto result = command.finish();
        EXPECT_EQ(result.status, -SIGINT) << backend;
        EXPECT_TRUE(has(result.out, "Interrupted"));
    }
}

TEST(Interrupt, ends_the_lessons_own_loop_in_every_backend) {
    for (const char* backend : {"processes", "threads", "serial"}) {
        RunningProgram command({"pi-parallel", "1e15", "--plain", "-p", "2", "--backend", backend});
        command.wait_for("rank + ");
        const bool in_workers = backend == std::string_view("processes");
        support::wait_until_busy(command.pid(), in_workers ? 0.002 : 0.2);
        command.send(SIGINT);
        EXPECT_EQ(command.finish().status, -SIGINT) << backend;
    }
}

TEST(Interrupt, comes_in_the_middle_of_a_shared_out_sum) {
    RunningProgram command({"pi-parallel", "1e15", "-p", "2", "-v"});
    support::wait_until_busy(worker_of(command), 0.02);
    command.send(SIGINT);
    EXPECT_EQ(command.finish().status, -SIGINT);
}

TEST(Interrupt, writes_a_whole_document_that_says_it_is_partial) {
    RunningProgram command({"pi-serial", "1e15", "--json"});
    support::wait_until_catches(command.pid(), SIGHUP); // it prints nothing before the document
    support::wait_until_busy(command.pid(), support::cpu_seconds_of(command.pid()) + 0.2);
    command.send(SIGHUP);
    const auto result = command.finish();
    EXPECT_EQ(result.status, -SIGHUP);
    ASSERT_FALSE(result.out.empty());
    EXPECT_TRUE(has(result.out, "\"partial\": true,\n  \"so_far\": \"0 % of 1e15 steps\""));
    EXPECT_EQ(result.out.back(), '\n');
}

TEST(Interrupt, ends_the_wait_for_someone_who_types) {
    RunningProgram command({"map", "--input", "-", "-v"}, {.keyboard = true});
    support::wait_until_busy(command.pid(), 0);
    command.send(SIGINT);
    EXPECT_EQ(command.finish().status, -SIGINT);
}

TEST(Interrupt, by_the_second_signal_is_immediate) {
    RunningProgram command({"pi-parallel", "1e15", "-p", "3"});
    command.wait_for("rank + ");
    command.send(SIGINT);
    command.send(SIGINT);
    EXPECT_EQ(command.finish().status, -SIGINT);
}

TEST(Interrupt, leaves_no_worker_behind_even_after_sigkill) {
    RunningProgram command({"pi-parallel", "1e15", "-p", "3"});
    command.wait_for("rank + ");
    command.send(SIGKILL);
    EXPECT_EQ(command.finish().status, -SIGKILL);
}

TEST(ClosedOutput, ends_the_program_without_a_word) {
    RunningProgram command({"map", "--count", "1000000"});
    command.wait_for("\n");
    command.close_output();
    const auto result = command.finish();
    EXPECT_EQ(result.status, -SIGPIPE);
    EXPECT_EQ(result.err, "");
}

TEST(ClosedOutput, ends_the_program_also_where_the_caller_ignored_the_signal) {
    RunningProgram command({"threads-io", "--seconds", "0.02"}, {.ignored_signal = SIGPIPE});
    command.wait_for("\n");
    command.close_output();
    EXPECT_EQ(command.finish().status, -SIGPIPE);
}

TEST(Interrupt, is_not_for_a_program_that_shall_ignore_it) {
    RunningProgram command({"threads-io", "--seconds", "0.05", "--tasks", "2"},
                           {.ignored_signal = SIGINT});
    command.wait_for("In a loop:");
    command.send(SIGINT);
    EXPECT_EQ(command.finish().status, 0);
}

TEST(KilledWorker, does_not_spoil_the_sum) {
    RunningProgram command({"pi-parallel", "4e9", "-p", "2", "-v"});
    const pid_t worker = worker_of(command);
    support::wait_until_busy(worker, 0.05); // it has begun its share
    kill(worker, SIGKILL);
    const auto result = command.finish();
    EXPECT_EQ(result.status, 0);
    EXPECT_TRUE(has(result.out, "3.14159265358979"));
    EXPECT_TRUE(
        has(result.out, "A worker died and was replaced; what it had not finished was run again."));
}

TEST(KilledWorker, is_named_in_one_sentence) {
    RunningProgram command({"pi-parallel", "4e9", "-p", "2", "-v", "--retries", "0"});
    const pid_t worker = worker_of(command);
    support::wait_until_busy(worker, 0.05); // it has begun its share
    kill(worker, SIGKILL);
    const auto result = command.finish();
    EXPECT_EQ(result.status, 1);
    EXPECT_TRUE(has(result.err, "mpworkshop: error: "));
    EXPECT_TRUE(has(result.err, "SIGKILL"));
    EXPECT_TRUE(has(result.err, "run it again"));
}
