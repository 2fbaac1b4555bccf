// On a machine with little to grant, the program works with less, or says in one sentence what is
// missing.

#include <fcntl.h>
#include <grp.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include "support/command.hpp"
#include "support/sanitizers.hpp"

using support::has;
using support::run;

namespace {

using Words = std::vector<std::string>;

const Words pi = {"pi-parallel", "1e6", "-p", "3"};

void limit(int what, rlim_t most) {
    const rlimit both{most, most};
    setrlimit(static_cast<__rlimit_resource>(what), &both);
}

// UBSan looks at an object through a separate pipe. If it gets none, it takes the object for an
// invalid one, and shows no memory, as it would for one that is invalid.
bool sanitizer_has_nothing(const support::CommandResult& result) {
    return support::address_sanitizer && result.err.find("invalid vptr") != std::string::npos &&
           result.err.find("<memory cannot be printed>") != std::string::npos;
}

// The command worked, or there is one line that says why not.
void expect_an_answer(const support::CommandResult& result) {
    SCOPED_TRACE(std::to_string(result.status) + ": " + result.out + result.err);
    if (result.status == 0) {
        EXPECT_TRUE(has(result.out, "3.14159265358"));
        return;
    }
    if (result.status == 127) return; // even the loader lacked something
    if (sanitizer_has_nothing(result)) return;
    EXPECT_EQ(result.status, 1);
    EXPECT_TRUE(has(result.err, "mpworkshop: error: "));
}

TEST(NothingToSpend, few_descriptors) {
    for (rlim_t most = 3; most < 40; ++most)
        expect_an_answer(run(pi, {.before = [most] { limit(RLIMIT_NOFILE, most); }}));
}

TEST(NothingToSpend, little_address_space) {
    if (support::address_sanitizer) GTEST_SKIP() << "the sanitizer needs terabytes of addresses";
    for (const rlim_t megabytes : {5U, 10U, 20U, 30U, 50U, 70U, 100U, 200U, 500U, 2000U, 20'000U})
        expect_an_answer(run(pi, {.before = [megabytes] { limit(RLIMIT_AS, megabytes << 20); }}));
}

TEST(NothingToSpend, few_processes) {
    if (geteuid() != 0) GTEST_SKIP() << "only root can become a user without processes";
    for (const rlim_t most : {0U, 1U, 2U, 3U, 4U, 5U, 20U})
        expect_an_answer(run(pi, {.before = [most, user = support::user_of_this_test()] {
                                 limit(RLIMIT_NPROC, most);
                                 (void)!setgroups(0, nullptr);
                                 (void)!setgid(user);
                                 (void)!setuid(user);
                             }}));
}

// Commands that start threads and processes, each in a different way.
const std::vector<Words> starters = {
    {"doctor"},
    {"threads-io", "--io", "web", "--seconds", "0.01"},
    {"threads-io", "--seconds", "0.01"},
    {"map", "-p", "2", "--backend", "threads"},
    {"map", "-p", "1"},
    {"process-demo"},
    {"compare", "cores", "cores", "--runs", "1"},
    {"gil", "--seconds", "0.01"},
    {"price", "--seconds", "0.01"},
    {"race", "--updates", "1000"},
};

void expect_no_crash(const Words& words, const std::function<void()>& before) {
    const auto result = run(words, {.before = before});
    SCOPED_TRACE(words.front() + ": " + std::to_string(result.status) + result.out + result.err);
    if (result.status == 127 || sanitizer_has_nothing(result)) return;
    EXPECT_TRUE(result.status == 0 || result.status == 1);
    EXPECT_FALSE(has(result.err, "terminate called"));
    // A check of doctor is one line of its result.
    if (result.status == 1 && words.front() != "doctor") {
        EXPECT_TRUE(has(result.err, "mpworkshop: error: "));
        EXPECT_FALSE(has(result.err, "error: Resource temporarily unavailable"));
    }
    if (words.back() == "1") {
        EXPECT_FALSE(has(result.err, "such as --processes 4"));
    }
}

TEST(NothingToSpend, few_processes_for_anything_that_starts_some) {
    if (geteuid() != 0) GTEST_SKIP() << "only root can become a user without processes";
    for (const Words& words : starters)
        for (const rlim_t most : {1U, 2U, 3U, 6U})
            expect_no_crash(words, [most, user = support::user_of_this_test()] {
                limit(RLIMIT_NPROC, most);
                (void)!setgroups(0, nullptr);
                (void)!setgid(user);
                (void)!setuid(user);
            });
}

TEST(NothingToSpend, few_processes_in_the_cgroup) {
    const std::string all = "/sys/fs/cgroup/";
    const std::string root = std::filesystem::exists(all + "pids") ? all + "pids/" : all;
    const std::string group = root + "mpworkshop-test-" + std::to_string(getpid());
    std::error_code refused;
    std::filesystem::create_directory(group, refused);
    std::ofstream most(group + "/pids.max");
    if (refused || !(most << 2 << std::flush)) {
        std::filesystem::remove(group, refused);
        GTEST_SKIP() << "no cgroup with a limit of processes can be made here";
    }
    const std::string members = group + "/cgroup.procs";
    for (const Words& words : starters)
        expect_no_crash(words, [&members] {
            const int file = open(members.c_str(), O_WRONLY | O_CLOEXEC);
            (void)!write(file, "0", 1);
        });
    std::filesystem::remove(group, refused);
}

TEST(NothingToSpend, little_address_space_for_anything_that_starts_some) {
    if (support::address_sanitizer) GTEST_SKIP() << "the sanitizer needs terabytes of addresses";
    for (const Words& words : starters)
        for (const rlim_t kilobytes : {20'000U, 40'000U, 60'000U, 100'000U, 300'000U})
            expect_no_crash(words, [kilobytes] { limit(RLIMIT_AS, kilobytes * 1000); });
}

TEST(TooManyThreads, are_refused_before_any_is_started) {
    const auto began = std::chrono::steady_clock::now();
    const auto result = run({"map", "-p", "1000000", "--backend", "threads"});
    EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(10));
    EXPECT_EQ(result.status, 1);
    EXPECT_TRUE(has(result.err, "mpworkshop: error: mp: cannot start 1000000 workers: "));
    EXPECT_TRUE(has(result.err, " more threads here"));
    EXPECT_TRUE(has(result.err, "give fewer workers, such as --processes 4"));
}

TEST(TooManyThreads, are_not_waited_for_after_a_signal) {
    support::RunningProgram command({"map", "-p", "3000", "--backend", "threads"});
    const std::string status = "/proc/" + std::to_string(command.pid()) + "/status";
    for (int threads = 0; threads < 50;) {
        const std::string text = support::contents(status);
        const std::size_t at = text.find("Threads:");
        if (at == std::string::npos) break; // the command was refused
        threads = std::stoi(text.substr(at + 8));
    }
    command.send(SIGTERM);
    const auto result = command.finish();
    if (has(result.err, "cannot start 3000 workers")) GTEST_SKIP() << result.err;
    EXPECT_EQ(result.status, -SIGTERM) << result.err;
    EXPECT_EQ(result.out.find("total"), std::string::npos); // it came before they worked
}

TEST(NothingToSpend, standard_streams_that_are_closed) {
    for (unsigned closed = 1; closed < 8; ++closed)
        for (const Words& words : {pi, Words{"cores"}, Words{"process-demo"}, Words{"list"},
                                   Words{"map", "--input", "-"}}) {
            const auto result = run(words, {.before = [closed] {
                                        for (int each = 0; each < 3; ++each)
                                            if ((closed >> each & 1) != 0) close(each);
                                    }});
            EXPECT_TRUE(result.status == 0 || result.status == 1)
                << words[0] << " without " << closed << ": " << result.status << result.err;
        }
}

TEST(NothingToSpend, no_folder_that_can_be_written) {
    for (const Words& words : {pi, Words{"map"}, Words{"next"}, Words{"list"}}) {
        const auto result = run(words, {.environment = {"XDG_STATE_HOME=/proc/none",
                                                        "HOME=/proc/none", "TMPDIR=/proc/none"}});
        EXPECT_EQ(result.status, 0) << words[0] << ": " << result.err;
    }
    const auto disk = run({"threads-io", "--io", "disk", "--seconds", "0.01"},
                          {.environment = {"TMPDIR=/proc/none"}});
    EXPECT_TRUE(disk.status == 0 || has(disk.err, "TMPDIR"));
}

} // namespace
