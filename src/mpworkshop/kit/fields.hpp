#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mpworkshop/input/value.hpp"

/// A result described once: the screen and --json are both written from its fields.
namespace mpworkshop::kit {

/// One field of a result. Without a key it is only for the screen; without a text, only for --json.
struct Field {
    std::string key = {}; ///< its name in --json
    Value value = {};
    std::optional<std::string> shown = {}; ///< its text on the screen

    /// Fields whose text follows from the value: "1,000,000", "2.50 ms".
    static Field count(std::string key, std::uint64_t number);
    static Field seconds(std::string key, double seconds);
    /// A text only for the screen.
    static Field label(std::string text);
};

using Fields = std::vector<Field>;

/// The texts in a layout such as "  {:<8} process {}: {}", with a placeholder for each.
std::string line(std::string_view layout, const Fields& fields);

/// The values by their keys, as --json has them.
Value object(const Fields& fields);

} // namespace mpworkshop::kit
