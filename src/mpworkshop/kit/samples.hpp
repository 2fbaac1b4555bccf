#pragma once

#include <cstddef>
#include <functional>
#include <optional>

#include "mpworkshop/kit/stats.hpp"

namespace mpworkshop::kit {

/// Repeated measurements of one quantity, in seconds.
struct Samples {
    double median = 0, least = 0, most = 0;
    std::size_t count = 0;
    std::optional<stats::Interval> interval = {}; ///< of the median
};

/// As many samples as fit into the time, but at least six and at most a hundred; `sample` takes
/// one. It is called once more at the beginning, which does not count, because cold memory and
/// caches make it longer. Errors: mp::Interrupted.
Samples samples(double seconds, const std::function<double()>& sample);

} // namespace mpworkshop::kit
