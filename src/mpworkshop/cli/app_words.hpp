#pragma once

#include <CLI/CLI.hpp>

#include <span>
#include <string>
#include <vector>

namespace mpworkshop {

/// The subcommand among these words; null if there is none.
const CLI::App* command_in(const CLI::App& app, std::span<const char* const> words);

/// Makes a positional take all words from its first one on, unchanged.
void mark_rest(CLI::Option& positional);
bool is_rest(const CLI::Option& positional);

/// The words after the program's name in the form for CLI11. `--` is removed. Values that CLI11
/// would not accept as such are marked: -.5,3 and [1,3], --csv=FILE, everything with a dash after
/// `--`, and all that a positional takes by mark_rest(). An option whose value is called [X] gets
/// an empty one if no number follows it. Errors: UsageError for a value given to a flag.
std::vector<std::string> marked_words(const CLI::App& app, std::span<const char* const> words);

/// The word as it was typed.
std::string unmarked(std::string word);

} // namespace mpworkshop
