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

    /// Less than a tenth of a CPU affects no figure that is shown.
    bool is_noticeable() const { return used >= 0.1; }
};

/// Which processes are ours; all others are "other programs".
enum class OwnProcesses {
    this_program, ///< this process and its descendants
    all_ranks     ///< processes of the launcher that started this one, and their descendants
};

/// Measures, while it exists, the CPU time that other programs use. It counts only the CPUs that
/// this process may use; with OwnProcesses::all_ranks, all CPUs of the machine.
class OtherPrograms {
public:
    explicit OtherPrograms(OwnProcesses own = OwnProcesses::this_program);

    /// Since it was made. Empty if the kernel does not report it, in a container whose /proc/stat
    /// covers only the container, and for a time too short for the resolution of the counters.
    std::optional<CpusUsed> cpus_used() const;

    // ---- The calculation, for tests.

    /// The counters of /proc/stat for some CPUs since the machine was started.
    struct MachineTicks {
        std::uint64_t busy = 0; ///< user, nice, system, irq, softirq and steal
        unsigned cpus = 0;
    };
    /// The counters at one moment. `wall_s` counts from any fixed moment.
    struct Reading {
        double wall_s = 0;
        double machine_s = 0; ///< CPU seconds of all programs
        double own_s = 0;     ///< CPU seconds of our processes
        unsigned cpus = 0;
    };
    /// `cpus`: the numbers of those that count; empty: all. Empty if the text is not a /proc/stat,
    /// or if no CPU in it has ever done anything, as in a sandbox.
    static std::optional<MachineTicks> parse(std::string_view proc_stat,
                                             const std::vector<unsigned>& cpus);
    static std::optional<CpusUsed> between(const Reading& begin, const Reading& end);

private:
    std::optional<Reading> read() const;

    pid_t root_;
    std::vector<unsigned> cpus_; // those that count; empty: all
    std::optional<Reading> begin_;
};

} // namespace mpworkshop::sys
