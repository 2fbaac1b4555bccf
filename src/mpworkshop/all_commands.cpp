#include <array>

#include "exercises/exercises.hpp"
#include "mpworkshop/commands/commands.hpp"
#include "mpworkshop/practice/commands.hpp"

namespace mpworkshop {

std::span<const Command* const> all_commands() {
    static constexpr std::array table = {
        &exercises::race,
        &exercises::gil,
        &exercises::threads_io,
        &exercises::concurrency,
        &exercises::cores,
        &exercises::process_demo,
        &exercises::map,
        &exercises::starmap,
        &exercises::chunks,
        &exercises::pi_serial_exercise,
        &exercises::pi_parallel_exercise,
        &exercises::price,
        &practice::practice,
        &practice::check,
        &practice::hint,
        &practice::solution,
        &commands::compare,
        &commands::scale,
        &commands::time,
        &commands::report,
        &commands::gather,
        &commands::explain,
        &commands::source,
        &commands::doctor,
        &commands::list,
        &commands::next,
        &commands::reset,
        &commands::completion,
        &commands::man,
    };
    return table;
}

} // namespace mpworkshop
