#include <fmt/format.h>

#include "mpworkshop/commands/commands.hpp"
#include "mpworkshop/commands/man_page.hpp"

namespace mpworkshop::commands {

const Command man = {
    .kind = Kind::helper,
    .name = "man",
    .summary = "the manual page, for man -l",
    .about =
        "The installed program has the page where man looks for it: man mpworkshop. Without an "
        "installation: mpworkshop man | man -l -",
    .example = "man",
    .plan =
        [] {
            return Plan{{}, [](const Run::Settings&) {
                            fmt::print("{}", man_page(command_line_spec()));
                            return 0;
                        }};
        },
};

} // namespace mpworkshop::commands
