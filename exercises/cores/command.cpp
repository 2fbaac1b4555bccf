#define MPWORKSHOP_LESSON
#include "exercises/cores/cores.cpp"

#include "exercises/command.hpp"
#include "mpworkshop/sys/machine.hpp"
#include "mpworkshop/sys/topology.hpp"

namespace exercises {
namespace {

void line(const Run& run, std::string_view name, std::string_view value,
          std::string_view means) {
    run.show(fmt::format("{:<14}{:>8}   {}", name, value, means));
}

void print_inside(const Run& run, const sys::Topology& inside) {
    for (const sys::Cache& cache : inside.caches) {
        const bool large = cache.bytes >= 1 << 20;
        line(run, fmt::format("L{} cache", cache.level), "",
             fmt::format("{} x {:g} {}", cache.number,
                         double(cache.bytes) / (large ? 1 << 20 : 1 << 10),
                         large ? "MiB" : "KiB"));
    }
    line(run, "NUMA nodes", std::to_string(inside.numa_nodes),
         "parts of the memory, each near to some cores");
}

std::string why(const Cores& cores, const std::string& missing) {
    if (!missing.empty() && cores.usable == cores.online)
        return fmt::format("nothing is known of a limit, as {} cannot be read",
                           missing);
    if (cores.slurm == cores.usable && cores.usable < cores.affinity)
        return "Slurm allotted no more";
    if (cores.quota && *cores.quota <= cores.affinity)
        return "the quota is what limits you";
    if (cores.affinity < cores.online)
        return "the affinity is what limits you";
    return "nothing keeps you from using the whole machine";
}

void run(Run& run) {
    const Cores cores;
    const auto inside = sys::topology();
    const std::string missing = sys::missing_kernel_folders();

    line(run, "online", std::to_string(cores.online),
         "logical CPUs of this machine");
    line(run, "physical", inside ? std::to_string(inside->cores) : "unknown",
         "cores; the logical CPUs of one core share it");
    line(run, "affinity", std::to_string(cores.affinity),
         "CPUs that this process may run on");
    line(run, "cgroup quota",
         cores.quota       ? fmt::format("{:g}", *cores.quota)
         : missing.empty() ? "none"
                           : "unknown",
         "CPU time that a container or batch system grants");
    if (cores.slurm)
        line(run, "Slurm", std::to_string(*cores.slurm),
             "CPUs that it allotted to this task");
    line(run, "usable", std::to_string(cores.usable),
         "what is left for you: the smallest of these");
    if (inside) print_inside(run, *inside);
    run.say(fmt::format("\nUse {} here: {}.\nIt is what a pool starts when "
                        "you do not say how many.",
                        text::counted(cores.usable, "worker"),
                        why(cores, missing)));

    run.outcome.result = Value::object(
        {{"online", cores.online},
         {"physical", inside ? Value(inside->cores) : Value()},
         {"affinity", cores.affinity},
         {"cgroup_quota", cores.quota},
         {"slurm_cpus_per_task", cores.slurm ? Value(*cores.slurm) : Value()},
         {"usable", cores.usable}});
}

} // namespace

Plan plan_cores() { return {{}, run}; }

} // namespace exercises
