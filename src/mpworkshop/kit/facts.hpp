#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mpworkshop/input/value.hpp"

/// A result described once: the lines on the screen and --json are both written from its facts.
namespace mpworkshop::kit {

/// One fact of a result. Without a key it is for the screen alone, without a text for --json alone.
struct Fact {
    std::string key = {}; ///< its name in --json
    Value value = {};
    std::optional<std::string> shown = {}; ///< its text on the screen

    /// Facts whose text follows from the value: "1,000,000", "2.50 ms".
    static Fact count(std::string key, std::uint64_t number);
    static Fact seconds(std::string key, double seconds);
    /// A text for the screen alone.
    static Fact label(std::string text);
};

using Facts = std::vector<Fact>;

/// The texts in a layout such as "  {:<8} process {}: {}", which has a place for each.
std::string line(std::string_view layout, const Facts& facts);

/// The values by their keys, as --json has them.
Value object(const Facts& facts);

} // namespace mpworkshop::kit
