#include "mpworkshop/input/invocation.hpp"

#include <fmt/format.h>

#include <cstdlib>

#include "mpworkshop/input/shell_words.hpp"
#include "mpworkshop/sys/program_name.hpp"

namespace mpworkshop {

std::string invocation() {
    const char*
        script = // NOLINTNEXTLINE(concurrency-mt-unsafe): nothing here changes the environment
        std::getenv("MPWORKSHOP_SCRIPT");
    const bool by_script = script != nullptr && *script != '\0';
    return input::shell_quoted(by_script ? script : sys::program_name());
}

std::string invocation(std::string_view arguments) {
    return fmt::format("{} {}", invocation(), arguments);
}

} // namespace mpworkshop
