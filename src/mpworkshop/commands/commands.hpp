#pragma once

#include "mpworkshop/kit/command.hpp"

/// The subcommands around the lessons, one file each: compare.cpp holds `mpworkshop compare`.
namespace mpworkshop::commands {

extern const Command compare, scale, time, report, gather, explain, source, doctor, list, next,
    reset, completion, man;

} // namespace mpworkshop::commands
