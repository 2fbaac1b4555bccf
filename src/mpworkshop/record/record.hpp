#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "mpworkshop/curriculum/progress.hpp"
#include "mpworkshop/input/value.hpp"
#include "mpworkshop/kit/command.hpp"

/// The record of what ran here: one line of JSON for each run, in runs.jsonl. It holds no name of a
/// user or a host and no path.
///
/// A line: schema "mpworkshop-record-1", id (random, the same in all lines until `reset`), kind,
/// name, time, complete, machine, and facts of its kind:
///   run       command, options, timings, result, meaning, workers, other_programs, timeline,
///             prediction
///   check     what `check` finds: language, passed (a truth), findings, code
///   practice  how far a task has come, by its name: "practice-map-done"
/// All but the first six are optional, and readers ignore what they do not know.
namespace mpworkshop::record {

inline constexpr std::string_view schema = "mpworkshop-record-1";

/// What a program adds to the record.
struct NewLine {
    std::string_view name; ///< of the subcommand, or of the task
    std::string_view kind = "run";
    bool complete = true;                 ///< false: interrupted or failed
    Value facts = Value(Value::Object{}); ///< the members of this kind
    std::string_view code = {};           ///< of a learner, kept whole; left out if it is too long
};

/// Adds a line, unless --no-record or MPWORKSHOP_RECORD=off forbid it or no folder is known. Facts
/// are shortened so that the line fits into 4 KiB. Where it cannot be written, one line on standard
/// error says so, none with --quiet: nothing else comes of it. A run is recorded with the
/// command of its settings.
/// Blocks: for the lock of the file, 5 s at most. Other parts of the program call it, too:
///   record::append({.name = "map", .kind = "check", .facts = facts}, settings);
void append(const NewLine& line, const Run::Settings& settings);

/// The facts of a run of a lesson.
Value run_facts(const CommandRequest& request, const Outcome& outcome);

/// The options of a run as they are recorded: without files and other words of the user.
Value options_of(const CommandRequest& request);

/// A line as it was read.
struct Line {
    std::string id, kind, name;
    progress::Time time = {};
    bool complete = true;
    Value facts = {}; ///< the whole line
};

/// All that was read.
struct Record {
    std::string path = {};        ///< the newer file; empty where there can be none
    std::vector<Line> lines = {}; ///< the oldest first
    std::size_t broken = 0;       ///< lines that mean nothing, which are skipped
    std::size_t newer = 0;        ///< lines of a later version of this program, likewise
    std::string problem = {};     ///< one sentence if there can be none, or it cannot be read

    /// The identifier of the last line; empty without one.
    std::string id() const { return lines.empty() ? "" : lines.back().id; }
    /// When each subcommand last ran to its end, and when each task came how far.
    std::map<std::string, progress::Time, std::less<>> last_runs() const;
};

/// Reads it, with what earlier versions kept in ran.txt. Throws nothing for files that are not as
/// they should be: see Record::problem.
Record read();

/// The lines in a text, which nothing is expected of. Those of one text for `report --share` too.
void read_lines(std::string_view text, Record& record);

/// A line, if this is one.
std::optional<Line> read_line(const Value& document);

/// Removes all of it, the identifier too. Errors: std::runtime_error naming the file.
void clear();

/// Removes the lines of these subcommands. Errors: std::runtime_error naming the file.
void forget(std::span<const std::string> names);

} // namespace mpworkshop::record
