#include "mp_mpi/sys/termination.hpp"

#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <mp/interrupt.hpp>
#include <string>
#include <thread>

#include "mp_mpi/clock.hpp"

namespace mp_mpi {

namespace {

using namespace std::chrono_literals;

// How to stop a launcher: the signal, and how long that may take. A launcher that has noticed the
// loss itself ends the job, and only then shows the output; Open MPI's mpirun ends at once at its
// second SIGTERM.
struct StopStage {
    int signal; // 0: none
    std::chrono::milliseconds wait;
};
constexpr std::array launcher_stop = {StopStage{0, 1200ms}, StopStage{SIGTERM, 200ms},
                                      StopStage{SIGTERM, 0ms}};

void (*abort_job)() = nullptr;
bool silent_host = false;

bool is_launcher(pid_t pid) {
    std::string name;
    std::ifstream in("/proc/" + std::to_string(pid) + "/comm");
    std::getline(in, name);
    return name == "mpirun" || name == "orterun" || name == "mpiexec";
}

// Returns whether it has stopped this process, or will.
bool stop_launcher() {
    const pid_t launcher = ::getppid();
    for (const auto& [signal, wait] : launcher_stop) {
        if (signal != 0 && !is_launcher(launcher)) return false;
        if (signal != 0) (void)::kill(launcher, signal);
        const auto until = Clock::now() + wait;
        while (!mp::interrupted() && Clock::now() < until) std::this_thread::sleep_for(10ms);
        if (signal == 0 && mp::interrupted()) return true;
    }
    return true;
}

void end_job() {
    if (silent_host && stop_launcher()) return;
    std::fflush(nullptr);
    abort_job();
}

} // namespace

void exit_rank() noexcept { std::_Exit(1); }

void end_by_signal(int signal) noexcept { (void)std::raise(signal); }

void end_job_at_exit(void (*abort)(), bool host_is_silent) noexcept {
    abort_job = abort;
    silent_host = host_is_silent;
    if (std::atexit(end_job) != 0) end_job();
}

} // namespace mp_mpi
