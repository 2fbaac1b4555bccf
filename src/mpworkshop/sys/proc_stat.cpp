#include "mpworkshop/sys/proc_stat.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace mpworkshop::sys {
namespace {

std::optional<std::int64_t> take_field(std::string_view& text) {
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc()) return std::nullopt;
    text.remove_prefix(std::size_t(end - text.data()));
    return number;
}

} // namespace

std::optional<ProcStat> parse_stat(std::string_view text, double tick_s) {
    ProcStat stat;
    const std::optional<std::int64_t> pid = take_field(text);
    const std::size_t name_end = text.rfind(") "); // a name may have brackets of its own
    if (!pid || !text.starts_with(" (") || name_end == text.npos || name_end < 2) return {};
    if (name_end + 3 > text.size()) return {};
    stat.pid = static_cast<pid_t>(*pid);
    stat.name = text.substr(2, name_end - 2);
    stat.state = text[name_end + 2];
    text.remove_prefix(name_end + 3);

    enum { parent = 4, utime = 14, stime, cutime, cstime, last = cstime }; // as in proc(5)
    for (int field = parent; field <= last; ++field) {
        const std::optional<std::int64_t> number = take_field(text);
        if (!number) return {};
        if (field == parent) stat.parent = static_cast<pid_t>(*number);
        if (field == utime || field == stime) stat.cpu_s += double(*number) * tick_s;
        if (field == cutime || field == cstime) stat.reaped_cpu_s += double(*number) * tick_s;
    }
    return stat;
}

std::optional<SchedStat> parse_schedstat(std::string_view text) {
    const std::optional<std::int64_t> cpu_ns = take_field(text), ready_ns = take_field(text);
    if (!cpu_ns || !ready_ns || *cpu_ns < 0 || *ready_ns < 0) return {};
    return SchedStat{double(*cpu_ns) * 1e-9, double(*ready_ns) * 1e-9};
}

} // namespace mpworkshop::sys
