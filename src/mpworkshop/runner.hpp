#pragma once

#include "mpworkshop/app.hpp"

namespace mpworkshop {

/// Runs one exercise and reports on it: its lines and timings, or with --json one document.
/// When it has run to its end, that is remembered. Errors: whatever the exercise throws; after
/// mp::Interrupted the report is written first, marked partial.
void run_exercise(const ExerciseRequest& request);

/// Uses a tool and returns the exit code. Errors: whatever the tool throws.
int run_subcommand(const CommandRequest& request);

} // namespace mpworkshop
