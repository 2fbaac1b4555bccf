#include "mp/error.hpp"

#include <csignal>
#include <cstring>
#include <utility>

namespace mp {

namespace {

std::string died_text(std::size_t item, pid_t pid, int status, bool out_of_memory) {
    return "worker process " + std::to_string(pid) + " ended by " + describe_exit(status) +
           (out_of_memory ? " (the kernel: out of memory)" : "") + " while it ran item " +
           std::to_string(item);
}

} // namespace

RemoteError::RemoteError(std::string what, std::string type_name, std::size_t item, pid_t pid,
                         int rank, std::string host)
    : std::runtime_error(what), type_name_(std::move(type_name)), item_(item), pid_(pid),
      rank_(rank), host_(std::move(host)) {}

WorkerDied::WorkerDied(std::size_t item, pid_t pid, int status, bool out_of_memory)
    : std::runtime_error(died_text(item, pid, status, out_of_memory)), item_(item), pid_(pid),
      status_(status), out_of_memory_(out_of_memory) {}

std::string describe_exit(int status) {
    if (status == unknown_exit)
        return "an unknown cause (SIGCHLD is ignored, or other code of the program reaped it)";
    if (status >= 0) return "exit code " + std::to_string(status);
    const char* name = ::sigabbrev_np(-status);
    return name != nullptr ? "SIG" + std::string(name) : "signal " + std::to_string(-status);
}

} // namespace mp
