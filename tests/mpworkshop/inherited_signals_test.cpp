// The caller may have left signals ignored or blocked.

#include <gtest/gtest.h>

#include <csignal>

#include "support/command.hpp"

using support::has;
using support::run;
using support::RunningProgram;

namespace {

void block_all() {
    sigset_t all;
    sigfillset(&all);
    ::sigprocmask(SIG_BLOCK, &all, nullptr);
}

void ignore_children() { std::signal(SIGCHLD, SIG_IGN); }

} // namespace

TEST(InheritedSignals, that_ignore_the_end_of_children_disturb_nobody) {
    for (const std::vector<std::string>& words :
         {std::vector<std::string>{"compare", "cores", "cores", "--runs", "1"},
          std::vector<std::string>{"scale", "pi", "1e4", "-p", "1,2", "--runs", "1"},
          std::vector<std::string>{"process-demo"},
          std::vector<std::string>{"pi-parallel", "1e4", "-p", "2"},
          std::vector<std::string>{"doctor"}}) {
        const auto result = run(words, {.before = ignore_children});
        EXPECT_EQ(result.status, 0) << words.front() << ": " << result.err;
        EXPECT_FALSE(has(result.out + result.err, "No child processes"));
    }
}

TEST(InheritedSignals, that_are_blocked_end_the_program_all_the_same) {
    for (const int signal : {SIGTERM, SIGINT, SIGHUP}) {
        RunningProgram command({"pi-parallel", "1e15", "-p", "2"}, {.before = block_all});
        command.wait_for("rank + ");
        command.send(signal);
        const auto result = command.finish();
        EXPECT_EQ(result.status, -signal);
        EXPECT_TRUE(has(result.out, "Interrupted"));
    }
}

TEST(InheritedSignals, that_came_while_they_were_blocked_are_heard_at_the_start) {
    RunningProgram command({"pi-serial", "1e15"}, {.before = [] {
                               block_all();
                               std::raise(SIGTERM);
                           }});
    EXPECT_EQ(command.finish().status, -SIGTERM);
}
