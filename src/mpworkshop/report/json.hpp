#pragma once

#include <string>

#include "mpworkshop/kit/command.hpp"

namespace mpworkshop::report {

/// The run as one JSON document, with a newline at its end. Shape: schema, exercise, partial (true
/// after an interrupt), so_far, options, machine, result, timings [name, wall_s, cpu_s],
/// other_programs {cpus_used, of_cpus} or null if unknown, workers [index, pid, tasks, busy_s,
/// start_s, init_s, wait_s, cpu_s and ready_s or null, longest_chunks_s].
std::string json(const CommandRequest& request, const Outcome& outcome, bool complete);

/// The same on standard output.
void write_json(const CommandRequest& request, const Outcome& outcome, bool complete);

/// Any value as one document, with a newline at its end.
std::string json(const Value& facts);

/// The machine and the program with which figures were measured, as in every document.
Value machine_facts();

} // namespace mpworkshop::report
