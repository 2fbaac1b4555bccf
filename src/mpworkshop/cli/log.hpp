#pragma once

namespace mpworkshop {

/// From here on what the engine does is told on standard error, one line an event.
void log_to_stderr();

} // namespace mpworkshop
