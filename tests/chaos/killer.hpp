#pragma once

#include <sys/types.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <random>
#include <string>
#include <thread>
#include <vector>

namespace chaos {

/// How a worker is killed.
enum class Way {
    kill,  ///< SIGKILL
    crash, ///< SIGSEGV
    stop,  ///< SIGSTOP, then SIGKILL a moment later
    step,  ///< stopped by ptrace, advanced by some instructions, then SIGKILL
    count_
};
std::string name_of(Way way);

/// A process that single-steps another and kills it there: the only way to make it die between any
/// two instructions, including those that claim and commit.
class Stepper {
public:
    /// Make it before this process has threads. Errors: std::system_error.
    Stepper();
    /// Ends it.
    ~Stepper();
    Stepper(const Stepper&) = delete;
    Stepper& operator=(const Stepper&) = delete;

    /// Blocks until `pid` is dead. Returns false if that is not permitted, or it was gone.
    bool kill_after(pid_t pid, std::uint32_t instructions);

private:
    int commands_ = -1, answers_ = -1;
    pid_t pid_ = -1;
};

/// A thread that kills children of this process at random moments, until it is destroyed.
class Killer {
public:
    using Count = std::array<std::atomic<std::uint64_t>, static_cast<std::size_t>(Way::count_)>;

    /// `victims`: called before each kill. `interval_us`: the mean time between two kills.
    Killer(Stepper& stepper, std::uint64_t seed, double interval_us,
           std::function<std::vector<pid_t>()> victims, Count& kills);
    ~Killer();
    Killer(const Killer&) = delete;
    Killer& operator=(const Killer&) = delete;

    /// A piece of work begins, in which at most `most_kills` workers are killed. After its first
    /// second the pauses between kills double with each further one, so that it ends even where a
    /// worker takes longer to start than it has to live; after a quarter of a minute there are no
    /// more. Each death wakes the owner and all workers. So a lost notification is a hang only if
    /// no death follows it.
    void work_begins(unsigned most_kills);

private:
    using Clock = std::chrono::steady_clock;

    void live();
    bool kill(pid_t pid);

    static constexpr double longest_s = 15;

    Stepper& stepper_;
    std::mt19937_64 random_;
    double interval_us_;
    std::atomic<Clock::time_point> work_began_ = Clock::now();
    std::atomic<unsigned> kills_left_ = 0;
    std::function<std::vector<pid_t>()> victims_;
    Count& kills_;
    std::atomic<bool> over_ = false;
    std::thread thread_;
};

} // namespace chaos
