#include <array>
#include <stdexcept>
#include <utility>

#include "mp/backends/backends.hpp"
#include "mp/cpu.hpp"
#include "mp/plugin.hpp"

namespace mp {

namespace {

detail::Membership* membership = nullptr;
std::string name_of_membership;

constexpr std::array<std::pair<std::string_view, std::unique_ptr<Backend> (*)(BackendOptions)>, 3>
    made_here = {{{"serial", detail::make_serial},
                  {"threads", detail::make_threads},
                  {"processes", detail::make_processes}}};

[[noreturn]] void refuse(std::string_view name) {
    if (name == "mpi")
        throw std::invalid_argument("mp::Pool: the backend 'mpi' needs ranks: make an mp::Ranks at "
                                    "the beginning of main, and start the program by mpirun");
    std::string known;
    for (const std::string& each : backend_names()) known += (known.empty() ? "" : ", ") + each;
    throw std::invalid_argument("mp::Pool: unknown backend '" + std::string(name) +
                                "'; known are " + known);
}

} // namespace

std::vector<std::string> backend_names() {
    std::vector<std::string> names;
    names.reserve(made_here.size());
    for (const auto& [name, make] : made_here) names.emplace_back(name);
    return names;
}

unsigned default_processes(std::string_view backend) {
    return membership != nullptr && backend == name_of_membership ? membership->workers()
                                                                  : process_cpu_count();
}

std::unique_ptr<Backend> make_backend(std::string_view name, BackendOptions options) {
    if (options.processes == 0) options.processes = default_processes(name);
    if (membership != nullptr && name == name_of_membership)
        return membership->make_backend(std::move(options));
    if (name != "processes" && options.task_timeout > options.task_timeout.zero())
        throw std::invalid_argument("mp::Pool: task_timeout needs worker processes, which can be "
                                    "ended; use the backend 'processes'");
    for (const auto& [known, make] : made_here)
        if (name == known) return make(std::move(options));
    refuse(name);
}

void detail::set_membership(Membership* now, std::string name) {
    membership = now;
    name_of_membership = std::move(name);
}

} // namespace mp
