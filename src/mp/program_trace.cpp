#include "mp/program_trace.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <string>

#include "mp/os/child.hpp"
#include "mp/trace.hpp"

namespace mp::detail {

namespace {

using Time = std::chrono::steady_clock::time_point;

const pid_t program = os::current_pid(); // not the id of a child

/// Where the timeline is written; empty: nowhere.
const std::string& trace_path() {
    static const std::string path = [] {
        const char* value = std::getenv("MP_TRACE");
        return std::string(value == nullptr ? "" : value);
    }();
    return path;
}

/// Returns whether all of it could be written; if not, errno says why.
bool write_file(const std::string& path, const std::string& text) {
    std::FILE* file = std::fopen(path.c_str(), "we");
    if (file == nullptr) return false;
    const bool whole = std::fwrite(text.data(), 1, text.size(), file) == text.size();
    const int why = errno;
    if (std::fclose(file) != 0) return false;
    errno = why;
    return whole;
}

class ProgramTrace {
public:
    void add(Time made, const std::vector<Span>& spans) {
        const std::lock_guard lock(mutex_);
        pools_.push_back({made, trace_lanes(spans)});
    }

    void write() {
        if (os::current_pid() != program) return;
        const std::lock_guard lock(mutex_);
        if (write_file(trace_path(), chrome_trace(program_invocation_short_name, lanes()))) return;
        std::fprintf(stderr, "mp: cannot write the timeline to %s: %s; see MP_TRACE\n",
                     trace_path().c_str(), std::strerror(errno));
    }

private:
    struct TracedPool {
        Time made;
        std::vector<TraceLane> lanes;
    };

    /// The lanes of all pools, on one clock.
    std::vector<TraceLane> lanes() {
        std::ranges::sort(pools_, {}, &TracedPool::made);
        std::vector<TraceLane> all;
        for (std::size_t i = 0; i < pools_.size(); ++i) {
            const std::chrono::duration<double> since = pools_[i].made - pools_.front().made;
            for (TraceLane lane : pools_[i].lanes) {
                if (pools_.size() > 1)
                    lane.name = "pool " + std::to_string(i + 1) + ", " + lane.name;
                for (TraceBar& bar : lane.bars) {
                    bar.begin_seconds += since.count();
                    bar.end_seconds += since.count();
                }
                all.push_back(std::move(lane));
            }
        }
        return all;
    }

    std::mutex mutex_;
    std::vector<TracedPool> pools_;
};

/// Never destroyed. A pool requests it during construction, so that a static pool ends before the
/// timeline is written.
ProgramTrace& program_trace() {
    static ProgramTrace* const one = [] {
        auto* made = new ProgramTrace;
        std::atexit([] { program_trace().write(); });
        return made;
    }();
    return *one;
}

} // namespace

bool trace_requested() {
    if (trace_path().empty()) return false;
    (void)program_trace();
    return true;
}

void trace_pool(Time made, const std::vector<Span>& spans) { program_trace().add(made, spans); }

} // namespace mp::detail
