#include "mp/log.hpp"

#include <atomic>

#include "mp/worker.hpp"

namespace mp {

namespace {
std::atomic<LogHook> log_hook{nullptr};
}

void set_log_hook(LogHook hook) { log_hook.store(hook); }

void log(LogLevel level, std::string_view message) {
    if (LogHook hook = log_hook.load(); hook != nullptr && !detail::in_child())
        hook(level, message);
}

} // namespace mp
