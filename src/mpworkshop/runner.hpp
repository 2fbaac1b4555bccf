#pragma once

#include "mpworkshop/app.hpp"

namespace mpworkshop {

/// Runs one exercise and reports on it: its lines and timings, or with --json one document.
/// Errors: whatever the exercise throws; after mp::Interrupted the report is written first, marked
/// partial.
void run_exercise(const ExerciseRequest& request);

} // namespace mpworkshop
