// Without /proc and /sys, as in some containers.

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/command.hpp"
#include "support/sanitizers.hpp"

using support::has;

namespace {

/// In a separate process: covers both folders with empty ones.
bool cover_folders() {
    return ::unshare(CLONE_NEWNS) == 0 &&
           ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
           ::mount("none", "/sys", "tmpfs", 0, nullptr) == 0 &&
           ::mount("none", "/proc", "tmpfs", 0, nullptr) == 0;
}

bool can_cover_folders() {
    const pid_t child = ::fork();
    if (child == 0) ::_exit(cover_folders() ? 0 : 1);
    int status = 1;
    ::waitpid(child, &status, 0);
    return status == 0;
}

support::CommandResult run_covered(const std::vector<std::string>& words) {
    return support::run(words, {.before = [] {
                            if (!cover_folders()) ::_exit(126);
                        }});
}

/// How often a text names the folders.
std::size_t mentions(const std::string& text) {
    std::size_t count = 0;
    for (std::size_t at = 0; (at = text.find("/proc and /sys", at)) != text.npos; ++at) ++count;
    return count;
}

class WithoutProc : public testing::Test {
protected:
    void SetUp() override {
        if (support::address_sanitizer) GTEST_SKIP() << "the address sanitizer needs /proc itself";
        if (!can_cover_folders()) GTEST_SKIP() << "only root may cover /proc and /sys";
    }
};

} // namespace

TEST_F(WithoutProc, doctor_says_once_what_is_not_known) {
    const auto result = run_covered({"doctor"});
    EXPECT_EQ(result.status, 0) << result.out;
    EXPECT_EQ(result.err, "");
    EXPECT_TRUE(has(result.out, "note     limits            unknown, as /proc and /sys cannot"));
    EXPECT_EQ(mentions(result.out), 1U) << result.out;
    EXPECT_FALSE(has(result.out, "the whole machine is yours"));
}

TEST_F(WithoutProc, cores_says_once_what_is_not_known_and_hwloc_nothing) {
    const auto result = run_covered({"cores"});
    EXPECT_EQ(result.status, 0);
    EXPECT_EQ(result.err, "");
    EXPECT_TRUE(has(result.out, "cgroup quota   unknown "));
    EXPECT_EQ(mentions(result.out), 1U) << result.out;
    EXPECT_FALSE(has(result.out, "the whole machine"));
}

TEST_F(WithoutProc, a_report_leaves_out_what_other_programs_took) {
    const auto result = run_covered({"pi-serial", "1e8", "--json"});
    EXPECT_EQ(result.status, 0) << result.err;
    EXPECT_TRUE(has(result.out, "\"other_programs\": null")) << result.out;
}

TEST_F(WithoutProc, whole_commands_are_compared_all_the_same) {
    for (const char* command : {"compare", "scale"}) {
        const auto result = run_covered({command, "pi", "1000", "-p", "1", "--runs", "1"});
        EXPECT_EQ(result.status, 0) << result.err;
        EXPECT_EQ(result.err, "");
        EXPECT_TRUE(has(result.out, "median"));
    }
}
