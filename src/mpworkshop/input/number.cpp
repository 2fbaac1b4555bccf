#include "mpworkshop/input/number.hpp"

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <string>

namespace mpworkshop::input {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Takes digits off the front, without single underscores between them; empty if there are none.
std::string take_digits(std::string_view& text) {
    std::string digits;
    std::size_t i = 0;
    for (; i < text.size(); ++i) {
        const bool joins = text[i] == '_' && i > 0 && is_digit(text[i - 1]) &&
                           i + 1 < text.size() && is_digit(text[i + 1]);
        if (is_digit(text[i]))
            digits += text[i];
        else if (!joins)
            break;
    }
    text.remove_prefix(i);
    return digits;
}

bool take(std::string_view& text, std::string_view any_of) {
    if (text.empty() || any_of.find(text.front()) == std::string_view::npos) return false;
    text.remove_prefix(1);
    return true;
}

} // namespace

Whole whole_number(std::string_view text) {
    if (text.empty()) return {.flaw = Flaw::empty};
    const bool negative = take(text, "-");
    std::string digits = take_digits(text);
    if (digits.empty()) return {.flaw = Flaw::not_a_number};
    long exponent = 0;
    if (take(text, ".")) {
        const std::string fraction = take_digits(text);
        if (fraction.empty()) return {.flaw = Flaw::not_a_number};
        digits += fraction;
        exponent -= static_cast<long>(fraction.size());
    }
    if (take(text, "eE")) {
        const bool down = take(text, "-");
        if (!down) take(text, "+");
        const std::string power = take_digits(text);
        if (power.empty()) return {.flaw = Flaw::not_a_number};
        // Six digits are far beyond any accepted number, and cannot overflow.
        const long size = power.size() > 6 ? 999999 : std::strtol(power.c_str(), nullptr, 10);
        exponent += down ? -size : size;
    }
    if (!text.empty()) return {.flaw = Flaw::not_a_number};

    digits.erase(0, digits.find_first_not_of('0'));
    if (digits.empty()) return {};
    if (negative) return {.flaw = Flaw::negative};
    while (exponent < 0 && digits.back() == '0') digits.pop_back(), ++exponent;
    if (exponent < 0) return {.flaw = Flaw::not_whole};
    if (exponent + static_cast<long>(digits.size()) > 16) return {.flaw = Flaw::too_large};
    digits.append(static_cast<std::size_t>(exponent), '0');
    const std::uint64_t value = std::strtoull(digits.c_str(), nullptr, 10);
    if (value > largest_whole) return {.flaw = Flaw::too_large};
    return {.value = value};
}

std::optional<double> finite_number(std::string_view text) {
    if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (end != text.data() + text.size() || error == std::errc::invalid_argument)
        return std::nullopt;
    // from_chars does not say whether 1e-400 or 1e400 is out of range; strtod rounds the first to
    // zero.
    if (error == std::errc::result_out_of_range)
        value = std::strtod(std::string(text).c_str(), nullptr);
    if (!std::isfinite(value)) return std::nullopt;
    return value;
}

} // namespace mpworkshop::input
