#include "mpworkshop/kit/cpu_report.hpp"

#include <fmt/format.h>

#include "mpworkshop/kit/fields.hpp"
#include "mpworkshop/sys/machine.hpp"
#include "mpworkshop/sys/topology.hpp"
#include "mpworkshop/text/text.hpp"

namespace mpworkshop::kit {
namespace {

constexpr const char* cpu_layout = "{:<14}{:>8}   {}";

void show(const Run& run, std::string_view name, std::string_view number, std::string_view means) {
    run.show(fmt::format(cpu_layout, name, number, means));
}

void show_inside(const Run& run, const sys::Topology& inside) {
    for (const sys::Cache& cache : inside.caches) {
        const bool large = cache.bytes >= 1 << 20;
        show(run, fmt::format("L{} cache", cache.level), "",
             fmt::format("{} x {:g} {}", cache.number,
                         double(cache.bytes) / (large ? 1 << 20 : 1 << 10), large ? "MiB" : "KiB"));
    }
    show(run, "NUMA nodes", std::to_string(inside.numa_nodes),
         "parts of the memory, each close to some cores");
}

std::string why(const Cpus& cpus, const std::string& missing) {
    if (!missing.empty() && cpus.usable == cpus.online)
        return fmt::format("limits are unknown, because {} cannot be read", missing);
    if (cpus.slurm == cpus.usable && cpus.usable < cpus.affinity) return "Slurm allotted no more";
    if (cpus.quota && *cpus.quota <= cpus.affinity) return "the quota is what limits you";
    if (cpus.affinity < cpus.online) return "the affinity is what limits you";
    return "nothing keeps you from using the whole machine";
}

} // namespace

void report_cpus(Run& run, const Cpus& cpus) {
    const auto inside = sys::topology();
    const std::string missing = sys::missing_kernel_folders();

    const auto tell = [&run](const char* name, const Field& field, const char* means) {
        if (field.shown) show(run, name, *field.shown, means);
        run.outcome.result.set(field.key, field.value);
    };
    tell("online", Field::count("online", cpus.online), "logical CPUs of this machine");
    tell("physical",
         inside ? Field::count("physical", inside->cores) : Field{"physical", {}, "unknown"},
         "cores; the logical CPUs of one core share it");
    tell("affinity", Field::count("affinity", cpus.affinity), "CPUs that this process may run on");
    tell("cgroup quota",
         {"cgroup_quota", cpus.quota,
          cpus.quota        ? fmt::format("{:g}", *cpus.quota)
          : missing.empty() ? "none"
                            : "unknown"},
         "CPU time that a container or batch system grants");
    tell("Slurm",
         cpus.slurm ? Field::count("slurm_cpus_per_task", *cpus.slurm)
                    : Field{"slurm_cpus_per_task"},
         "CPUs that it allotted to this task");
    tell("usable", Field::count("usable", cpus.usable),
         "what is left for you: the smallest of these");
    if (inside) show_inside(run, *inside);
    run.say(fmt::format("\nUse {} here: {}.\nA pool starts this many by default.",
                        text::counted(cpus.usable, "worker"), why(cpus, missing)));
}

} // namespace mpworkshop::kit
