#include "mpworkshop/benchmark/verdict.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <mp/mp.hpp>

#include "mpworkshop/sys/machine.hpp"
#include "mpworkshop/sys/version.hpp"
#include "mpworkshop/text/text.hpp"

namespace mpworkshop {
namespace {

constexpr double much_scatter = 0.05; // MAD of the median
constexpr double little_work_s = 0.1; // below, starting a program is a good part of its time
constexpr double foreign_load = 0.5;  // beyond a process for each CPU

} // namespace

Conditions conditions() { return {sys::load_average(), mp::process_cpu_count(), build_type()}; }

std::vector<std::string> cautions(const std::vector<benchmark::Result>& commands,
                                  const Conditions& where) {
    std::vector<std::string> found;
    if (where.load && *where.load > where.usable + foreign_load)
        found.push_back(fmt::format(
            "The machine was busy before this began: on average {:.1f} processes wanted its {}.",
            *where.load, where.usable == 1 ? "one CPU" : fmt::format("{} CPUs", where.usable)));
    if (where.build == "Debug")
        found.push_back("This is a debug build; build the preset release to measure.");

    const benchmark::Result* worst = nullptr;
    double scatter = much_scatter, shortest = little_work_s;
    for (const benchmark::Result& each : commands) {
        const stats::Summary wall = stats::summary(each.wall());
        if (wall.count == 0) continue;
        shortest = std::min(shortest, wall.median);
        if (wall.scatter() > scatter) {
            scatter = wall.scatter();
            worst = &each;
        }
    }
    if (worst != nullptr)
        found.push_back(fmt::format("The times of '{}' scatter by {:.0f} % (MAD / median): end "
                                    "other programs, or give a larger --budget.",
                                    worst->command.name, 100 * scatter));
    if (shortest < little_work_s)
        found.push_back(fmt::format("{} is too little work to compare by: much of it is the start "
                                    "of the program.",
                                    text::duration(shortest)));
    return found;
}

std::string times(double ratio) { return fmt::format("{:.{}f}", ratio, ratio < 9.995 ? 2 : 0); }

std::string verdict(const std::string& a, const std::string& b,
                    const std::optional<stats::Speedup>& speedup) {
    if (!speedup) return {};
    if (speedup->level < 0.95)
        return fmt::format("So few runs cannot tell {} from {}; give --runs 5 or more.", a, b);
    if (!speedup->measurable())
        return fmt::format("There is no measurable difference between {} and {}.", a, b);
    return speedup->ratio > 1
               ? fmt::format("{} is {} times as fast as {}.", b, times(speedup->ratio), a)
               : fmt::format("{} is {} times as fast as {}.", a, times(1 / speedup->ratio), b);
}

} // namespace mpworkshop
