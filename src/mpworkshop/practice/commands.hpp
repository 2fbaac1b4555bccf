#pragma once

#include "mpworkshop/kit/command.hpp"

/// The subcommands with which learners write programs of their own.
namespace mpworkshop::practice {

extern const Command practice, check, hint, solution;

} // namespace mpworkshop::practice
