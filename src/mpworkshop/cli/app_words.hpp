#pragma once

#include <CLI/CLI.hpp>

#include <span>
#include <string>
#include <vector>

namespace mpworkshop {

/// The subcommand among these words; null if there is none.
const CLI::App* command_in(const CLI::App& app, std::span<const char* const> words);

/// Makes a positional take all words from its first one on as they stand.
void mark_rest(CLI::Option& positional);
bool is_rest(const CLI::Option& positional);

/// The words after the program's name as CLI11 is to see them. `--` is taken out, and what CLI11
/// would not take for a value, though it is one, is marked: -.5,3 and [1,3], --csv=FILE, everything
/// with a dash after `--`, and all that a positional takes by mark_rest(). Errors: UsageError for a
/// value that a flag does not take.
std::vector<std::string> marked_words(const CLI::App& app, std::span<const char* const> words);

/// The word as it was given.
std::string unmarked(std::string word);

} // namespace mpworkshop
