#include "mpworkshop/kit/cpu_report.hpp"

#include <fmt/format.h>

#include "mpworkshop/sys/machine.hpp"
#include "mpworkshop/sys/topology.hpp"
#include "mpworkshop/text.hpp"

namespace mpworkshop::kit {
namespace {

void line(const Run& run, std::string_view name, std::string_view value, std::string_view means) {
    run.show(fmt::format("{:<14}{:>8}   {}", name, value, means));
}

void print_inside(const Run& run, const sys::Topology& inside) {
    for (const sys::Cache& cache : inside.caches) {
        const bool large = cache.bytes >= 1 << 20;
        line(run, fmt::format("L{} cache", cache.level), "",
             fmt::format("{} x {:g} {}", cache.number,
                         double(cache.bytes) / (large ? 1 << 20 : 1 << 10), large ? "MiB" : "KiB"));
    }
    line(run, "NUMA nodes", std::to_string(inside.numa_nodes),
         "parts of the memory, each near to some cores");
}

std::string why(const Cpus& cpus, const std::string& missing) {
    if (!missing.empty() && cpus.usable == cpus.online)
        return fmt::format("nothing is known of a limit, as {} cannot be read", missing);
    if (cpus.slurm == cpus.usable && cpus.usable < cpus.affinity) return "Slurm allotted no more";
    if (cpus.quota && *cpus.quota <= cpus.affinity) return "the quota is what limits you";
    if (cpus.affinity < cpus.online) return "the affinity is what limits you";
    return "nothing keeps you from using the whole machine";
}

} // namespace

void report_cpus(Run& run, const Cpus& cpus) {
    const auto inside = sys::topology();
    const std::string missing = sys::missing_kernel_folders();

    line(run, "online", std::to_string(cpus.online), "logical CPUs of this machine");
    line(run, "physical", inside ? std::to_string(inside->cores) : "unknown",
         "cores; the logical CPUs of one core share it");
    line(run, "affinity", std::to_string(cpus.affinity), "CPUs that this process may run on");
    line(run, "cgroup quota",
         cpus.quota        ? fmt::format("{:g}", *cpus.quota)
         : missing.empty() ? "none"
                           : "unknown",
         "CPU time that a container or batch system grants");
    if (cpus.slurm)
        line(run, "Slurm", std::to_string(*cpus.slurm), "CPUs that it allotted to this task");
    line(run, "usable", std::to_string(cpus.usable), "what is left for you: the smallest of these");
    if (inside) print_inside(run, *inside);
    run.say(fmt::format("\nUse {} here: {}.\nIt is what a pool starts when "
                        "you do not say how many.",
                        text::counted(cpus.usable, "worker"), why(cpus, missing)));

    run.outcome.result =
        Value::object({{"online", cpus.online},
                       {"physical", inside ? Value(inside->cores) : Value()},
                       {"affinity", cpus.affinity},
                       {"cgroup_quota", cpus.quota},
                       {"slurm_cpus_per_task", cpus.slurm ? Value(*cpus.slurm) : Value()},
                       {"usable", cpus.usable}});
}

} // namespace mpworkshop::kit
