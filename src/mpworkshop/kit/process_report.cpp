#include "mpworkshop/kit/process_report.hpp"

#include <fmt/format.h>

#include <stdexcept>

#include "mpworkshop/kit/fields.hpp"
#include "mpworkshop/sys/output.hpp"

namespace mpworkshop::kit {

void report_processes(Run& run, const std::vector<EndedProcess>& processes) {
    Value::List children;
    std::string failures;
    for (const auto& [name, process, answer] : processes) {
        const int code = process.exitcode().value_or(mp::unknown_exit);
        const std::string end = mp::describe_exit(code);
        const Fields fields = {{"name", name, name},
                               {"pid", process.pid(), fmt::to_string(process.pid())},
                               {"exitcode", code, end}};
        run.say(line("  {:<8} process {}: {}", fields));
        children.push_back(object(fields));
        run.outcome.result.set(name, code == 0 ? Value(answer) : Value());
        if (code != 0) failures += fmt::format("the process of {} ended by {}; ", name, end);
    }
    run.outcome.result.set("processes", children);
    sys::check_output(); // a process that cannot print ends early
    if (!failures.empty()) throw std::runtime_error(failures + "run it again");
}

} // namespace mpworkshop::kit
