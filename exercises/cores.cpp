// cores: how many processors are there, and how many of them are yours?
//
// You will see four counts. They differ on a shared machine: a cluster's batch
// system, a container or `taskset` may lend you a few CPUs of many. Who starts
// more workers than that only makes them wait for each other.
//
// In Python: os.cpu_count(), len(os.sched_getaffinity(0)); the quota you would
// have to look up.

#include <mp/mp.hpp>

#include <optional>

namespace {

struct Cores {
    // The CPUs of this machine, and those this process may run on.
    unsigned online = mp::cpu_count();
    unsigned affinity = mp::affinity_cpu_count();
    // The CPU time that is granted, in CPUs.
    std::optional<double> cgroup_quota = mp::cgroup_cpu_quota();
    // What a job of Slurm asked for with --cpus-per-task.
    std::optional<unsigned> slurm = mp::slurm_cpus_per_task();
    // Start so many workers.
    unsigned usable = mp::process_cpu_count();
};

} // namespace

// ---- The rest prints it.

#include "exercises/lesson.hpp"
#include "mpworkshop/sys/machine.hpp"
#include "mpworkshop/sys/topology.hpp"

namespace exercises {
namespace {

void line(std::string_view name, std::string_view value,
          std::string_view means) {
    fmt::print("{:<14}{:>8}   {}\n", name, value, means);
}

void print_inside(const sys::Topology& inside) {
    for (const sys::Cache& cache : inside.caches) {
        const bool large = cache.bytes >= 1 << 20;
        line(fmt::format("L{} cache", cache.level), "",
             fmt::format("{} x {:g} {}", cache.number,
                         double(cache.bytes) / (large ? 1 << 20 : 1 << 10),
                         large ? "MiB" : "KiB"));
    }
    line("NUMA nodes", std::to_string(inside.numa_nodes),
         "parts of the memory, each near to some cores");
}

std::string why(const Cores& cores, const std::string& missing) {
    if (!missing.empty() && cores.usable == cores.online)
        return fmt::format("nothing is known of a limit, as {} cannot be read",
                           missing);
    if (cores.slurm && *cores.slurm == cores.usable &&
        *cores.slurm < cores.affinity)
        return "Slurm allotted no more";
    if (cores.cgroup_quota && *cores.cgroup_quota <= cores.affinity)
        return "the quota is what limits you";
    if (cores.affinity < cores.online)
        return "the affinity is what limits you";
    return "nothing keeps you from using the whole machine";
}

void run(Run& run) {
    const Cores cores;
    const auto inside = sys::topology();
    const std::string missing = sys::missing_kernel_folders();

    line("online", std::to_string(cores.online),
         "logical CPUs of this machine");
    line("physical", inside ? std::to_string(inside->cores) : "unknown",
         "cores; the logical CPUs of one core share it");
    line("affinity", std::to_string(cores.affinity),
         "CPUs that this process may run on");
    line("cgroup quota",
         cores.cgroup_quota ? fmt::format("{:g}", *cores.cgroup_quota)
         : missing.empty()  ? "none"
                            : "unknown",
         "CPU time that a container or batch system grants");
    if (cores.slurm)
        line("Slurm", std::to_string(*cores.slurm),
             "CPUs that it allotted to this task");
    line("usable", std::to_string(cores.usable),
         "what is left for you: the smallest of these");
    if (inside) print_inside(*inside);
    run.say("");
    run.say(fmt::format("Use {} here: {}.",
                        text::counted(cores.usable, "worker"),
                        why(cores, missing)));
    run.say("It is what a pool starts when you do not say how many.");

    run.outcome.result = Value::object(
        {{"online", cores.online},
         {"physical", inside ? Value(inside->cores) : Value()},
         {"affinity", cores.affinity},
         {"cgroup_quota", cores.cgroup_quota},
         {"slurm_cpus_per_task", cores.slurm ? Value(*cores.slurm) : Value()},
         {"usable", cores.usable}});
    run.outcome.next = "threads-io";
}

} // namespace

const Exercise cores = {
    .minutes = 5,
    .name = "cores",
    .summary = "how many CPUs there are, and how many are yours",
    .about =
        "A machine may have more CPUs than you may use. This counts both, and says which "
        "number to take.",
    .example = "cores --json",
    .plan =
        [] {
            return Plan{{}, run};
        },
};

} // namespace exercises
