#pragma once

#include <vector>

#include "mpworkshop/command.hpp"

/// The tools, one file each: compare.cpp holds `mpworkshop compare`.
namespace mpworkshop::commands {

extern const Command compare, scale, explain, source, doctor, list, next, reset, completion, man;

/// In the order of the help.
inline const std::vector<const Command*> all = {&compare, &scale, &explain, &source,     &doctor,
                                                &list,    &next,  &reset,   &completion, &man};

/// Whether it is one to try as an exercise is, so that `next` names it until it ran here.
bool experiments(const Command& command);

} // namespace mpworkshop::commands
