#include <gtest/gtest.h>

#include <algorithm>

#include "support/command.hpp"

using support::has;
using support::lines_of;
using support::run;

namespace {

const std::vector<std::vector<std::string>> runs = {
    {"cores"},
    {"threads-io", "--seconds", "0.01"},
    {"threads-io", "--seconds", "0.01", "--io", "disk"},
    {"process-demo"},
    {"map"},
    {"starmap"},
    {"pi-serial", "1e6"},
    {"pi-serial", "1e3", "1e4"},
    {"pi-parallel", "1e6", "-p", "3"},
    {"pi-parallel", "9007199254740992", "-p", "100000"}, // the widest numbers; it cannot run
};

} // namespace

TEST(Screen, has_80_columns_of_ascii) {
    for (const auto& arguments : runs) {
        for (const std::string& line : lines_of(run(arguments).out)) {
            EXPECT_LT(line.size(), 80U) << line;
            for (const char c : line) EXPECT_TRUE(c >= ' ' && c <= '~') << line;
        }
    }
}

TEST(Screen, ends_in_at_most_six_lines_of_timings_and_the_next_command) {
    for (const auto& arguments : runs) {
        const auto result = run(arguments);
        if (result.status != 0) continue;
        auto lines = lines_of(result.out.substr(result.out.rfind("\n\n") + 2));
        std::erase_if(lines, [](const std::string& line) { // on a busy machine
            return line.starts_with("Other programs used ");
        });
        // Inputs and lines that take long have separate rows.
        const auto around_the_lesson = std::ranges::count_if(lines, [](const std::string& line) {
            return line.starts_with("input ") || line.starts_with("print ");
        });
        EXPECT_LE(lines.size(), 6U + std::size_t(around_the_lesson)) << result.out;
        EXPECT_TRUE(has(lines.back(), "Next: mpworkshop "));
        const std::size_t last_row =
            lines.size() - (lines.back().rfind("Next:", 0) == 0 && lines.size() > 2 ? 3 : 2);
        EXPECT_TRUE(has(lines[last_row] + lines[lines.size() - 2], "total"));
    }
}

TEST(Screen, is_free_of_everything_but_results_when_quiet) {
    EXPECT_EQ(run({"starmap", "2,3", "--quiet"}).out, "2 x 3 = 6\n");
    EXPECT_EQ(lines_of(run({"map", "--count", "4", "--quiet"}).out).size(), 4U);
    const auto pi = lines_of(run({"pi-serial", "1e3", "--quiet"}).out);
    ASSERT_EQ(pi.size(), 2U);
    EXPECT_EQ(pi[0].rfind("pi    3.14159273692312", 0), 0U); // the last digit is the compiler's
    EXPECT_EQ(pi[1], "error 8.3e-08");
}

TEST(Screen, of_every_exercise_has_a_result_when_quiet) {
    for (std::vector<std::string> arguments : runs) {
        arguments.emplace_back("--quiet");
        const auto result = run(arguments);
        if (result.status == 0) {
            EXPECT_GE(lines_of(result.out).size(), 1U) << arguments.front();
        }
    }
}

TEST(Screen, is_one_document_with_json_and_nothing_on_standard_error) {
    for (const unsigned terminal : {0U, 80U})
        for (std::vector<std::string> arguments : runs) {
            arguments.emplace_back("--json");
            const auto result =
                run(arguments, {.environment = {"TERM=dumb"}, .terminal = terminal});
            if (result.status != 0) continue;
            EXPECT_EQ(result.err, "") << arguments.front();
            EXPECT_TRUE(result.out.starts_with("{\n") && result.out.ends_with("}\n"));
        }
    for (const char* command : {"compare", "scale"}) {
        const auto result = run({command, "pi", "1000", "-p", "1", "--runs", "1", "--json"});
        EXPECT_EQ(result.err, "") << command;
        EXPECT_TRUE(result.out.starts_with("{\n")) << command;
    }
}

TEST(Log, tells_what_the_engine_does_on_standard_error) {
    const auto result = run({"map", "--count", "2", "-p", "2", "-v", "--quiet"});
    EXPECT_EQ(result.status, 0);
    EXPECT_TRUE(has(result.err, "worker 1 (process "));
    EXPECT_EQ(lines_of(result.out).size(), 2U);
    EXPECT_EQ(run({"map", "--count", "2"}).err, "");
}

TEST(ProgressBar, is_drawn_on_a_terminal_and_taken_away) {
    support::RunningProgram command({"pi-serial", "1e15"},
                                    {.environment = {"TERM=xterm", "LC_ALL=C"}, .terminal = 60});
    command.wait_for("  0 %");
    command.send(SIGINT);
    const auto result = command.finish();
    EXPECT_TRUE(has(result.err, "\r[....."));
    EXPECT_EQ(result.err.substr(result.err.size() - 4), "\r\x1b[K");
    EXPECT_EQ(result.out.find('\x1b'), std::string::npos);
}

TEST(ProgressBar, is_not_drawn_where_nobody_wants_it) {
    for (const char* variable : {"TERM=dumb", "NO_COLOR=1"}) {
        const auto result =
            run({"pi-serial", "2e9"}, {.environment = {"TERM=xterm", variable}, .terminal = 80});
        EXPECT_EQ(result.err, "") << variable;
    }
    EXPECT_EQ(run({"pi-serial", "2e9"}).err, "");
}
