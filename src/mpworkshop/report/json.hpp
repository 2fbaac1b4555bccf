#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "mpworkshop/kit/command.hpp"

namespace mpworkshop::report {

/// The run as one JSON document, with a newline at its end. Shape: schema, exercise, partial (true
/// after an interrupt), so_far, options, machine, result, timings [name, wall_s, cpu_s],
/// other_programs {cpus_used, of_cpus} or null if unknown, as for a run of less than 0.2 s, workers
/// [index, pid, tasks, busy_s, start_s, init_s, wait_s, cpu_s and ready_s or null,
/// longest_chunks_s].
std::string json(const CommandRequest& request, const Outcome& outcome, bool complete);

/// The same on standard output.
void write_json(const CommandRequest& request, const Outcome& outcome, bool complete);

/// Any value as one document, with a newline at its end.
std::string json(const Value& facts);

/// The same in one line, without a newline.
std::string json_line(const Value& facts);

/// What a JSON text says; empty for one that is broken, that nests deeper than 32 levels, or that
/// has a number too large for a double. Of two members of one name Value::find() gives the first.
std::optional<Value> parse_json(std::string_view text);

/// The machine and the program that figures were measured with, as every document has them.
Value machine_facts();

} // namespace mpworkshop::report
