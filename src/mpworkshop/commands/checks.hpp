#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mpworkshop/sys/terminal.hpp"

/// The checks of `doctor`. The first five judge numbers; the others try things out.
namespace mpworkshop::commands {

enum class Verdict {
    ok,
    note,    ///< an exercise shows less, or a tool cannot do everything
    problem, ///< an exercise cannot run
};

struct Check {
    std::string name;
    Verdict verdict = Verdict::ok;
    std::string finding;  ///< what was found
    std::string fix = {}; ///< what to do about it; empty if nothing
};

/// CPUs, as mp/cpu.hpp counts them.
struct Cpus {
    unsigned online = 1;
    unsigned affinity = 1;
    std::optional<double> quota;
    unsigned usable = 1;
    std::string missing =
        {}; ///< the kernel's folders that are missing, without which a quota cannot be seen
};

Check check_cpus(const Cpus& cpus);
/// Names what limits this process to a part of the machine.
Check check_limits(const Cpus& cpus);
Check check_load(std::optional<double> load, unsigned usable);
Check check_build(std::string_view type);
Check check_terminal(const sys::Terminal& terminal);

/// A pool of two workers runs a map, in a separate process. Blocks for at most 10 s.
Check check_processes();
Check check_shared_memory();
/// Writes and reads back an unnamed file in the temporary folder.
Check check_temporary_folder();
/// Gets a page from a server of this program on 127.0.0.1.
Check check_loopback();
/// A program that `purpose` starts: whether it is in PATH.
Check check_program(std::string_view name, std::string_view purpose);
/// Whether the record of runs can be written.
Check check_progress();

/// All of them. Blocks for less than a second on a healthy machine. Errors: mp::Interrupted.
std::vector<Check> all_checks();

} // namespace mpworkshop::commands
