#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>

/// What ran here and when, as a text that a person can read and edit: one line each, such as
/// "map 2026-01-31T12:00:00Z". Any other line stands as it is and means nothing.
namespace mpworkshop::progress {

using Time = std::chrono::sys_seconds;

/// When `name` last ran, by the last line that says so; empty if none does.
std::optional<Time> last_run(std::string_view text, std::string_view name);

/// Whether the text says already that `name` ran within the minute up to `time`.
bool is_fresh(std::string_view text, std::string_view name, Time time);

/// The text with `name` run at `time`, in place of what it said before.
std::string with(std::string_view text, std::string_view name, Time time);

/// The text without the lines of `names`.
std::string without(std::string_view text, std::span<const std::string> names);

/// "2026-01-31T12:00:00Z", in UTC; and back, empty for anything else.
std::string written(Time time);
std::optional<Time> read(std::string_view time);

/// For people, at most 11 characters: "just now", "12 min ago", "3 h ago", "2 days ago", and the
/// date from 100 days on or where the clock was set back.
std::string age(Time then, Time now);

} // namespace mpworkshop::progress
