#include "mpworkshop/sys/command.hpp"

#include <gtest/gtest.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <fcntl.h>
#include <mp/mp.hpp>
#include <poll.h>
#include <string>
#include <system_error>
#include <unistd.h>
#include <vector>

#include "support/command.hpp"
#include "support/invariants.hpp"

using mpworkshop::sys::Ended;
using mpworkshop::sys::run_command;
using support::has;

namespace {

class WholeCommand : public support::Invariants {};

Ended shell(const std::string& script, std::string_view input = {}) {
    return run_command({"sh", "-c", script}, input);
}

/// Descriptors beyond the standard ones that every child of this process has.
std::size_t inherited() {
    std::size_t count = 0;
    for (const int each : support::open_descriptors()) {
        const int flags = ::fcntl(each, F_GETFD);
        count += each > STDERR_FILENO && flags >= 0 && (flags & FD_CLOEXEC) == 0;
    }
    return count;
}

/// Runs the script, which interrupts this process as Ctrl-C would, and expects that everything it
/// started has ended: no process holds the pipe ends they had.
void expect_all_gone(const std::string& script) {
    struct sigaction before = {}, interrupt = {};
    interrupt.sa_handler = [](int) { mp::interrupt(); };
    ::sigaction(SIGINT, &interrupt, &before);
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    ::fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    EXPECT_THROW(shell(script), mp::Interrupted);
    ::close(ends[1]);
    pollfd end = {ends[0], POLLIN, 0};
    EXPECT_EQ(::poll(&end, 1, 20'000), 1) << "a process still holds it";
    ::close(ends[0]);
    EXPECT_THROW(shell("true"), mp::Interrupted); // until it is forgotten
    mp::clear_interrupt();
    EXPECT_EQ(shell("true").status, 0);
    ::sigaction(SIGINT, &before, nullptr);
}

} // namespace

TEST_F(WholeCommand, that_has_not_ended_at_its_deadline_is_ended_with_all_it_started) {
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    ::fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    using Clock = std::chrono::steady_clock;
    EXPECT_THROW(run_command({"sh", "-c", "sleep 1000 & sleep 1000"}, {}, {},
                             Clock::now() + std::chrono::milliseconds(150)),
                 mpworkshop::sys::CommandTimeout);
    ::close(ends[1]);
    pollfd end = {ends[0], POLLIN, 0};
    EXPECT_EQ(::poll(&end, 1, 20'000), 1) << "a process still holds it";
    ::close(ends[0]);
    EXPECT_EQ(run_command({"true"}, {}, {}, Clock::now() + std::chrono::hours(1)).status, 0);
}

TEST_F(WholeCommand, returns_what_it_printed_and_its_exit_code) {
    const Ended ended = shell("echo result; echo trouble >&2; exit 3");
    EXPECT_EQ(ended.out, "result\n");
    EXPECT_EQ(ended.err, "trouble\n");
    EXPECT_EQ(ended.status, 3);
    EXPECT_GT(ended.wall_s, 0);
}

TEST_F(WholeCommand, that_ends_by_a_signal_has_its_number) {
    EXPECT_EQ(shell("kill -USR1 $$").status, -SIGUSR1);
}

TEST_F(WholeCommand, reads_its_input_or_nothing) {
    EXPECT_EQ(shell("cat", "one\ntwo\n").out, "one\ntwo\n");
    EXPECT_EQ(shell("cat").out, "");
    const std::string large(300'000, 'x');
    EXPECT_EQ(shell("cat; cat >&2", large).out, large);
}

TEST_F(WholeCommand, may_print_more_than_a_pipe_holds_on_both_streams) {
    const Ended ended = shell("head -c 300000 /dev/zero >&2; head -c 200000 /dev/zero");
    EXPECT_EQ(ended.err.size(), 300'000U);
    EXPECT_EQ(ended.out.size(), 200'000U);
}

TEST_F(WholeCommand, has_the_cpu_time_of_its_children_too) {
    const Ended busy = shell("sh -c 'i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done'; true");
    EXPECT_GT(busy.cpu_s, 0.02);
    EXPECT_LT(shell("true").cpu_s, busy.cpu_s);
}

TEST_F(WholeCommand, that_is_not_there_is_an_error_with_its_errno) {
    try {
        run_command({"no-such-program-here"});
        FAIL() << "it ran";
    } catch (const std::system_error& error) {
        EXPECT_EQ(error.code().value(), ENOENT);
    }
    EXPECT_THROW(run_command({"/dev/null"}), std::system_error);
}

TEST_F(WholeCommand, begins_with_the_signal_mask_and_the_descriptors_of_a_shell) {
    EXPECT_TRUE(has(run_command({"grep", "SigBlk", "/proc/self/status"}).out, "0000000000000000"));
    // 0, 1, 2, the folder itself, and those that this test was started with.
    EXPECT_EQ(shell("ls /proc/self/fd | wc -l").out, std::to_string(4 + inherited()) + "\n");
    EXPECT_EQ(shell("ps -o pid= -o pgid= -p $$ | awk '{print $1 == $2}'").out, "1\n");
}

TEST_F(WholeCommand, begins_with_usual_signals_whatever_this_process_does_about_them) {
    const auto of = [](const char* line) {
        const std::string words = run_command({"grep", line, "/proc/self/status"}).out;
        return std::stoull(words.substr(words.find('\t') + 1), nullptr, 16);
    };
    const std::vector<int> signals = {SIGPIPE, SIGXFSZ, SIGUSR1, SIGTERM};
    std::vector<void (*)(int)> before;
    for (const int signal : signals) before.push_back(std::signal(signal, SIG_IGN));
    sigset_t some, mask;
    sigemptyset(&some);
    sigaddset(&some, SIGUSR2);
    ::pthread_sigmask(SIG_BLOCK, &some, &mask);
    const auto ignored = of("SigIgn"), blocked = of("SigBlk");
    ::pthread_sigmask(SIG_SETMASK, &mask, nullptr);
    for (std::size_t i = 0; i < signals.size(); ++i) std::signal(signals[i], before[i]);
    for (const int signal : signals) EXPECT_EQ(ignored >> (signal - 1) & 1U, 0U) << signal;
    EXPECT_EQ(blocked, 0U);
}

TEST_F(WholeCommand, says_whether_this_process_was_stopped_meanwhile) {
    EXPECT_FALSE(shell("true").suspended);
    EXPECT_TRUE(shell("kill -CONT $PPID").suspended);
    EXPECT_FALSE(shell("true").suspended);
}

TEST_F(WholeCommand, is_gone_with_all_it_started_when_it_is_interrupted) {
    expect_all_gone("sleep 1000 & kill -INT $PPID; wait");
}

TEST_F(WholeCommand, that_does_not_listen_is_killed) {
    expect_all_gone("trap '' TERM; kill -INT $PPID; while :; do sleep 1000; done");
}

TEST_F(WholeCommand, that_has_closed_its_output_can_be_interrupted_too) {
    expect_all_gone("exec >&- 2>&-; kill -INT $PPID; exec sleep 1000");
}
