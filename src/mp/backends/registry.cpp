#include <array>
#include <stdexcept>
#include <utility>

#include "mp/backends/backends.hpp"
#include "mp/cpu.hpp"
#include "mp/plugin.hpp"

namespace mp {

namespace {

detail::Session* session = nullptr;
std::string name_of_session;

constexpr std::array<
    std::pair<std::string_view, std::unique_ptr<detail::Backend> (*)(detail::BackendOptions)>, 3>
    built_in = {{{"serial", detail::make_serial},
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
    names.reserve(built_in.size());
    for (const auto& [name, make] : built_in) names.emplace_back(name);
    return names;
}

unsigned default_processes(std::string_view backend) {
    return session != nullptr && backend == name_of_session ? session->workers()
                                                            : process_cpu_count();
}

std::unique_ptr<detail::Backend> detail::make_backend(std::string_view name,
                                                      detail::BackendOptions options) {
    if (options.processes == 0) options.processes = default_processes(name);
    if (session != nullptr && name == name_of_session)
        return session->make_backend(std::move(options));
    if (name != "processes" && options.task_timeout > options.task_timeout.zero())
        throw std::invalid_argument("mp::Pool: task_timeout needs worker processes, which can be "
                                    "ended; use the backend 'processes'");
    for (const auto& [known, make] : built_in)
        if (name == known) return make(std::move(options));
    refuse(name);
}

void detail::set_session(Session* now, std::string name) {
    session = now;
    name_of_session = std::move(name);
}

} // namespace mp
