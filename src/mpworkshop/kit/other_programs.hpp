#pragma once

#include <optional>
#include <string>

#include "mpworkshop/input/value.hpp"
#include "mpworkshop/sys/other_programs.hpp"

/// Other programs as the reason why a measurement is uncertain.
namespace mpworkshop::kit {

/// "other programs used 1.1 of the 2 CPUs"; empty if they used so little (a tenth) that it explains
/// nothing, or if it is unknown.
std::string taken_by_others(const std::optional<sys::CpusUsed>& others);

/// Why varying times give no result, and what to do: "other programs used 1.1 of the 2 CPUs; end
/// them, and run it again."
std::string why_unclear(const std::optional<sys::CpusUsed>& others);
/// The same in a few words, for a line without room for more: "the machine is busy."
std::string why_unclear_briefly(const std::optional<sys::CpusUsed>& others);

/// The same for --json: {cpus_used, of_cpus}; null if unknown.
Value value_of(const std::optional<sys::CpusUsed>& others);

} // namespace mpworkshop::kit
