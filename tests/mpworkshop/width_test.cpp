// Every screen of every command, on terminals of 80 and of 40 columns.

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "mpworkshop/kit/command.hpp"
#include "support/command.hpp"

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

} // namespace

TEST(Width, of_every_run_is_that_of_the_terminal) {
    for (const Arguments& arguments : std::vector<Arguments>{
             {"race", "--updates", "1000"},
             {"gil", "--seconds", "0.01"},
             {"threads-io", "--seconds", "0.01", "--timeline"},
             {"concurrency", "--seconds", "0.005"},
             {"cores"},
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
