#pragma once

#include <string_view>

namespace mp {

enum class LogLevel { debug, info, warning };

/// Receives the engine's log messages; `message` is one line, without the newline.
using LogHook = void (*)(LogLevel level, std::string_view message);

/// Sets the one hook; nullptr, the default, disables logging. It is called in the process that owns
/// the pool, never in a worker, on the thread that caused the event. Thread-safety: may be set at
/// any time.
void set_log_hook(LogHook hook);

/// Passes a line to the hook, if there is one and this process is not a worker.
void log(LogLevel level, std::string_view message);

} // namespace mp
