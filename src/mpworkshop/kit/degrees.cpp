#include "mpworkshop/kit/degrees.hpp"

#include <fmt/format.h>

#include <cmath>
#include <random>

namespace mpworkshop::kit {

std::vector<double> random_degrees(std::size_t count, double min, double max, std::uint64_t seed) {
    std::mt19937_64 random(seed);
    std::uniform_real_distribution<double> share(0, 1);
    std::vector<double> degrees(count);
    for (double& each : degrees) each = std::lerp(min, max, share(random));
    return degrees;
}

std::string rounded(double degrees) {
    return std::abs(degrees) < 1e9 ? fmt::format("{:.1f}", degrees)
                                   : fmt::format("{:.6g}", degrees);
}

std::string as_given(double degrees) {
    const bool one_decimal = std::round(degrees * 10) / 10 == degrees;
    return one_decimal && std::abs(degrees) < 1e9 ? rounded(degrees) : fmt::format("{}", degrees);
}

} // namespace mpworkshop::kit
