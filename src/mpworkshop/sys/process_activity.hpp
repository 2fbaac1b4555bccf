#pragma once

#include <sys/types.h>

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

/// What the processes and threads of a running command did over time. It makes no system calls:
/// process_watch.hpp reads the counters, and a test can invent them.
namespace mpworkshop::sys {

/// The kernel's counters of a thread since it began.
struct ThreadReading {
    double cpu_s = 0;
    std::optional<double> ready_s = {}; ///< ready to run without a CPU; empty if unknown
};

/// Seconds of computing, and of being ready to run while other threads had the CPUs.
struct CpuLoad {
    double cpu_s = 0;
    double ready_s = 0;

    double wanted_s() const { return cpu_s + ready_s; }
    CpuLoad& operator+=(const CpuLoad& more) {
        cpu_s += more.cpu_s;
        ready_s += more.ready_s;
        return *this;
    }
};

/// One thread, from when it was first seen until it was last seen.
struct ThreadActivity {
    pid_t process = 0;
    pid_t thread = 0; ///< the same as `process` for its first thread
    std::string name = {};
    double first_s = 0, last_s = 0; ///< since the beginning
    CpuLoad total = {};
    std::vector<CpuLoad> intervals = {}; ///< as in Activity, without empty ones at the end
    unsigned usable_cpus = 0;            ///< CPUs that it may run on; 0: unknown
};

/// Fewer looks at the processes miss threads, and smooth what went up and down.
inline constexpr std::size_t fewest_looks = 6;

/// A whole process tree over time, in intervals of equal length.
struct Activity {
    double wall_s = 0;
    double interval_s = 0;
    CpuLoad total = {}; ///< of the whole tree, including threads that ended before they were seen
    std::vector<CpuLoad> intervals = {};
    std::vector<ThreadActivity> threads = {}; ///< in the order in which they were first seen
    std::size_t unlisted_threads = 0;         ///< seen, but too many to list
    std::size_t processes = 0;                ///< that were seen
    std::size_t still_running = 0;            ///< processes that outlive the command
    bool ready_known = false;                 ///< the kernel reports the time ready without a CPU
    std::size_t looks = 0;                    ///< how often its processes were read
    double watch_cpu_s = 0;                   ///< the CPU time that watching took
};

/// The load of the whole tree in `parts` equal parts of its time.
std::vector<CpuLoad> resampled(const Activity& activity, std::size_t parts);

/// Makes an Activity from successive readings. Its memory is bounded: if there are too many
/// intervals, each becomes twice as long; threads beyond `most_threads` are counted, not listed.
/// Times count from the beginning and never decrease.
class ActivityBuilder {
public:
    static constexpr std::size_t most_intervals = 256;
    static constexpr std::size_t most_threads = 2048;
    static constexpr double shortest_interval_s = 0.01;

    /// A thread for which readings can be added.
    using Handle = std::size_t;

    /// A thread that did not exist at the time `since_s`, and that has these counters at `at_s`.
    Handle add(ThreadActivity thread, double since_s, double at_s, const ThreadReading& reading);
    /// The counters of a thread at a later time.
    void update(Handle handle, double at_s, const ThreadReading& reading);
    void rename(Handle handle, std::string name);
    void set_usable_cpus(Handle handle, unsigned cpus);
    /// It has ended; its handle may be reused for another thread.
    void end(Handle handle);
    void count_process() { ++processes_; }

    /// The CPU time of the whole tree until `at_s`. What no listed thread accounts for was used
    /// since the last call, by threads that ended before they were seen again.
    void settle(double at_s, double tree_cpu_s);

    /// What was recorded so far. Recording can continue afterwards.
    Activity activity(double wall_s) const;

private:
    struct Known {
        ThreadActivity thread;
        ThreadReading last;
        double at_s = 0;
        bool listed = false;
    };

    void add_to(std::vector<CpuLoad>& intervals, double begin_s, double end_s,
                double CpuLoad::*what, double seconds) const;
    void account(Known& known, double since_s, double at_s, const CpuLoad& load);
    void make_room(double at_s);

    double interval_s_ = shortest_interval_s;
    std::vector<Known> known_;
    std::vector<Handle> free_; // of threads that have ended and are not listed
    std::vector<CpuLoad> intervals_;
    CpuLoad total_;
    double settled_s_ = 0; // the time of the last settle
    std::size_t listed_ = 0, unlisted_ = 0, processes_ = 0;
    bool ready_known_ = false;
};

} // namespace mpworkshop::sys
