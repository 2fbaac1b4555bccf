// Every screen of every command, on terminals of 80 and of 40 columns.

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "mpworkshop/kit/command.hpp"
#include "support/command.hpp"
#include "support/folder.hpp"

using support::run;
using Arguments = std::vector<std::string>;

namespace {

std::size_t characters_of(const std::string& line) {
    return std::size_t(std::ranges::count_if(
        line, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

/// A word that is too long gets a separate line.
bool is_one_word(const std::string& line) {
    const std::size_t begin = line.find_first_not_of(' ');
    return begin == line.npos || line.find(' ', begin) == line.npos;
}

void expect_to_fit(const Arguments& arguments) {
    for (const std::size_t columns : {80U, 40U}) {
        const auto result = run(
            arguments, {.environment = {"COLUMNS=" + std::to_string(columns), "LC_ALL=C.UTF-8"}});
        EXPECT_EQ(result.status, 0) << arguments.front() << result.err;
        for (const std::string& line : support::lines_of(result.out)) {
            EXPECT_TRUE(characters_of(line) < columns || is_one_word(line))
                << testing::PrintToString(arguments) << ", " << columns << " columns: " << line;
        }
    }
}

/// What is printed on standard error, a terminal.
void expect_errors_to_fit(const Arguments& arguments, int status) {
    for (const unsigned columns : {80U, 40U}) {
        const auto result =
            run(arguments, {.environment = {"TERM=dumb", "LC_ALL=C.UTF-8"}, .terminal = columns});
        EXPECT_EQ(result.status, status) << result.err;
        EXPECT_NE(result.err, "");
        std::string err = result.err;
        std::erase(err, '\r');
        for (const std::string& line : support::lines_of(err))
            EXPECT_TRUE(characters_of(line) < columns || is_one_word(line))
                << testing::PrintToString(arguments) << ", " << columns << " columns: " << line;
    }
}

} // namespace

TEST(Width, of_every_run_is_that_of_the_terminal) {
    for (const Arguments& arguments : std::vector<Arguments>{
             {"race", "--updates", "1000"},
             {"gil", "--seconds", "0.01"},
             {"threads-io", "--seconds", "0.01", "--timeline"},
             {"concurrency", "--seconds", "0.005"},
             {"cores"},
             {"process-demo"},
             {"map", "--count", "3", "--timeline"},
             {"starmap", "-p", "2"},
             {"chunks", "--tasks", "4", "--seconds", "0.001"},
             {"pi-serial", "1e3"},
             {"pi-serial", "1e3", "1e4"},
             {"pi-parallel", "1e5", "-p", "3"},
             {"price", "--seconds", "0.001"},
             {"compare", "pi", "1000", "-p", "1", "--runs", "1"},
             {"compare", "map --count 10 -p 1", "map --count 10 -p 2", "--runs", "1"},
             {"scale", "pi", "1000", "-p", "1,2", "--runs", "1"},
         })
        expect_to_fit(arguments);
}

TEST(Width, of_errors_is_that_of_the_terminal) {
    expect_errors_to_fit({"map", "--count", "x"}, 2);
    expect_errors_to_fit({"mapp"}, 2);
    expect_errors_to_fit({"map", "--input", "/proc/none/of/all/these/folders/exists"}, 1);
}

TEST(Width, of_errors_is_one_line_elsewhere) {
    const auto result = run({"map", "--count", "x"}, {.environment = {"COLUMNS=40"}});
    EXPECT_EQ(support::lines_of(result.err).size(), 1U) << result.err;
}

TEST(Width, of_the_log_and_the_table_of_the_workers_is_that_of_the_terminal) {
    expect_errors_to_fit({"pi-parallel", "1e5", "-p", "2", "-v"}, 0);
}

TEST(Width, of_code_leaves_no_word_that_is_too_long) {
    for (const std::string& line :
         support::lines_of(run({"explain", "memory"}, {.environment = {"COLUMNS=40"}}).out))
        EXPECT_LT(characters_of(line), 40U) << line;
}

TEST(Width, of_commands_to_paste_is_that_of_the_terminal) {
    const support::Folder folder;
    for (const auto* exercise : mpworkshop::lessons()) {
        expect_to_fit({"source", exercise->name, "--to", folder.path()});
        expect_to_fit({"source", exercise->name, "--python", "--to", folder.path()});
    }
}

TEST(Width, of_every_help_is_that_of_the_terminal) {
    expect_to_fit({});
    expect_to_fit({"--help"});
    expect_to_fit({"--version"});
    for (const auto* exercise : mpworkshop::lessons()) expect_to_fit({exercise->name, "--help"});
    for (const auto* command : mpworkshop::other_commands())
        expect_to_fit({command->name, "--help"});
}

TEST(Width, of_every_text_and_list_is_that_of_the_terminal) {
    const nlohmann::json names = nlohmann::json::parse(run({"explain", "--json"}).out)["names"];
    for (const nlohmann::json& name : names) expect_to_fit({"explain", std::string(name)});
    for (const char* command : {"explain", "list", "next", "practice", "reset", "doctor"})
        expect_to_fit({command});
}
