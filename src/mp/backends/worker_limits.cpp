#include "mp/backends/worker_limits.hpp"

#include <cerrno>
#include <memory>
#include <string>
#include <system_error>

#include "mp/os/limits.hpp"
#include "mp/scheduler/worker_stats.hpp"

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

bool OutOfMemoryKills::explain_exit(unsigned long long count, std::int64_t at_ns) noexcept {
    constexpr std::int64_t remembered_ns = 1'000'000'000;
    if (counted_.exchange(count) < count) rose_ns_ = at_ns;
    if (at_ns - rose_ns_ > remembered_ns) {
        used_ = count;
        return false;
    }
    unsigned long long used = used_;
    while (used < count)
        if (used_.compare_exchange_weak(used, used + 1)) return true;
    return false;
}

// Without a lock, which a fork might find locked.
OutOfMemoryKills& OutOfMemoryKills::of_this_process() {
    static std::atomic<OutOfMemoryKills*> current{nullptr};
    OutOfMemoryKills* found = current;
    if (found == nullptr) {
        auto made = std::make_unique<OutOfMemoryKills>(os::out_of_memory_kills());
        if (current.compare_exchange_strong(found, made.get())) found = made.release();
    }
    return *found;
}

bool OutOfMemoryKills::explain_exit() noexcept {
    return explain_exit(os::out_of_memory_kills(), now_ns());
}

} // namespace mp::detail
