#pragma once

#include <sys/types.h>

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

/// What the processes and threads of a running command did over time. No system call is made here:
/// process_watch.hpp reads the figures, and a test can invent them.
namespace mpworkshop::sys {

/// What the kernel has counted of a thread since it began.
struct ThreadReading {
    double cpu_s = 0;
    std::optional<double> ready_s = {}; ///< ready to compute without a CPU; empty where unknown
};

/// Seconds of computing, and of being ready to compute while other threads had the CPUs.
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

/// One thread, from the first to the last time that it was seen.
struct ThreadActivity {
    pid_t process = 0;
    pid_t thread = 0; ///< the same as `process` for its first thread
    std::string name = {};
    double first_s = 0, last_s = 0; ///< since the beginning
    CpuLoad total = {};
    std::vector<CpuLoad> intervals = {}; ///< those of Activity, without the last empty ones
    unsigned usable_cpus = 0;            ///< CPUs that it may run on; 0: unknown
};

/// A whole process tree, over time in intervals of one length.
struct Activity {
    double wall_s = 0;
    double interval_s = 0;
    CpuLoad total = {}; ///< of the whole tree, also of threads that ended before they were seen
    std::vector<CpuLoad> intervals = {};
    std::vector<ThreadActivity> threads = {}; ///< in the order in which they were seen first
    std::size_t unlisted_threads = 0;         ///< seen, but too many to be listed
    std::size_t processes = 0;                ///< that were seen
    std::size_t still_running = 0;            ///< processes that outlive the command
    bool ready_known = false;                 ///< the kernel tells the time ready without a CPU
    std::size_t looks = 0;                    ///< how often its processes were looked at
    double watch_cpu_s = 0;                   ///< the CPU time that watching took
};

/// The load of the whole tree in `parts` equal parts of its time.
std::vector<CpuLoad> resampled(const Activity& activity, std::size_t parts);

/// For how long 0, 1, 2, ... of the listed threads wanted a CPU at the same time, in seconds. A
/// thread counts in an interval of which it computed, or was ready to, for at least a quarter.
std::vector<double> seconds_by_threads(const Activity& activity);

/// Makes an Activity of readings that come one after the other. Its memory is bounded: where there
/// are too many intervals, each becomes twice as long; threads beyond `most_threads` are counted,
/// not listed. Times count from the beginning and never go back.
class ActivityBuilder {
public:
    static constexpr std::size_t most_intervals = 256;
    static constexpr std::size_t most_threads = 2048;
    static constexpr double shortest_interval_s = 0.01;

    /// A thread to add readings of.
    using Handle = std::size_t;

    /// A thread that was not there at the time `since_s`, and that has these figures at `at_s`.
    Handle add(ThreadActivity thread, double since_s, double at_s, const ThreadReading& reading);
    /// The figures of a thread later on.
    void update(Handle handle, double at_s, const ThreadReading& reading);
    void rename(Handle handle, std::string name);
    void set_usable_cpus(Handle handle, unsigned cpus);
    /// It has ended; its handle may mean another thread from here on.
    void end(Handle handle);
    void count_process() { ++processes_; }

    /// What the whole tree has computed until `at_s`. What no thread accounts for was computed
    /// since the last call, by threads that ended before they were seen again.
    void settle(double at_s, double tree_cpu_s);

    /// What was recorded until now. It can go on afterwards.
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
    std::vector<Handle> free_; // of threads that are not listed, and have ended
    std::vector<CpuLoad> intervals_;
    CpuLoad total_;
    double settled_s_ = 0; // when
    std::size_t listed_ = 0, unlisted_ = 0, processes_ = 0;
    bool ready_known_ = false;
};

} // namespace mpworkshop::sys
