#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

/// Converts text to numbers, exactly or not at all.
namespace mpworkshop::input {

/// Up to this number a double represents every whole number.
inline constexpr std::uint64_t largest_whole = std::uint64_t{1} << 53;

enum class Flaw { none, empty, not_a_number, negative, not_whole, too_large };

struct Whole {
    std::uint64_t value = 0;
    Flaw flaw = Flaw::none;
};

/// Reads 100000000, 100_000_000, 1e8 and 2.5e8, from 0 to largest_whole, with integer arithmetic
/// only.
Whole whole_number(std::string_view text);

/// Reads a finite number, such as 2, -0.5 or 1e-3; empty for anything else, including "nan" and
/// "1e400".
std::optional<double> finite_number(std::string_view text);

} // namespace mpworkshop::input
