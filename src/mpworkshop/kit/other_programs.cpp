#include "mpworkshop/kit/other_programs.hpp"

#include <fmt/format.h>

#include "mpworkshop/text/text.hpp"

namespace mpworkshop::kit {

std::string taken_by_others(const std::optional<sys::CpusUsed>& others) {
    constexpr double little = 0.1; // of the CPUs
    if (!others || others->used <= little * others->of) return "";
    return fmt::format("other programs used {:.1f} of the {}", others->used,
                       others->of == 1 ? "one CPU" : text::counted(others->of, "CPU"));
}

std::string why_unclear(const std::optional<sys::CpusUsed>& others) {
    const std::string taken = taken_by_others(others);
    return taken.empty() ? "the times vary too much; run it again."
                         : taken + "; end them, and run it again.";
}

std::string why_unclear_briefly(const std::optional<sys::CpusUsed>& others) {
    return taken_by_others(others).empty() ? "times vary too much." : "the machine is busy.";
}

Value value_of(const std::optional<sys::CpusUsed>& others) {
    if (!others) return {};
    return Value::object({{"cpus_used", others->used}, {"of_cpus", others->of}});
}

} // namespace mpworkshop::kit
