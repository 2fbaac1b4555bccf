#pragma once

#include "mpworkshop/kit/command.hpp"

namespace mpworkshop {

/// Runs a subcommand and returns the exit code. For a lesson it writes a report: its lines and
/// timings or, with --json, one document. It records that a lesson or a benchmark has run to its
/// end. Errors: any exception of the subcommand; after mp::Interrupted the report of a lesson is
/// written first, marked partial.
int run_command(const CommandRequest& request);

} // namespace mpworkshop
