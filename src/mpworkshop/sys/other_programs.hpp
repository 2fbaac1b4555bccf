#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace mpworkshop::sys {

/// How many CPUs were kept busy, on average.
struct CpusUsed {
    double used = 0;
    unsigned of = 0; ///< how many CPUs the caller may use

    /// Less than a tenth of a CPU changes no figure that is shown.
    bool is_noticeable() const { return used >= 0.1; }
};

/// Which processes are ours; all others are "other programs".
enum class OwnProcesses {
    this_program, ///< this process and its descendants
    all_ranks     ///< those of the launcher that started this process, and all that descend from it
};

/// Measures what other programs take of the CPUs while it lives. Of a whole machine's CPUs only
/// those count that this process may use; with OwnProcesses::all_ranks all do.
class OtherPrograms {
public:
    explicit OtherPrograms(OwnProcesses own = OwnProcesses::this_program);

    /// Since it was made. Empty where the kernel does not tell, in a container whose /proc/stat
    /// shows the container only, and for a time too short for the clock that counts it.
    std::optional<CpusUsed> cpus_used() const;

    // ---- The arithmetic, for tests.

    /// What /proc/stat tells of some CPUs since the machine was started.
    struct MachineTicks {
        std::uint64_t busy = 0; ///< user, nice, system, irq, softirq and steal
        unsigned cpus = 0;
    };
    /// What is known at one moment. `wall_s` counts from any moment that all have in common.
    struct Reading {
        double wall_s = 0;
        double machine_s = 0; ///< CPU seconds of all programs
        double own_s = 0;     ///< CPU seconds of our processes
        unsigned cpus = 0;
    };
    /// `cpus`: the numbers of those that count; empty: all. Empty if the text is no /proc/stat, or
    /// one in which no CPU has ever done anything, as a sandbox invents it.
    static std::optional<MachineTicks> parse(std::string_view proc_stat,
                                             const std::vector<unsigned>& cpus);
    static std::optional<CpusUsed> between(const Reading& begin, const Reading& end);

private:
    std::optional<Reading> read() const;

    pid_t root_;
    std::vector<unsigned> cpus_; // those that count; none: all
    std::optional<Reading> begin_;
};

} // namespace mpworkshop::sys
