#include "mp/backends/worker_process.hpp"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <limits>
#include <utility>

#include "mp/backends/fork_server_process.hpp"
#include "mp/log.hpp"

namespace mp::detail {

std::string name_of(unsigned worker, pid_t pid) {
    return "worker " + std::to_string(worker) + " (process " + std::to_string(pid) + ")";
}

void WorkerProcess::stop_descendants(int then) noexcept {
    const auto more = os::stop_descendants(pid_, then);
    descendants_.insert(descendants_.end(), more.begin(), more.end());
}

void WorkerProcess::signal(int number) noexcept {
    if (os::send_signal(pid_, number)) return;
    if (deputy_ != nullptr && deputy_->ask_to_kill(pid_)) return;
    if (std::exchange(said_, true)) return;
    try {
        log(LogLevel::warning,
            "process " + std::to_string(pid_) +
                ", a worker, cannot be ended before its work is done: this process has given up "
                "the right to signal it, and the template process, which could, has ended");
    } catch (const std::exception&) { // no memory for the message
    }
}

void WorkerProcess::terminate() noexcept {
    stop_descendants(SIGTERM);
    if (is_out_of_reach()) signal(SIGTERM);
    kill_at_ = os::Clock::now() + grace;
}

void WorkerProcess::kill() noexcept {
    if (!std::exchange(killed_, true))
        stop_descendants(SIGKILL); // including processes started since
    signal(SIGKILL);
}

void WorkerProcess::kill_if_due() noexcept {
    if (!kill_at_ || os::Clock::now() < *kill_at_) return;
    kill();
    kill_at_ = os::Clock::now() + std::chrono::milliseconds(1); // until it has been reaped
}

std::int64_t WorkerProcess::due_ns(std::int64_t began_ns, std::int64_t limit_ns,
                                   std::int64_t stopped_ns, std::int64_t resumed_ns) noexcept {
    if (std::exchange(item_began_ns_, began_ns) != began_ns &&
        !restart_time_if_continued(stopped_ns))
        item_from_ns_ = std::max(began_ns, resumed_ns) - stopped_ns;
    const std::int64_t from = item_from_ns_ + stopped_ns;
    return from + std::min(limit_ns, std::numeric_limits<std::int64_t>::max() - from);
}

bool WorkerProcess::restart_time_if_continued(std::int64_t stopped_ns) noexcept {
    if (!os::has_continued(pid_)) return false;
    item_from_ns_ = now_ns() - stopped_ns;
    return true;
}

} // namespace mp::detail
