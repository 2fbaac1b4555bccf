#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "mpworkshop/cli/app_help.hpp"
#include "mpworkshop/commands/commands.hpp"
#include "mpworkshop/curriculum/curriculum.hpp"
#include "mpworkshop/record/record.hpp"
#include "mpworkshop/sys/terminal.hpp"
#include "mpworkshop/text/text.hpp"

namespace mpworkshop::commands {
namespace {

using Json = nlohmann::ordered_json;
using Names = std::vector<std::string>;

/// The known names among those that ran.
Names that_ran(const curriculum::History& history) {
    Names names;
    for (const Command* command : all_commands())
        if (history.last_run(command->name)) names.emplace_back(command->name);
    return names;
}

/// The names that were forgotten.
Names forget(const Names& wanted) {
    const curriculum::History history = curriculum::history();
    const Names ran = that_ran(history);
    if (wanted.empty()) {
        record::clear();
        return ran;
    }
    Names forgotten;
    for (const std::string& name : ran)
        if (std::ranges::find(wanted, name) != wanted.end()) forgotten.push_back(name);
    if (!forgotten.empty()) record::forget(forgotten);
    return forgotten;
}

std::string words(const Names& wanted, const Names& forgotten, std::size_t width) {
    if (!forgotten.empty())
        return text::ending(fmt::format("Forgotten: {}.", fmt::join(forgotten, ", ")),
                            example("Next: ", "next"), width);
    if (wanted.empty())
        return text::ending("No runs were recorded here.", example("Next: ", "next"), width);
    return text::ending(fmt::format("No run of {} was recorded.", fmt::join(wanted, ", ")),
                        example("All runs: ", "list"), width);
}

struct ResetOptions {
    Names names;

    std::vector<input::Option> options() {
        input::Option what = input::words("NAME", "what to forget", names);
        what.otherwise = "all";
        what.offers = curriculum::lesson_names();
        return {std::move(what)};
    }
};

int run_reset(const ResetOptions& o, const Run::Settings& settings) {
    for (const std::string& name : o.names)
        if (std::ranges::none_of(all_commands(), [&](const Command* command) {
                return command->name == name && command->kind == Kind::benchmark;
            }))
            curriculum::find("reset", name); // before anything is forgotten
    const Names forgotten = forget(o.names);
    if (settings.json) {
        const Json document = {{"schema", "mpworkshop-reset-1"}, {"forgotten", forgotten}};
        fmt::print("{}\n", document.dump(2));
    } else if (!settings.quiet) {
        const std::size_t width = sys::text_width(sys::output_terminal());
        fmt::print("{}", words(o.names, forgotten, width));
    }
    return 0;
}

} // namespace

const Command reset = {
    .kind = Kind::helper,
    .name = "reset",
    .summary = "forgets what ran here, all of it or some",
    .about =
        "For the next person at this machine, or to begin again. Removes the record of what ran "
        "and with it the random identifier of its shared files; with a NAME only the lines of "
        "that subcommand. It does not ask first.",
    .example = "reset map starmap",
    .plan = [] { return planned(run_reset); },
};

} // namespace mpworkshop::commands
