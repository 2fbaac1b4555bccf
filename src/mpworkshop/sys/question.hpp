#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mpworkshop::sys {

/// Whether a question can be asked: standard input and standard error are a terminal.
bool can_ask();

/// Asks on the terminal, and returns the line that is typed, without its end. Empty where standard
/// input or standard error is no terminal, or the input ends. Blocks: until there is an answer.
/// Errors: mp::Interrupted.
std::optional<std::string> ask(std::string_view question);

} // namespace mpworkshop::sys
