// Where the machine grants little: it works with less, or says in one sentence what is missing.

#include <grp.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

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

// UBSan looks at an object through a pipe of its own. Where it gets none, it takes the object for a
// wrong one, and shows no memory of it, as it does of one that is wrong.
bool sanitizer_has_nothing(const support::CommandResult& result) {
    return support::address_sanitizer && result.err.find("invalid vptr") != std::string::npos &&
           result.err.find("<memory cannot be printed>") != std::string::npos;
}

// It worked, or there is one line that says why not.
void expect_an_answer(const support::CommandResult& result) {
    SCOPED_TRACE(std::to_string(result.status) + ": " + result.out + result.err);
    if (result.status == 0) {
        EXPECT_TRUE(has(result.out, "3.14159265358"));
        return;
    }
    if (result.status == 127) return; // not even the loader had enough
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
    if (geteuid() != 0) GTEST_SKIP() << "only root can become somebody who has no process yet";
    for (const rlim_t most : {0U, 1U, 2U, 3U, 4U, 5U, 20U})
        expect_an_answer(run(pi, {.before = [most] {
                                 limit(RLIMIT_NPROC, most);
                                 (void)!setgroups(0, nullptr);
                                 (void)!setgid(54321);
                                 (void)!setuid(54321);
                             }}));
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
