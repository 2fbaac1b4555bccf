#include "mp/backends/worker_limits.hpp"

#include <atomic>
#include <cerrno>
#include <string>
#include <system_error>

#include "mp/os/limits.hpp"

namespace mp::detail {

namespace {

void check(unsigned workers, const os::Limit& limit, const char* what) {
    if (workers > limit.count)
        throw std::system_error(EAGAIN, std::generic_category(),
                                "mp: cannot start " + std::to_string(workers) +
                                    " workers: " + limit.name + " allows " +
                                    std::to_string(limit.count) + " more " + what + " here");
}

} // namespace

void check_limit(unsigned processes) { check(processes, os::process_limit(), "processes"); }

void check_limit_of_many(unsigned processes) {
    if (processes > 64) check_limit(processes);
}

void check_thread_limit_of_many(unsigned threads) {
    if (threads > 64) check(threads, os::thread_limit(), "threads");
}

bool out_of_memory_since_last_asked() noexcept {
    static std::atomic<unsigned long long> seen = os::out_of_memory_kills();
    const unsigned long long now = os::out_of_memory_kills();
    return seen.exchange(now) < now;
}

} // namespace mp::detail
