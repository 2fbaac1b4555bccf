#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// When something ran, and what earlier versions remembered of that in ran.txt: one line each, such
/// as "map 2026-01-31T12:00:00Z". Any other line means nothing.
namespace mpworkshop::progress {

using Time = std::chrono::sys_seconds;

/// A line of that text.
struct Entry {
    std::string name;
    Time time;
};

/// Those of a text, in its order.
std::vector<Entry> entries(std::string_view text);

/// "2026-01-31T12:00:00Z", in UTC; and back, empty for anything else.
std::string written(Time time);
std::optional<Time> read(std::string_view time);

/// For people, at most 11 characters: "just now", "12 min ago", "3 h ago", "2 days ago"; the date
/// from 100 days on, or if the clock was set back.
std::string age(Time then, Time now);

} // namespace mpworkshop::progress
