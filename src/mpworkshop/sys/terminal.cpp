#include "mpworkshop/sys/terminal.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string>

namespace mpworkshop::sys {
namespace {

std::string variable(const char* name) {
    const char* value =
        std::getenv(name); // NOLINT(concurrency-mt-unsafe): nothing here changes the environment
    return value == nullptr ? "" : value;
}

bool locale_is_utf8() {
    // The first one that is set decides, as in setlocale().
    for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
        const std::string locale = variable(name);
        if (locale.empty()) continue;
        return locale.find("UTF-8") != locale.npos || locale.find("utf8") != locale.npos ||
               locale.find("UTF8") != locale.npos || locale.find("utf-8") != locale.npos;
    }
    return false;
}

unsigned columns(int stream) {
    winsize size = {};
    if (::ioctl(stream, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
    const long wanted = std::strtol(variable("COLUMNS").c_str(), nullptr, 10);
    return wanted > 0 && wanted < 10'000 ? static_cast<unsigned>(wanted) : 80;
}

Terminal terminal(int stream) {
    const std::string kind = variable("TERM");
    const bool is_one = ::isatty(stream) == 1;
    return {.is_one = is_one,
            .moves = is_one && !kind.empty() && kind != "dumb" && variable("NO_COLOR").empty(),
            .utf8 = locale_is_utf8(),
            .width = columns(stream)};
}

} // namespace

Terminal error_terminal() { return terminal(STDERR_FILENO); }

Terminal output_terminal() { return terminal(STDOUT_FILENO); }

unsigned text_width(const Terminal& terminal) { return std::clamp(terminal.width, 40U, 80U) - 1; }

} // namespace mpworkshop::sys
