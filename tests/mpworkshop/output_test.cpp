// Standard output that cannot be written, and standard error that cannot.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "support/command.hpp"

using support::has;
using support::run;

namespace {

using Words = std::vector<std::string>;

const std::vector<Words> printers = {
    {"--help"},
    {"--version"},
    {"cores"},
    {"cores", "--json"},
    {"map"},
    {"map", "--json"},
    {"map", "--quiet", "--count", "100000"},
    {"starmap", "2,3", "--backend", "threads"},
    {"pi-serial", "1e3", "--quiet"},
    {"process-demo"},
    {"process-demo", "--json"},
    {"process-demo", "--quiet"},
    {"threads-io", "--seconds", "0.01"},
    {"list"},
    {"next"},
    {"reset"},
    {"explain", "map"},
    {"source", "map"},
    {"doctor"},
    {"doctor", "--json"},
    {"compare", "cores", "cores", "--runs", "1"},
    {"compare", "cores", "cores", "--runs", "1", "--json"},
    {"compare", "cores", "cores", "--runs", "1", "--csv", "-"},
};

void expect_reason(const char* reason, const support::CommandOptions& options) {
    for (const Words& words : printers) {
        const auto result = run(words, options);
        SCOPED_TRACE(words.front() + " " + words.back());
        EXPECT_EQ(result.status, 1);
        EXPECT_EQ(result.out, "");
        EXPECT_TRUE(result.err.ends_with(
            std::string("mpworkshop: error: cannot write the output: ") + reason + "\n"))
            << result.err;
    }
}

void limit_files_to_nothing() {
    const rlimit none = {0, 0};
    ::setrlimit(RLIMIT_FSIZE, &none);
}

} // namespace

TEST(Output, that_meets_a_full_disk_is_told_alike_by_every_command) {
    expect_reason("No space left on device; send it to where there is space",
                  {.output = "/dev/full"});
}

TEST(Output, that_is_closed_is_told_alike_by_every_command) {
    expect_reason("standard output is closed; send it to a file or a terminal",
                  {.before = [] { ::close(STDOUT_FILENO); }});
}

TEST(Output, beyond_the_limit_of_a_files_size_is_told_and_kills_nobody) {
    const support::Folder folder;
    const std::string file = folder.file("out");
    ::close(::open(file.c_str(), O_WRONLY | O_CREAT, 0600));
    for (const Words& words : {Words{"map"}, Words{"process-demo", "--quiet"}}) {
        const auto result = run(words, {.output = file.c_str(), .before = limit_files_to_nothing});
        EXPECT_EQ(result.status, 1);
        EXPECT_TRUE(has(result.err, "cannot write the output: File too large; raise the limit"));
    }
}

TEST(Output, arrives_whole_whatever_became_of_standard_error) {
    const auto full = [] { ::dup2(::open("/dev/full", O_WRONLY | O_CLOEXEC), STDERR_FILENO); };
    const auto closed = [] { ::close(STDERR_FILENO); };
    const auto broken = [] {
        int ends[2];
        if (::pipe2(ends, O_CLOEXEC) == 0) ::dup2(ends[1], STDERR_FILENO), ::close(ends[0]);
    };
    const Words two = {"compare", "cores", "cores", "--runs", "1", "--json"};
    for (const std::function<void()>& before :
         {std::function<void()>(full), std::function<void()>(closed),
          std::function<void()>(broken)}) {
        for (const Words& words :
             {Words{"map", "--json"}, Words{"process-demo", "--json"}, Words{"map", "--json", "-v"},
              Words{"map", "--json", "-p", "2", "--backend", "threads"}, two}) {
            const auto result = run(words, {.before = before});
            EXPECT_EQ(result.status, 0) << words.front();
            EXPECT_TRUE(nlohmann::json::accept(result.out)) << words.front() << ": " << result.out;
        }
        for (const Words& words : {Words{"source", "map"}, Words{"map", "-v"}, Words{"list"},
                                   Words{"pi-parallel", "1e3", "-p", "2", "-v"}}) {
            const auto result =
                run(words, {.environment = {"XDG_STATE_HOME=/proc/none"}, .before = before});
            EXPECT_EQ(result.status, 0) << words.front();
            EXPECT_TRUE(result.out.ends_with('\n')) << words.front();
        }
    }
}

TEST(Limits, of_a_files_size_costs_nothing_but_the_memory_of_runs) {
    const support::Folder folder;
    const auto result = run({"map"}, {.environment = {"XDG_STATE_HOME=" + folder.path()},
                                      .before = limit_files_to_nothing});
    EXPECT_EQ(result.status, 0);
    EXPECT_TRUE(has(result.out, "total"));
    EXPECT_TRUE(has(result.err, "cannot record that map ran here"));
    EXPECT_TRUE(std::filesystem::is_empty(folder.path() + "/mpworkshop"));
}

TEST(Limits, of_cpu_time_is_named_and_shows_what_was_done) {
    const auto two_seconds = [] {
        const rlimit limit = {2, 2};
        ::setrlimit(RLIMIT_CPU, &limit);
    };
    const auto result = run({"pi-serial", "1e3", "1e15"}, {.before = two_seconds});
    EXPECT_EQ(result.status, -SIGXCPU);
    EXPECT_TRUE(has(result.out, "Interrupted: 1 of 2 sums done"));
    EXPECT_TRUE(has(result.err, "mpworkshop: error: the CPU time that this process may use is "
                                "spent; raise the limit (ulimit -t) or give less work\n"));
    const auto compared =
        run({"compare", "cores", "pi-serial 1e15", "--runs", "1"}, {.before = two_seconds});
    EXPECT_EQ(compared.status, 1);
    EXPECT_TRUE(has(compared.err, "'pi-serial 1e15' failed: the CPU time that"));
}
