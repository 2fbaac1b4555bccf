#include <fmt/format.h>

#include <memory>

#include "mpworkshop/commands/commands.hpp"
#include "mpworkshop/commands/shell_completion.hpp"
#include "mpworkshop/input/error.hpp"

namespace mpworkshop::commands {

const Command completion = {
    .kind = Kind::helper,
    .name = "completion",
    .summary = "a script that makes bash, zsh or fish complete a command line",
    .about = "The installed program has these scripts where each shell looks for them. For another "
             "place: source <(mpworkshop completion bash), the same for zsh after compinit, or "
             "mpworkshop completion fish | source.",
    .example = "completion bash",
    .plan =
        [] {
            const auto shell = std::make_shared<std::string>();
            return Plan{
                {input::choice("SHELL", "bash, zsh or fish", *shell, {"bash", "zsh", "fish"})},
                [shell](const Run::Settings&) {
                    if (shell->empty())
                        throw UsageError("completion: SHELL is missing; give bash, zsh or fish");
                    const auto script = *shell == "bash"  ? bash_completion
                                        : *shell == "zsh" ? zsh_completion
                                                          : fish_completion;
                    fmt::print("{}", script(command_line_spec()));
                    return 0;
                }};
        },
};

} // namespace mpworkshop::commands
