#pragma once

namespace mpworkshop {

/// From here on the engine's events are logged on standard error, one line each.
void log_to_stderr();

} // namespace mpworkshop
