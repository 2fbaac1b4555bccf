// A table is read completely, or refused with a line number.

#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <string_view>

#include "mpworkshop/input/table.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::size_t columns = 1 + data[0] % 3;
    const std::string_view text(reinterpret_cast<const char*>(data + 1), size - 1);
    try {
        const auto numbers = mpworkshop::input::parse_table(text, "table", columns);
        if (numbers.size() % columns != 0) std::abort();
        for (const double number : numbers)
            if (!std::isfinite(number)) std::abort();
    } catch (const std::runtime_error& error) {
        for (const char c : std::string_view(error.what()))
            if (static_cast<unsigned char>(c) < ' ' && c != '\n')
                std::abort(); // unescaped, to a terminal
    }
    return 0;
}
