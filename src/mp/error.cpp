#include "mp/error.hpp"

#include <csignal>
#include <cstring>
#include <utility>

namespace mp {

namespace {

std::string died_text(std::size_t first, std::size_t last, pid_t pid, int status) {
    std::string items = first == last
                            ? "item " + std::to_string(first)
                            : "items " + std::to_string(first) + " to " + std::to_string(last);
    return "worker process " + std::to_string(pid) + " ended by " + describe_exit(status) +
           " while it ran " + items;
}

} // namespace

RemoteError::RemoteError(std::string what, std::string type_name, std::size_t item, pid_t pid)
    : std::runtime_error(what), type_name_(std::move(type_name)), item_(item), pid_(pid) {}

WorkerDied::WorkerDied(std::size_t first_item, std::size_t last_item, pid_t pid, int status)
    : std::runtime_error(died_text(first_item, last_item, pid, status)), first_item_(first_item),
      last_item_(last_item), pid_(pid), status_(status) {}

std::string describe_exit(int status) {
    if (status >= 0) return "exit code " + std::to_string(status);
    const char* name = ::sigabbrev_np(-status);
    return name != nullptr ? "SIG" + std::string(name) : "signal " + std::to_string(-status);
}

} // namespace mp
