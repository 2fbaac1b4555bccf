// Short commands, from their start to their end: what the program adds to the work itself.

#include "bench/commands.hpp"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <spawn.h>
#include <string>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>

#include "bench/floors.hpp"
#include "bench/workload.hpp"

namespace bench {

std::string output_of(std::vector<std::string> words) {
    std::vector<char*> arguments;
    arguments.reserve(words.size() + 1);
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);

    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) throw std::system_error(errno, std::generic_category());
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    pid_t pid = 0;
    const int error =
        ::posix_spawn(&pid, arguments[0], &actions, nullptr, arguments.data(), environ);
    ::posix_spawn_file_actions_destroy(&actions);
    ::close(ends[1]);
    std::string text;
    char part[4096];
    for (ssize_t size = 0; error == 0 && (size = ::read(ends[0], part, sizeof part)) > 0;)
        text.append(part, std::size_t(size));
    ::close(ends[0]);
    if (error != 0) throw std::system_error(error, std::generic_category(), words[0]);
    int status = 0;
    while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    check(status == 0, "the command failed");
    return text;
}

namespace {

constexpr int runs = 21;

double milliseconds(const std::vector<std::string>& words) {
    return 1e3 * seconds([&] { output_of(words); });
}

double median_of_runs(const std::vector<std::string>& words) {
    std::vector<double> took;
    for (int i = 0; i < runs; ++i) took.push_back(milliseconds(words));
    return median(std::move(took));
}

std::vector<Side> command(std::vector<std::string> words, double most_ms) {
    words.insert(words.begin(), MPBENCH_PROGRAM);
    return {
        {"mpworkshop", [=] { return median_of_runs(words); }, {.value = most_ms}},
        {"/bin/true", [] { return median_of_runs({"/bin/true"}); }},
    };
}

std::vector<Side> version(const Settings&) { return command({"--version"}, 5); }

std::vector<Side> short_sum(const Settings&) {
    return command({"pi-parallel", "1e6", "-p", "4", "--no-record"}, 10);
}

/// The same run with and without its line in the record, by turns.
double log_line_ms() {
    char folder[] = "/tmp/mpbench-record.XXXXXX";
    check(::mkdtemp(folder) != nullptr, "no folder in /tmp");
    const std::string home = std::string("XDG_STATE_HOME=") + folder;
    std::vector<double> added;
    for (int i = 0; i < runs; ++i) {
        const auto run = [&](const char* on_or_off) {
            return milliseconds({"/usr/bin/env", home,
                                 std::string("MPWORKSHOP_RECORD=") + on_or_off, MPBENCH_PROGRAM,
                                 "pi-serial", "1000", "--quiet"});
        };
        const double with = run("on");
        added.push_back(with - run("off"));
    }
    output_of({"/bin/rm", "-r", folder});
    return median(std::move(added));
}

std::vector<Side> log_line(const Settings&) { return {{"mpworkshop", log_line_ms, {.value = 1}}}; }

} // namespace

std::vector<Workload> commands() {
    return {
        {"command-version", "mpworkshop --version, start to end", "ms", Better::lower, Rounds::warm,
         version},
        {"command-pi", "mpworkshop pi-parallel 1e6 -p 4, start to end", "ms", Better::lower,
         Rounds::warm, short_sum},
        {"command-record", "what the record of a run adds to it", "ms", Better::lower, Rounds::warm,
         log_line},
    };
}

} // namespace bench
