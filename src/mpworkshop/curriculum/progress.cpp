#include "mpworkshop/curriculum/progress.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "mpworkshop/text/text.hpp"

namespace mpworkshop::progress {
namespace {

/// Takes the first line away from `text`; without its end.
std::string_view next_line(std::string_view& text) {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
    return line;
}

std::optional<Entry> entry(std::string_view line) {
    if (line.ends_with('\r')) line.remove_suffix(1); // it may have been edited on another system
    const std::size_t blank = line.find(' ');
    if (blank == 0 || blank == line.npos) return {};
    const std::optional<Time> time = read(line.substr(blank + 1));
    if (!time) return {};
    return Entry{std::string(line.substr(0, blank)), *time};
}

/// The digits at `at` as a number; -1 if they are not digits.
int digits(std::string_view text, std::size_t at, std::size_t count) {
    int number = 0;
    for (const char c : text.substr(at, count)) {
        if (c < '0' || c > '9') return -1;
        number = 10 * number + (c - '0');
    }
    return number;
}

std::string date(Time time) {
    const std::chrono::year_month_day day(std::chrono::floor<std::chrono::days>(time));
    return fmt::format("{:04}-{:02}-{:02}", int(day.year()), unsigned(day.month()),
                       unsigned(day.day()));
}

} // namespace

std::vector<Entry> entries(std::string_view text) {
    std::vector<Entry> found;
    while (!text.empty())
        if (auto each = entry(next_line(text))) found.push_back(std::move(*each));
    return found;
}

std::string written(Time time) {
    const std::chrono::hh_mm_ss clock(time - std::chrono::floor<std::chrono::days>(time));
    return fmt::format("{}T{:02}:{:02}:{:02}Z", date(time), clock.hours().count(),
                       clock.minutes().count(), clock.seconds().count());
}

std::optional<Time> read(std::string_view time) {
    static constexpr std::string_view form = "0000-00-00T00:00:00Z";
    if (time.size() != form.size()) return {};
    for (std::size_t i = 0; i < form.size(); ++i)
        if (form[i] != '0' && time[i] != form[i]) return {};
    const int year = digits(time, 0, 4), month = digits(time, 5, 2), day = digits(time, 8, 2);
    const int hour = digits(time, 11, 2), minute = digits(time, 14, 2),
              second = digits(time, 17, 2);
    if (std::min({year, month, day, hour, minute, second}) < 0) return {};
    const std::chrono::year_month_day date{std::chrono::year(year),
                                           std::chrono::month(unsigned(month)),
                                           std::chrono::day(unsigned(day))};
    if (!date.ok() || hour > 23 || minute > 59 || second > 59) return {};
    return std::chrono::sys_days(date) + std::chrono::hours(hour) + std::chrono::minutes(minute) +
           std::chrono::seconds(second);
}

std::string age(Time then, Time now) {
    using namespace std::chrono;
    const auto passed = now - then;
    if (passed < 0s || passed >= days(100)) return date(then);
    if (passed < 1min) return "just now";
    if (passed < 1h) return fmt::format("{} min ago", floor<minutes>(passed).count());
    if (passed < days(1)) return fmt::format("{} h ago", floor<hours>(passed).count());
    return text::counted(std::uint64_t(floor<days>(passed).count()), "day") + " ago";
}

} // namespace mpworkshop::progress
