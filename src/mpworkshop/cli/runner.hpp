#pragma once

#include "mpworkshop/kit/command.hpp"

namespace mpworkshop {

/// Runs a subcommand and returns the exit code. A lesson is reported on: its lines and timings, or
/// with --json one document, and a line of the record. Benchmarks add theirs themselves. Errors:
/// whatever it throws; after mp::Interrupted the report of a lesson is written first, marked
/// partial.
int run_command(const CommandRequest& request);

} // namespace mpworkshop
