#include "mpworkshop/sys/contained_command.hpp"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <sstream>
#include <system_error>

#include "mpworkshop/sys/process_group_limit.hpp"
#include "support/folder.hpp"
#include "support/invariants.hpp"

using namespace mpworkshop::sys;

namespace {

class Containment : public support::Invariants, public testing::WithParamInterface<Hold> {
protected:
    ContainedCommand shell(const std::string& script) const {
        return {.words = {"sh", "-c", script}, .folder = folder_.path(), .hold = GetParam()};
    }
    /// The end of a command, held in the way that is tested.
    static ContainedEnd run(const ContainedCommand& command) {
        ContainedEnd end = run_contained(command);
        if (GetParam() == Hold::process_tree) EXPECT_FALSE(end.by_cgroup);
        return end;
    }

    support::Folder folder_;
};

/// Whether a process runs; what has ended and was not reaped yet does not.
bool runs(pid_t pid) {
    const std::string about = support::contents("/proc/" + std::to_string(pid) + "/stat");
    return !about.empty() && about.find(") Z ") == about.npos;
}

} // namespace

TEST_P(Containment, gives_the_output_and_the_exit_code) {
    const auto end = run(shell("echo out; echo err >&2; exit 3"));
    EXPECT_EQ(end.out, "out\n");
    EXPECT_EQ(end.err, "err\n");
    EXPECT_EQ(end.status, 3);
    EXPECT_EQ(end.cut_short, CutShort::no);
    EXPECT_EQ(end.left_behind, 0U);
}

TEST_P(Containment, ends_what_outlives_the_command) {
    const auto end = run(shell("sleep 1000 >/dev/null 2>&1 & echo $!\n"
                               "setsid sleep 1000 >/dev/null 2>&1 & echo $!"));
    EXPECT_EQ(end.status, 0);
    EXPECT_EQ(end.left_behind, 2U);
    std::istringstream pids(end.out);
    int count = 0;
    for (pid_t pid = 0; pids >> pid; ++count) EXPECT_FALSE(runs(pid));
    EXPECT_EQ(count, 2);
}

TEST_P(Containment, ends_what_runs_for_too_long) {
    auto command = shell("sleep 1000");
    command.deadline_s = 0.2;
    const auto end = run(command);
    EXPECT_EQ(end.cut_short, CutShort::by_deadline);
    EXPECT_EQ(end.status, -SIGKILL);
}

TEST_P(Containment, ends_what_prints_too_much_and_keeps_the_beginning) {
    auto command = shell("yes");
    command.most_output = 1 << 22;
    const auto end = run(command);
    EXPECT_EQ(end.cut_short, CutShort::by_output);
    EXPECT_EQ(end.out.size(), most_kept_output);
}

TEST_P(Containment, ends_what_starts_too_many_processes) {
    auto command = shell("for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do sleep "
                         "1000 & done; wait; sleep 1000");
    command.most_processes = 10;
    EXPECT_EQ(run(command).cut_short, CutShort::by_processes);
}

TEST_P(Containment, names_what_cannot_be_started) {
    ContainedCommand command = shell("");
    command.words = {"/nonexistent/program"};
    try {
        run_contained(command);
        ADD_FAILURE() << "it was started";
    } catch (const std::system_error& error) {
        EXPECT_EQ(error.code().value(), ENOENT);
    }
}

INSTANTIATE_TEST_SUITE_P(Cgroup, Containment, testing::Values(Hold::cgroup_if_possible));
INSTANTIATE_TEST_SUITE_P(Tree, Containment, testing::Values(Hold::process_tree));

TEST(ProcessGroupLimit, ends_what_a_killed_run_left_behind) {
    if (!ProcessGroupLimit(10).exists()) GTEST_SKIP() << "no cgroup can be made here";
    ASSERT_EQ(::prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    const pid_t child = ::fork();
    if (child == 0) {
        const ProcessGroupLimit group(10);
        const pid_t left = ::fork();
        if (left == 0) {
            group.enter();
            const pid_t self = ::getpid();
            if (::write(ends[1], &self, sizeof self) != sizeof self) ::_exit(1);
            for (;;) ::pause();
        }
        for (;;) ::pause();
    }
    pid_t left = 0;
    ASSERT_EQ(::read(ends[0], &left, sizeof left), ssize_t(sizeof left));
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    const int descriptor = int(::syscall(SYS_pidfd_open, left, 0));
    ASSERT_GE(descriptor, 0);

    EXPECT_TRUE(ProcessGroupLimit(10).exists());
    pollfd end = {descriptor, POLLIN, 0};
    EXPECT_EQ(::poll(&end, 1, 5000), 1) << "it still runs";
    ::kill(left, SIGKILL);
    ::waitpid(left, nullptr, 0);
    for (const int each : {descriptor, ends[0], ends[1]}) ::close(each);
    ::prctl(PR_SET_CHILD_SUBREAPER, 0);
}
