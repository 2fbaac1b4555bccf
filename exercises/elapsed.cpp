#include "exercises/elapsed.hpp"

#include <mp/mp.hpp>

#include <algorithm>
#include <chrono>

#include "mpworkshop/sys/usage.hpp"

namespace exercises {

mpworkshop::Value Elapsed::value() const {
    return mpworkshop::Value::object(
        {{"wall_s", wall_s}, {"cpu_s", cpu_s}, {"cpus_busy", cpus_busy()}});
}

Elapsed elapsed(const std::function<void()>& work) {
    using Clock = std::chrono::steady_clock;
    const double cpu = mpworkshop::sys::cpu_seconds();
    const auto begin = Clock::now();
    work();
    const std::chrono::duration<double> wall = Clock::now() - begin;
    if (mp::interrupted()) throw mp::Interrupted();
    return {wall.count(), mpworkshop::sys::cpu_seconds() - cpu};
}

double median(std::vector<double> values) {
    if (values.empty()) return 0;
    std::ranges::sort(values);
    const std::size_t middle = values.size() / 2;
    return values.size() % 2 == 1 ? values[middle]
                                  : (values[middle - 1] + values[middle]) / 2;
}

} // namespace exercises
