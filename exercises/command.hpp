#pragma once

/// What the subcommand around a lesson uses: options, lines on the screen,
/// timings.

#include <fmt/format.h>
#include <mp/mp.hpp>

#include <algorithm>
#include <cmath>
#include <memory>
#include <numbers>

#include "exercises/exercises.hpp"
#include "mpworkshop/error.hpp"
#include "mpworkshop/gantt.hpp"
#include "mpworkshop/input/table.hpp"
#include "mpworkshop/sys/output.hpp"
#include "mpworkshop/text.hpp"
#include "mpworkshop/timed_pool.hpp"

namespace mpworkshop::kit {}

namespace exercises {

namespace input = mpworkshop::input;
namespace kit = mpworkshop::kit;
namespace sys = mpworkshop::sys;
namespace text = mpworkshop::text;
using mpworkshop::Run;
using mpworkshop::TimedPool;
using mpworkshop::Value;

/// A plan with an Options of its own, whose members its options write.
template <class Options>
Plan planned(void (*run)(Run&, const Options&),
             std::vector<input::Option> (*options_of)(
                 const std::shared_ptr<Options>&)) {
    const auto options = std::make_shared<Options>();
    Plan plan = {.options = options_of(options),
                 .run = [=](Run& each) { run(each, *options); }};
    if constexpr (requires { options->pool; }) plan.pool = &options->pool;
    return plan;
}

} // namespace exercises
