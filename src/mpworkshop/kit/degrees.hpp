#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace mpworkshop::kit {

/// Uniformly distributed temperatures from `min` to `max`; finite, whatever the range.
std::vector<double> random_degrees(std::size_t count, double min, double max, std::uint64_t seed);

/// With one decimal; with six digits if that would need a dozen.
std::string rounded(double degrees);
/// With one decimal if that is exact, else with as many digits as needed.
std::string as_given(double degrees);

} // namespace mpworkshop::kit
