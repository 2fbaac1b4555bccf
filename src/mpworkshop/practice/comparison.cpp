#include "mpworkshop/practice/comparison.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <regex>

#include "mpworkshop/text/text.hpp"

namespace mpworkshop::practice {
namespace {

using Lines = std::vector<std::string>;

Lines lines_of(std::string_view text) {
    Lines lines;
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        std::string_view line = text.substr(0, end);
        line = line.substr(0, line.find_last_not_of(" \r") + 1); // npos + 1 is 0
        lines.emplace_back(line);
        text.remove_prefix(end == text.npos ? text.size() : end + 1);
    }
    return lines;
}

std::string shown(std::string_view line) { return text::quoted(line); }

Lines sorted(Lines lines) {
    std::ranges::sort(lines);
    return lines;
}

std::string with_number(std::string form, std::size_t number) {
    if (const std::size_t at = form.find("{number}"); at != form.npos)
        form.replace(at, 8, std::to_string(number));
    return form;
}

std::string difference(const Lines& should, const Lines& is) {
    if (should == is) return "";
    if (is.empty())
        return fmt::format("it prints nothing; the first line should be {}", shown(should.front()));
    const auto [a, b] = std::ranges::mismatch(should, is);
    const auto line = a - should.begin() + 1;
    if (a == should.end()) return fmt::format("line {} is one too many: {}", line, shown(*b));
    if (b == is.end()) return fmt::format("line {} is missing: {}", line, shown(*a));
    if (sorted(should) == sorted(is))
        return fmt::format("the lines are right, but in another order: line {} should be {} and "
                           "is {}",
                           line, shown(*a), shown(*b));
    return fmt::format("line {} should be {} and is {}", line, shown(*a), shown(*b));
}

} // namespace

std::string first_difference(std::string_view expected, std::string_view actual) {
    return difference(lines_of(expected), lines_of(actual));
}

std::string first_difference_of_beginnings(std::string_view expected, std::string_view actual) {
    Lines should = lines_of(expected.substr(0, expected.rfind('\n') + 1)); // npos + 1 is 0
    Lines is = lines_of(actual.substr(0, actual.rfind('\n') + 1));
    const std::size_t both = std::min(should.size(), is.size());
    should.resize(both);
    is.resize(both);
    return difference(should, is);
}

std::string wrong_count(const std::vector<std::string>& arguments, std::string_view actual) {
    std::uint64_t product = 1;
    for (const std::string& each : arguments) product *= std::strtoull(each.c_str(), nullptr, 10);
    return first_difference(fmt::format("counted {}\n", product), actual);
}

std::string not_different(const std::string& line, std::size_t count, std::string_view actual) {
    const Lines lines = lines_of(actual);
    std::map<std::string, std::size_t> seen; // what follows the number, and whose it is
    for (std::size_t i = 0; i < lines.size(); ++i) {
        if (i >= count) return fmt::format("line {} is one too many: {}", i + 1, shown(lines[i]));
        if (!std::regex_match(lines[i], std::regex(with_number(line, i))))
            return fmt::format("line {} has another form: {}", i + 1, shown(lines[i]));
        const auto [other, is_new] = seen.emplace(lines[i].substr(lines[i].find(':')), i);
        if (!is_new)
            return fmt::format("lines {} and {} are the same throw", other->second + 1, i + 1);
    }
    if (lines.size() < count)
        return fmt::format("only {} of {} lines are printed", lines.size(), count);
    return "";
}

} // namespace mpworkshop::practice
