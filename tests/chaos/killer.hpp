#pragma once

#include <sys/types.h>

#include <array>
#include <atomic>
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
    stop,  ///< SIGSTOP, and SIGKILL a moment later
    step,  ///< stopped by ptrace, then so many instructions on, and then SIGKILL
    count_
};
std::string name_of(Way way);

/// A process that moves another forward by single instructions and kills it there: the only way to
/// die between any two of them, the moments of claiming and committing among them.
class Stepper {
public:
    /// Made before this process has threads. Errors: std::system_error.
    Stepper();
    /// Ends it.
    ~Stepper();
    Stepper(const Stepper&) = delete;
    Stepper& operator=(const Stepper&) = delete;

    /// Blocks until `pid` is dead. False where that is not permitted, or it was gone.
    bool kill_after(pid_t pid, std::uint32_t instructions);

private:
    int commands_ = -1, answers_ = -1;
    pid_t pid_ = -1;
};

/// A thread that kills children of this process at random moments, until it is destroyed.
class Killer {
public:
    using Count = std::array<std::atomic<std::uint64_t>, static_cast<std::size_t>(Way::count_)>;

    /// `victims`: asked before each kill. `interval_us`: the mean time between two.
    Killer(Stepper& stepper, std::uint64_t seed, double interval_us,
           std::function<std::vector<pid_t>()> victims, Count& kills);
    ~Killer();
    Killer(const Killer&) = delete;
    Killer& operator=(const Killer&) = delete;

private:
    void live();
    bool kill(pid_t pid);

    Stepper& stepper_;
    std::mt19937_64 random_;
    double interval_us_;
    std::function<std::vector<pid_t>()> victims_;
    Count& kills_;
    std::atomic<bool> over_ = false;
    std::thread thread_;
};

} // namespace chaos
