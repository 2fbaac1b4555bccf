#pragma once

#include <string>

#include "mpworkshop/record/record.hpp"

namespace mpworkshop::page {

/// The page of one learner: the machine, and what ran, exercise by exercise. Of each subcommand the
/// last run is shown in full, earlier ones in a table.
std::string run_page(const record::Record& record);

} // namespace mpworkshop::page
