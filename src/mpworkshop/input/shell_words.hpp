#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace mpworkshop::input {

/// The words of a command as a shell would part them: at blanks, except within '...', within "..."
/// (where \ keeps a " or a \ as it is) and after \. Nothing is expanded.
/// Errors: UsageError where a quote is not closed or \ stands last.
std::vector<std::string> shell_words(std::string_view command);

/// One word as a shell reads it back: quoted where it holds a character that a shell might expand.
std::string shell_quoted(std::string_view word);

} // namespace mpworkshop::input
