#pragma once

/// What the subcommand around a lesson uses: options, lines on the screen,
/// timings.

#include <fmt/format.h>
#include <mp/mp.hpp>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "exercises/exercises.hpp"
#include "mpworkshop/input/error.hpp"
#include "mpworkshop/input/table.hpp"
#include "mpworkshop/kit/gantt.hpp"
#include "mpworkshop/kit/timed_pool.hpp"
#include "mpworkshop/sys/output.hpp"
#include "mpworkshop/text/text.hpp"

namespace mpworkshop::kit {}

namespace exercises {

namespace input = mpworkshop::input;
namespace kit = mpworkshop::kit;
namespace sys = mpworkshop::sys;
namespace text = mpworkshop::text;
using mpworkshop::planned;
using mpworkshop::Run;
using mpworkshop::TimedPool;
using mpworkshop::Value;

} // namespace exercises
