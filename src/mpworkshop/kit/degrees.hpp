#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace mpworkshop::kit {

/// Temperatures from `min` to `max`, each as likely as any other; finite, whatever the range.
std::vector<double> random_degrees(std::size_t count, double min, double max, std::uint64_t seed);

/// With one decimal; with six digits where that would take a dozen.
std::string rounded(double degrees);
/// With one decimal where that is exact, else with as many digits as it takes.
std::string as_given(double degrees);

} // namespace mpworkshop::kit
