#pragma once

#include <chrono>

namespace mp {

using Duration = std::chrono::nanoseconds;

} // namespace mp
