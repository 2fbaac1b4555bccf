#pragma once

#include <span>
#include <string>
#include <string_view>

namespace mpworkshop::input {

/// How many letters to insert, drop, change or swap with a neighbor to turn `a` into `b`
/// (Damerau-Levenshtein, optimal string alignment).
std::size_t edit_distance(std::string_view a, std::string_view b);

/// The candidate that was most likely meant; empty when none is close.
std::string close_match(std::string_view word, std::span<const std::string> candidates);

/// "; did you mean map?", or nothing.
std::string did_you_mean(std::string_view word, std::span<const std::string> candidates);

} // namespace mpworkshop::input
