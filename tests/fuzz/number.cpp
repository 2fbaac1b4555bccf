// Text to numbers: an accepted number is within its bounds, and has the same value when written
// again.

#include <fmt/format.h>

#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "mpworkshop/input/number.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace mpworkshop;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (const input::Whole whole = input::whole_number(text); whole.flaw == input::Flaw::none) {
        if (whole.value > input::largest_whole) std::abort();
        if (input::whole_number(fmt::format("{}", whole.value)).value != whole.value) std::abort();
    }
    if (const auto number = input::finite_number(text)) {
        if (!std::isfinite(*number)) std::abort();
        if (input::finite_number(fmt::format("{}", *number)) != number) std::abort();
    }
    return 0;
}
