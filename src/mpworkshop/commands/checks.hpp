#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mpworkshop/sys/terminal.hpp"

/// What `doctor` looks at. The first five judge figures; the others try it out on the spot.
namespace mpworkshop::commands {

enum class Verdict {
    ok,
    note,    ///< good to know: an exercise shows less, or a tool cannot do all
    problem, ///< an exercise cannot run
};

struct Check {
    std::string name;
    Verdict verdict = Verdict::ok;
    std::string finding;  ///< what is so
    std::string fix = {}; ///< what to do about it; empty if nothing is
};

/// CPUs, as mp/cpu.hpp counts them.
struct Cpus {
    unsigned online = 1;
    unsigned affinity = 1;
    std::optional<double> quota;
    unsigned usable = 1;
    std::string missing = {}; ///< of the kernel's folders, without which a quota cannot be seen
};

Check check_cpus(const Cpus& cpus);
/// Who lends only a part of the machine.
Check check_limits(const Cpus& cpus);
Check check_load(std::optional<double> load, unsigned usable);
Check check_build(std::string_view type);
Check check_terminal(const sys::Terminal& terminal);

/// A pool of two maps, in a process of its own. Blocks: for 10 s at most.
Check check_processes();
Check check_shared_memory();
/// Writes and reads back a file that has no name, in the temporary folder.
Check check_temporary_folder();
/// Gets a page from a server of this program on 127.0.0.1.
Check check_loopback();
/// A program that `purpose` starts: found by PATH or not.
Check check_program(std::string_view name, std::string_view purpose);
/// Whether what ran here can be remembered.
Check check_progress();

/// All of them. Blocks: for less than a second on a machine that is well.
/// Errors: mp::Interrupted.
std::vector<Check> all_checks();

} // namespace mpworkshop::commands
