#pragma once

#include <array>

#include "mpworkshop/exercise.hpp"

/// The lessons, one file each: map.cpp holds `mpworkshop map`.
namespace exercises {

using mpworkshop::Exercise;

extern const Exercise cores, threads_io, process_demo, map, starmap, pi_serial_exercise,
    pi_parallel_exercise;

/// In teaching order.
inline constexpr std::array all = {&cores,   &threads_io,         &process_demo,        &map,
                                   &starmap, &pi_serial_exercise, &pi_parallel_exercise};

} // namespace exercises
