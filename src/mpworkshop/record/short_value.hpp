#pragma once

#include <cstddef>

#include "mpworkshop/input/value.hpp"

namespace mpworkshop::record {

/// How much of a value is kept.
struct Limits {
    std::size_t items = 24;  ///< of a list; what follows is left out
    std::size_t bytes = 300; ///< of a text
    std::size_t depth = 6;
};

/// The value in short, and without private facts: numbers with six digits, long lists and texts cut
/// off, words that are paths (/home/x, ./x, --csv=/x) replaced by "(path)", and without members
/// that tell of a process or a host.
Value shortened(const Value& value, const Limits& limits = {});

/// Text with its paths replaced.
std::string without_paths(std::string_view text);

} // namespace mpworkshop::record
