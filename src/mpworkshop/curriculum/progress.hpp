#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>

/// What was run and when, as a text that a person can read and edit: one line each, such as "map
/// 2026-01-31T12:00:00Z". Any other line is kept and ignored.
namespace mpworkshop::progress {

using Time = std::chrono::sys_seconds;

/// When `name` last ran, according to its last line; empty if there is none.
std::optional<Time> last_run(std::string_view text, std::string_view name);

/// Whether the text already says that `name` ran within the minute up to `time`.
bool is_fresh(std::string_view text, std::string_view name, Time time);

/// The text with `name` run at `time`, replacing its earlier entry.
std::string with(std::string_view text, std::string_view name, Time time);

/// The text without the lines of `names`.
std::string without(std::string_view text, std::span<const std::string> names);

/// "2026-01-31T12:00:00Z", in UTC; and back, empty for anything else.
std::string written(Time time);
std::optional<Time> read(std::string_view time);

/// For people, at most 11 characters: "just now", "12 min ago", "3 h ago", "2 days ago"; the date
/// from 100 days on, or if the clock was set back.
std::string age(Time then, Time now);

} // namespace mpworkshop::progress
