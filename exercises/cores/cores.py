"""cores: how many CPUs are there, and how many of them are yours?

A batch system, a container, or `taskset` may let you use only some of the CPUs
of a machine. You will see each of these limits, and the smallest of them:
start that many workers. More would only wait for each other.

    python3 cores.py
"""

import math
import os


def affinity():
    """CPUs that this process may run on, set by taskset or a batch system."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count()


def quota():
    """CPU time that a container grants, in CPUs; None without a limit."""
    try:
        with open("/sys/fs/cgroup/cpu.max") as file:
            granted, period = file.read().split()
    except OSError:
        return None
    return None if granted == "max" else int(granted) / int(period)


def slurm():
    """CPUs that Slurm allotted to this task; None elsewhere."""
    cpus = os.environ.get("SLURM_CPUS_PER_TASK")
    return int(cpus) if cpus else None


def main():
    limits = {"affinity": affinity(), "quota": quota(), "slurm": slurm()}
    print("online  ", os.cpu_count())
    for name, limit in limits.items():
        print(f"{name:8}", "none" if limit is None else f"{limit:g}")
    usable = min(math.ceil(n) for n in limits.values() if n is not None)
    print("usable  ", usable)


if __name__ == "__main__":  # so that these functions can also be imported
    main()
