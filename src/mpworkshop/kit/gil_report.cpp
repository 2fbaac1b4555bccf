#include "mpworkshop/kit/gil_report.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "mpworkshop/kit/fields.hpp"
#include "mpworkshop/text/text.hpp"

namespace mpworkshop::kit {
namespace {

constexpr const char* way_layout = "  {:<23}{:<26}{}";

Field field_of(const char* key, const Elapsed& elapsed) {
    return {key, elapsed.value(),
            fmt::format("{:>8} {:5.2f} CPUs busy", text::duration(elapsed.wall_s),
                        elapsed.cpus_busy())};
}

std::string meaning(unsigned tasks, double locked_s, double processes_s) {
    if (tasks == 1) return "One task alone never waits for the lock: give -p 2.";
    if (mp::process_cpu_count() == 1)
        return "With one CPU, computing takes as long in every way: the lock costs nothing here.";
    if (locked_s < 1.2 * processes_s)
        return "Processes gained next to nothing this time: are other programs busy? Run it again.";
    return fmt::format("Computing: processes were {:.1f} times as fast as threads under the lock.",
                       locked_s / processes_s);
}

} // namespace

GilReport::GilReport(Run& run, unsigned tasks, double seconds) : run_(run), tasks_(tasks) {
    const double at_once = std::min(tasks, mp::process_cpu_count());
    run.say(fmt::format("{} of {}: first they compute, then they wait. In a loop that takes {}; "
                        "here it is done in three ways, about {} in all.\n",
                        text::counted(tasks, "task"), text::duration(seconds),
                        text::duration(tasks * seconds),
                        text::duration(seconds * (tasks * (1 + 2 / at_once) + 3))));
    run.show(fmt::format(way_layout, "", "     computing", "   waiting"));
    run.outcome.result = Value::object(
        {{"tasks", tasks}, {"seconds", seconds}, {"usable", mp::process_cpu_count()}});
}

void GilReport::add(const char* name, const char* key, const Elapsed& computing,
                    const Elapsed& waiting) {
    const Fields fields = {Field::label(name), field_of("computing", computing),
                           field_of("waiting", waiting)};
    run_.show(line(way_layout, fields));
    computing_s_.push_back(computing.wall_s);
    run_.outcome.so_far = fmt::format("{} of 3 ways", computing_s_.size());
    run_.outcome.result.set(key, object(fields));
}

void GilReport::finish() {
    run_.say(
        "\nUnder the lock one thread computes at a time; a thread that waits holds no lock. So "
        "in Python threads are for waiting, processes for computing. C++ has no such lock.");
    run_.outcome.meaning = meaning(tasks_, computing_s_.front(), computing_s_.back());
}

} // namespace mpworkshop::kit
