#include "mpworkshop/kit/samples.hpp"

#include <mp/mp.hpp>

#include <algorithm>
#include <vector>

#include "mpworkshop/kit/elapsed.hpp"

namespace mpworkshop::kit {

Samples samples(double seconds, const std::function<double()>& sample) {
    sample();
    std::vector<double> all;
    const double end = clock_s() + seconds;
    while (all.size() < stats::least_for_interval || (clock_s() < end && all.size() < 100)) {
        if (mp::interrupted()) throw mp::Interrupted();
        all.push_back(sample());
    }
    const auto [least, most] = std::ranges::minmax(all);
    return {median(all), least, most, all.size(), stats::median_interval(all)};
}

} // namespace mpworkshop::kit
