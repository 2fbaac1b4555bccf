#include <stdexcept>

#include "mp/backends/backends.hpp"

namespace mp {

std::vector<std::string> backend_names() { return {"serial", "threads", "processes"}; }

std::unique_ptr<Backend> make_backend(std::string_view name, BackendOptions options) {
    if (name != "processes" && options.task_timeout > options.task_timeout.zero())
        throw std::invalid_argument("mp::Pool: task_timeout needs worker processes, which can be "
                                    "ended; use the backend 'processes'");
    if (name == "serial") return detail::make_serial(std::move(options));
    if (name == "threads") return detail::make_threads(std::move(options));
    if (name == "processes") return detail::make_processes(std::move(options));
    std::string known;
    for (const std::string& each : backend_names()) known += (known.empty() ? "" : ", ") + each;
    throw std::invalid_argument("mp::Pool: unknown backend '" + std::string(name) +
                                "'; known are " + known);
}

} // namespace mp
