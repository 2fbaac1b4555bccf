#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace mpworkshop::report {

/// Any text as text of HTML or XML, also in an attribute with quotes: printable, at most `longest`
/// bytes of it, and with entities for what is special.
std::string escaped(std::string_view text, std::size_t longest = 200);

} // namespace mpworkshop::report
