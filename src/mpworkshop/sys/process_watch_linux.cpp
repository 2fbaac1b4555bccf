#include "mpworkshop/sys/process_watch.hpp"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <ctime>
#include <map>
#include <mutex>
#include <set>
#include <thread>
#include <utility>

#include "mpworkshop/sys/proc_folder.hpp"
#include "mpworkshop/sys/signals.hpp"
#include "mpworkshop/sys/usage.hpp"

namespace mpworkshop::sys {
namespace {

using Clock = std::chrono::steady_clock;

constexpr double shortest_wait_s = 0.01; // between two looks
constexpr double most_of_a_cpu = 0.008;  // for reading /proc, and a little more at first
constexpr double first_looks_s = 0.0005;
constexpr double longest_without_search_s = 0.5;
constexpr double settled_name_s = 0.05;      // by then a new process has called exec
constexpr double longest_reading_s = 0.0005; // otherwise the time of the counters is uncertain
constexpr int most_tries = 3;
constexpr auto straggler_grace = std::chrono::milliseconds(50);

/// CPU time of the calling thread.
double own_cpu_s() {
    timespec used = {};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
    return double(used.tv_sec) + double(used.tv_nsec) * 1e-9;
}

/// How many files may stay open: half of the limit of this process; the rest is for others.
std::size_t most_open_files() {
    rlimit limit = {};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
    return std::size_t(std::min<rlim_t>(limit.rlim_cur / 2, 4096));
}

std::vector<pid_t> own_children(const Children& children) {
    const pid_t self = ::getpid();
    return children.of(self, threads_of(self));
}

} // namespace

class ProcessWatch::Watcher {
public:
    Watcher() {
        const std::vector<pid_t> there = own_children(Children());
        ignored_.insert(there.begin(), there.end());
        begin_ = Clock::now();
    }
    ~Watcher();
    Watcher(const Watcher&) = delete;
    Watcher& operator=(const Watcher&) = delete;

    void begin(pid_t child);
    void ignore(pid_t helper);
    std::size_t looks();
    void end();
    Activity activity(double child_cpu_s) const;

private:
    /// Makes this process the parent of descendants that lose theirs.
    class Adoption {
    public:
        Adoption() {
            ::prctl(PR_GET_CHILD_SUBREAPER, &before_);
            ::prctl(PR_SET_CHILD_SUBREAPER, 1);
        }
        ~Adoption() { ::prctl(PR_SET_CHILD_SUBREAPER, before_); }
        Adoption(const Adoption&) = delete;
        Adoption& operator=(const Adoption&) = delete;

    private:
        int before_ = 0;
    };

    /// The kernel's counters at a given time.
    struct TimedReading {
        double at_s;
        ThreadReading figures;
    };
    struct Thread {
        ActivityBuilder::Handle handle;
        ThreadCounters counters;
        double first_s;
        bool named = false;
    };
    struct Process {
        std::map<pid_t, Thread> threads;
        double reaped_cpu_s = 0;
        char state = ' ';
        bool found = true; ///< by the current search
    };

    double now() const {
        return wall_s_ ? *wall_s_ : std::chrono::duration<double>(Clock::now() - begin_).count();
    }

    void run();
    void stop();
    void look();
    std::optional<TimedReading> read(ThreadCounters& counters) const;
    bool read_threads();
    void reap_adopted();
    void search();
    void find(pid_t process, const Children& children);
    void find_threads(pid_t pid, Process& process, const std::vector<pid_t>& threads);
    double cpu_s_of(pid_t pid, const Process& process) const;
    bool survives(pid_t pid, const Process& process) const;
    void forget(const Thread& thread);
    void wait_for_stragglers();

