#include "mpworkshop/sys/question.hpp"

#include <unistd.h>

#include <mp/mp.hpp>

#include "mpworkshop/sys/output.hpp"
#include "mpworkshop/sys/signals.hpp"

namespace mpworkshop::sys {

bool can_ask() { return ::isatty(STDIN_FILENO) != 0 && ::isatty(STDERR_FILENO) != 0; }

std::optional<std::string> ask(std::string_view question) {
    if (!can_ask()) return {};
    tell(question);
    for (std::string line;;) {
        if (!wait_to_read(STDIN_FILENO)) throw mp::Interrupted();
        char character = 0;
        if (::read(STDIN_FILENO, &character, 1) <= 0) return {};
        if (character == '\n') return line;
        line += character;
    }
}

} // namespace mpworkshop::sys
