#define MPWORKSHOP_LESSON
#include "exercises/cores/cores.cpp"

#include "exercises/command.hpp"
#include "mpworkshop/kit/cpu_report.hpp"

namespace exercises {
namespace {

void run(Run& run) {
    const Cores cores;
    kit::report_cpus(run, {cores.online, cores.affinity, cores.quota,
                           cores.slurm, cores.usable});
}

} // namespace

Plan plan_cores() { return {{}, run}; }

} // namespace exercises
