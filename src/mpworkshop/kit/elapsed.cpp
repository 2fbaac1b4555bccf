#include "mpworkshop/kit/elapsed.hpp"

#include <mp/mp.hpp>

#include <algorithm>
#include <chrono>

#include "mpworkshop/sys/usage.hpp"

namespace mpworkshop::kit {

double clock_s() {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

Value Elapsed::value() const {
    return Value::object({{"wall_s", wall_s}, {"cpu_s", cpu_s}, {"cpus_busy", cpus_busy()}});
}

Elapsed elapsed(const std::function<void()>& work) {
    const double cpu = sys::cpu_seconds();
    const double begin = clock_s();
    work();
    const double wall = clock_s() - begin;
    if (mp::interrupted()) throw mp::Interrupted();
    return {wall, sys::cpu_seconds() - cpu};
}

double median(std::vector<double> values) {
    if (values.empty()) return 0;
    std::ranges::sort(values);
    const std::size_t middle = values.size() / 2;
    return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

} // namespace mpworkshop::kit
