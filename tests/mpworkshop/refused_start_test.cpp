// If the system refuses another process or thread, the error names what was being started.

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include "support/command.hpp"

using support::has;

namespace {

/// Runs as a user who may not have a second process or thread.
support::CommandResult run_alone(const std::vector<std::string>& words) {
    return support::run(words, {.before = [user = support::user_of_this_test()] {
                            const rlimit one = {1, 1};
                            if (::setrlimit(RLIMIT_NPROC, &one) != 0 || ::setgid(user) != 0 ||
                                ::setuid(user) != 0 || ::access(MPWORKSHOP_BINARY, X_OK) != 0)
                                ::_exit(126);
                        }});
}

} // namespace

TEST(RefusedStart, is_told_with_the_name_of_what_was_started) {
    if (::geteuid() != 0 || run_alone({"--version"}).status == 126)
        GTEST_SKIP() << "this user cannot become another one who may run the program";
    struct Refused {
        std::vector<std::string> words;
        const char* what;
    };
    for (const Refused& each :
         {Refused{{"map", "-p", "2", "--backend", "threads"}, "cannot start worker 1 of 2: "},
          Refused{{"map", "-p", "2"}, "cannot start "},
          Refused{{"process-demo"}, "cannot start a process: "},
          Refused{{"price", "--seconds", "0.01"}, "price: cannot start a thread: "},
          Refused{{"compare", "cores", "cores"}, "'cores' failed: cannot start a command: "}}) {
        const auto result = run_alone(each.words);
        EXPECT_EQ(result.status, 1) << each.what;
        EXPECT_TRUE(has(result.err, each.what));
    }
}
