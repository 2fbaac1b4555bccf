#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace mpworkshop::input {

/// Splits a command into words as a shell would: at blanks, except within '...', within "..."
/// (where \ escapes a " or a \) and after \. Nothing is expanded. Errors: UsageError if a quote is
/// not closed or \ is the last character.
std::vector<std::string> shell_words(std::string_view command);

/// A word in the form that a shell reads back: quoted if it contains a character that a shell might
/// expand.
std::string shell_quoted(std::string_view word);

} // namespace mpworkshop::input
