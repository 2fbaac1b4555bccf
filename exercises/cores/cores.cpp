// cores: how many CPUs are there, and how many of them are yours?
//
// A batch system, a container, or `taskset` may let you use only some of the
// CPUs of a machine. You will see each of these limits, and the smallest of
// them: start that many workers. More would only wait for each other.
//
//     ./cores

#include <mp/mp.hpp>

#include <cstdio>
#include <optional>

struct Cores {
    unsigned online = mp::cpu_count();
    // CPUs that this process may run on, set by taskset or a batch system.
    unsigned affinity = mp::affinity_cpu_count();
    // CPU time that a container grants, in CPUs.
    std::optional<double> quota = mp::cgroup_cpu_quota();
    // CPUs that Slurm allotted to this task.
    std::optional<unsigned> slurm = mp::slurm_cpus_per_task();
    // The smallest of these limits.
    unsigned usable = mp::process_cpu_count();
};

#ifndef MPWORKSHOP_LESSON // mpworkshop brings its own main
void print(const char* name, std::optional<double> limit) {
    if (limit)
        std::printf("%-8s %g\n", name, *limit);
    else
        std::printf("%-8s none\n", name);
}

int main() {
    const Cores cores;
    print("online", cores.online);
    print("affinity", cores.affinity);
    print("quota", cores.quota);
    print("slurm", cores.slurm);
    print("usable", cores.usable);
}
#endif
