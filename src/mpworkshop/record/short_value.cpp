#include "mpworkshop/record/short_value.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdlib>

namespace mpworkshop::record {
namespace {

constexpr std::array<std::string_view, 5> private_members = {"pid", "host", "hostname", "user",
                                                             "path"};

/// "/x", "~/x", "./x", "../x", also behind = or a quote, and a relative "a/b.csv"; not "I/O", "1/2"
/// or "km/s".
bool is_path(std::string_view word) {
    if (const std::size_t equals = word.find('='); equals != word.npos)
        word.remove_prefix(equals + 1);
    word.remove_prefix(std::min(word.find_first_not_of("'\"("), word.size()));
    const std::size_t slash = word.find('/');
    if (slash == word.npos || word.size() < 2) return false;
    if (slash == 0 || word.front() == '.' || word.front() == '~') return true;
    return word.size() > 6 || word.find('.', slash) != word.npos;
}

double six_digits(double number) {
    if (!std::isfinite(number)) return number;
    char digits[32];
    const auto written =
        std::to_chars(digits, std::end(digits), number, std::chars_format::general, 6);
    double read = number;
    std::from_chars(digits, written.ptr, read);
    return read;
}

std::string cut(std::string text, std::size_t most) {
    if (text.size() <= most) return text;
    while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xC0U) == 0x80U) --most;
    return text.substr(0, most) + "...";
}

Value list_in_short(const Value::List& list, const Limits& limits, std::size_t depth);

Value in_short(const Value& value, const Limits& limits, std::size_t depth) {
    if (const auto* number = std::get_if<double>(&value.data())) {
        if (!std::isfinite(*number)) return {};
        return six_digits(*number);
    }
    if (const auto* text = std::get_if<std::string>(&value.data()))
        return cut(without_paths(*text), limits.bytes);
    if (const auto* numbers = std::get_if<std::vector<double>>(&value.data())) {
        const auto kept =
            numbers->begin() + std::ptrdiff_t(std::min(numbers->size(), limits.items));
        return list_in_short(Value::List(numbers->begin(), kept), limits, depth);
    }
    if (const auto* list = std::get_if<Value::List>(&value.data()))
        return list_in_short(*list, limits, depth);
    if (const auto* members = std::get_if<Value::Object>(&value.data())) {
        if (depth == 0) return {};
        Value::Object kept;
        for (const auto& [name, each] : *members)
            if (std::ranges::find(private_members, name) == private_members.end())
                kept.emplace_back(name, in_short(each, limits, depth - 1));
        return kept;
    }
    return value;
}

Value list_in_short(const Value::List& list, const Limits& limits, std::size_t depth) {
    if (depth == 0) return {};
    Value::List kept;
    for (const Value& each : list) {
        if (kept.size() == limits.items) break;
        kept.push_back(in_short(each, limits, depth - 1));
    }
    // A list of what is too deep to be kept says nothing.
    if (!kept.empty() && std::ranges::all_of(kept, &Value::is_null)) return {};
    return kept;
}

} // namespace

Value shortened(const Value& value, const Limits& limits) {
    return in_short(value, limits, limits.depth);
}

std::string without_paths(std::string_view text) {
    std::string result;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find_first_of(" \n\t"), text.size());
        const std::string_view word = text.substr(0, end);
        result += is_path(word) ? "(path)" : word;
        const std::size_t next = std::min(text.find_first_not_of(" \n\t", end), text.size());
        result += text.substr(end, next - end);
        text.remove_prefix(next);
    }
    return result;
}

} // namespace mpworkshop::record