    Adoption adoption_;
    NewestProcess newest_;
    std::set<pid_t> ignored_, adopted_;
    pid_t child_ = -1;
    Clock::time_point begin_;
    std::thread thread_;
    std::mutex mutex_; // protects all members below while the thread runs
    std::condition_variable wake_;
    bool ended_ = false;
    std::map<pid_t, Process> processes_;
    std::size_t looks_ = 0, open_files_ = 0;
    std::optional<long> newest_seen_;
    double looked_s_ = 0, searched_s_ = 0, cost_s_ = 0;
    std::optional<double> wall_s_; // set once it has ended
    double adopted_cpu_s_ = 0;     // CPU time of adopted processes that were reaped
    double survivors_cpu_s_ = 0;   // CPU time of those that outlive the child
    std::size_t survivors_ = 0;
    ActivityBuilder builder_;
};

/// Reaps those that ended after their parent.
ProcessWatch::Watcher::~Watcher() {
    stop();
    for (const pid_t each : own_children(Children()))
        if (each != child_ && !ignored_.contains(each)) ::waitpid(each, nullptr, WNOHANG);
}

void ProcessWatch::Watcher::begin(pid_t child) {
    child_ = child;
    thread_ = std::thread([this] {
        leave_signals_to_main_thread();
        run();
    });
}

void ProcessWatch::Watcher::ignore(pid_t helper) {
    const std::lock_guard lock(mutex_);
    ignored_.insert(helper);
    adopted_.erase(helper);
    const auto found = processes_.find(helper);
    if (found == processes_.end()) return;
    for (const auto& [tid, thread] : found->second.threads) forget(thread);
    processes_.erase(found);
}

void ProcessWatch::Watcher::run() {
    std::unique_lock lock(mutex_);
    while (!ended_) {
        const double before_s = own_cpu_s();
        look();
        cost_s_ = own_cpu_s();
        // The next reading costs about as much; the wait keeps all of them within their share.
        const double earliest_s = (2 * cost_s_ - before_s - first_looks_s) / most_of_a_cpu;
        const double next_s = std::max(now() + shortest_wait_s, earliest_s);
        wake_.wait_until(lock,
                         begin_ + std::chrono::duration_cast<Clock::duration>(
                                      std::chrono::duration<double>(next_s)),
                         [&] { return ended_; });
    }
}

void ProcessWatch::Watcher::stop() {
    if (!thread_.joinable()) return;
    {
        const std::lock_guard lock(mutex_);
        ended_ = true;
    }
    wake_.notify_one();
    thread_.join();
}

std::size_t ProcessWatch::Watcher::looks() {
    const std::lock_guard lock(mutex_);
    return looks_;
}

void ProcessWatch::Watcher::end() {
    const double wall_s = now();
    stop();
    wall_s_ = wall_s;
    const double before_s = own_cpu_s();
    for (auto& [pid, process] : processes_)
        for (auto& [tid, thread] : process.threads) thread.named = thread.named && tid != pid;
    read_threads();
    search();
    wait_for_stragglers();
    for (const auto& [pid, process] : processes_) {
        if (!survives(pid, process)) continue;
        ++survivors_;
        survivors_cpu_s_ += cpu_s_of(pid, process);
    }
    cost_s_ += own_cpu_s() - before_s;
}

Activity ProcessWatch::Watcher::activity(double child_cpu_s) const {
    ActivityBuilder whole = builder_;
    whole.settle(now(), child_cpu_s + adopted_cpu_s_ + survivors_cpu_s_);
    Activity made = whole.activity(now());
    made.still_running = survivors_;
    made.looks = looks_;
    made.watch_cpu_s = cost_s_;
    return made;
}

void ProcessWatch::Watcher::look() {
    const double at_s = now();
    const bool lost = read_threads();
    reap_adopted();
    const std::optional<long> newest = newest_.read();
    if (lost || !newest || newest != newest_seen_ || processes_.empty() ||
        at_s - searched_s_ >= longest_without_search_s)
        search();
    newest_seen_ = newest;
    looked_s_ = at_s;
    ++looks_;
}

/// On a busy machine this thread may lose its CPU while it reads; then it tries again.
std::optional<ProcessWatch::Watcher::TimedReading>
ProcessWatch::Watcher::read(ThreadCounters& counters) const {
    std::optional<TimedReading> reading;
    for (int tried = 0; tried < most_tries; ++tried) {
        const double before_s = now();
        const std::optional<ThreadReading> figures = counters.read();
        if (!figures) return std::nullopt;
        reading = {now(), *figures};
        if (reading->at_s - before_s <= longest_reading_s) break;
    }
    return reading;
}

/// Returns whether a thread has ended.
bool ProcessWatch::Watcher::read_threads() {
    bool lost = false;
    for (auto& [pid, process] : processes_)
        for (auto each = process.threads.begin(); each != process.threads.end();) {
            Thread& thread = each->second;
            const std::optional<TimedReading> reading = read(thread.counters);
            if (!reading) {
                lost = true;
                forget(thread);
                each = process.threads.erase(each);
                continue;
            }
            builder_.update(thread.handle, reading->at_s, reading->figures);
            if (!thread.named && reading->at_s - thread.first_s >= settled_name_s) {
                thread.named = true;
                builder_.rename(thread.handle, read_name(pid, each->first));
            }
            ++each;
        }
    return lost;
}

void ProcessWatch::Watcher::reap_adopted() {
    std::erase_if(adopted_, [&](pid_t process) {
        rusage used = {};
        const pid_t got = ::wait4(process, nullptr, WNOHANG, &used);
        if (got == process) adopted_cpu_s_ += cpu_seconds(used);
        return got != 0;
    });
}

/// Finds all processes of the tree, and settles the CPU time they have used so far.
void ProcessWatch::Watcher::search() {
    const Children children;
    for (auto& [pid, process] : processes_) process.found = false;
    for (const pid_t each : own_children(children)) {
        if (ignored_.contains(each)) continue;
        if (each != child_) adopted_.insert(each);
        find(each, children);
    }
    for (auto each = processes_.begin(); each != processes_.end();) {
        if (each->second.found) {
            ++each;
            continue;
        }
        for (const auto& [tid, thread] : each->second.threads) forget(thread);
        each = processes_.erase(each);
    }
    // Those that a parent has reaped were read before those that are alive: none counts twice.
    double tree_cpu_s = adopted_cpu_s_;
    for (const auto& [pid, process] : processes_) tree_cpu_s += cpu_s_of(pid, process);
    searched_s_ = now();
    builder_.settle(searched_s_, tree_cpu_s);
}

/// A process and all its descendants.
void ProcessWatch::Watcher::find(pid_t root, const Children& children) {
    std::vector<pid_t> left = {root};
    while (!left.empty()) {
        const pid_t pid = left.back();
        left.pop_back();
        const std::optional<ProcStat> stat = read_stat(pid);
        if (!stat) continue;
        const bool is_new = !processes_.contains(pid);
        Process& process = processes_[pid];
        process.found = true;
        process.state = stat->state;
        process.reaped_cpu_s = stat->reaped_cpu_s;
        const std::vector<pid_t> threads = threads_of(pid);
        if (is_new) builder_.count_process();
        find_threads(pid, process, threads);
        for (const pid_t each : children.of(pid, threads)) left.push_back(each);
    }
}

void ProcessWatch::Watcher::find_threads(pid_t pid, Process& process,
                                         const std::vector<pid_t>& threads) {
    const unsigned cpus = usable_cpus_of(pid);
    for (const pid_t tid : threads) {
        if (const auto known = process.threads.find(tid); known != process.threads.end()) {
            builder_.set_usable_cpus(known->second.handle, cpus);
            if (tid == pid) builder_.rename(known->second.handle, read_name(pid, tid));
            continue;
        }
        ThreadCounters counters(pid, tid,
                                open_files_ < most_open_files() ? ThreadCounters::KeepOpen::yes
                                                                : ThreadCounters::KeepOpen::no);
        const std::optional<TimedReading> reading = read(counters);
        if (!reading) continue;
        if (counters.is_open()) ++open_files_;
        const auto handle = builder_.add(
            {.process = pid, .thread = tid, .name = read_name(pid, tid), .usable_cpus = cpus},
            looked_s_, reading->at_s, reading->figures);
        process.threads.emplace(tid, Thread{handle, std::move(counters), reading->at_s});
    }
}

/// The CPU time of the process and of those that it has reaped.
double ProcessWatch::Watcher::cpu_s_of(pid_t pid, const Process& process) const {
    return process.reaped_cpu_s + cpu_seconds_of(pid);
}

void ProcessWatch::Watcher::forget(const Thread& thread) {
    if (thread.counters.is_open()) --open_files_;
    builder_.end(thread.handle);
}

bool ProcessWatch::Watcher::survives(pid_t pid, const Process& process) const {
    return pid != child_ && process.state != 'Z';
}

/// Helpers of a command often end a moment after it.
void ProcessWatch::Watcher::wait_for_stragglers() {
    const auto until = Clock::now() + straggler_grace;
    const auto others_live = [&] {
        return std::ranges::any_of(
            processes_, [&](const auto& each) { return survives(each.first, each.second); });
    };
    for (reap_adopted(); others_live() && Clock::now() < until; reap_adopted()) {
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
        read_threads();
        search();
    }
    search();
}

ProcessWatch::ProcessWatch() : watcher_(std::make_unique<Watcher>()) {}
ProcessWatch::~ProcessWatch() = default;

void ProcessWatch::begin(pid_t child) { watcher_->begin(child); }
void ProcessWatch::ignore(pid_t helper) { watcher_->ignore(helper); }
std::size_t ProcessWatch::looks() const { return watcher_->looks(); }
void ProcessWatch::end() { watcher_->end(); }
Activity ProcessWatch::activity(double child_cpu_s) const {
    return watcher_->activity(child_cpu_s);
}

} // namespace mpworkshop::sys
