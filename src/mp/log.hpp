#pragma once

#include <string_view>

namespace mp {

enum class LogLevel { debug, info, warning };

/// Receives what the engine has to tell; `message` is one line, without its end.
using LogHook = void (*)(LogLevel level, std::string_view message);

/// Sets the one hook; nullptr, the default, is silence.
/// Called in the process that owns the pool, never in a worker, on the thread that caused the
/// event. Thread-safety: may be set at any time.
void set_log_hook(LogHook hook);

/// Gives a line to the hook, if there is one and this process is not a worker.
void log(LogLevel level, std::string_view message);

} // namespace mp
