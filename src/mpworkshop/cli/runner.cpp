#include "mpworkshop/cli/runner.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <optional>
#include <stdexcept>
#include <system_error>

#include "mpworkshop/cli/log.hpp"
#include "mpworkshop/curriculum/curriculum.hpp"
#include "mpworkshop/input/invocation.hpp"
#include "mpworkshop/record/record.hpp"
#include "mpworkshop/report/json.hpp"
#include "mpworkshop/report/timings.hpp"
#include "mpworkshop/report/workers.hpp"
#include "mpworkshop/sys/file.hpp"
#include "mpworkshop/sys/other_programs.hpp"
#include "mpworkshop/sys/output.hpp"
#include "mpworkshop/sys/terminal.hpp"
#include "mpworkshop/text/text.hpp"

namespace mpworkshop {
namespace {

sys::OwnProcesses own_processes(const CommandRequest& request) {
    const input::PoolChoice* pool = request.plan.pool;
    return pool != nullptr && pool->over_ranks() ? sys::OwnProcesses::all_ranks
                                                 : sys::OwnProcesses::this_program;
}

/// Runs a part of the run; returns what interrupted it, if anything did.
template <class F> std::exception_ptr cut_short(const CommandRequest& request, Run& run, F part) {
    try {
        part();
        return nullptr;
    } catch (const mp::Interrupted&) {
        return std::current_exception();
    } catch (const mp::BrokenPool& error) {
        if (run.outcome.so_far.empty()) run.outcome.so_far = error.what();
        return std::current_exception();
    } catch (const std::system_error& error) {
        // The standard library does not say what could not be started: it is always a thread.
        if (error.what() != error.code().message()) throw;
        throw std::runtime_error(fmt::format("{}: cannot start a thread: {}; end other programs, "
                                             "or raise the limit (ulimit -u)",
                                             request.command->name, error.what()));
    }
}

/// Runs it; returns what interrupted it, if anything did.
std::exception_ptr run_measured(const CommandRequest& request, Run& run) {
    std::optional<sys::Silence> silence; // only the document is printed
    if (request.settings.json) silence.emplace();
    const sys::OtherPrograms others(own_processes(request));
    const std::exception_ptr cut = cut_short(request, run, [&] {
        run.timed("total", [&] { std::get<Plan::Lesson>(request.plan.run)(run); });
    });
    run.outcome.others = others.cpus_used();
    // Only a prediction has a result that these show.
    const bool brief = request.settings.json || request.settings.quiet;
    if (cut || !run.afterwards || (brief && !run.outcome.prediction)) return cut;
    return cut_short(request, run, run.afterwards);
}

/// The number of CPUs that the workers have; for other ranks' workers it is unknown, so it is taken
/// as sufficient.
unsigned usable_cpus(const Outcome& outcome) {
    const bool over_ranks = !outcome.workers.empty() && outcome.workers.front().rank >= 0;
    return over_ranks ? static_cast<unsigned>(outcome.workers.size()) : mp::process_cpu_count();
}

void draw_timeline(const CommandRequest& request, Run& run) {
    if (!run.outcome.trace.timeline || request.settings.json) return;
    if (!run.quiet()) fmt::print("\n");
    run.draw(gantt_lanes(run.outcome.lanes));
}

/// What was said before, and what came of it.
void show_prediction(Run& run) {
    if (!run.outcome.prediction) return;
    if (run.outcome.prediction->quantity() == kit::Quantity::seconds)
        run.outcome.prediction->came_out(run.timing("total").wall_s);
    if (run.json() || run.quiet()) return;
    if (const std::string words = run.outcome.prediction->in_words(); !words.empty())
        run.show("\n" + words);
}

std::string next_command(const CommandRequest& request) {
    const std::string next = curriculum::after(request.command->name);
    return next.empty() ? next : invocation(next);
}

// After the results, which a full disk must not prevent.
void write_trace(const CommandRequest& request, const Outcome& outcome) {
    if (!outcome.trace.file.empty())
        sys::write_file(outcome.trace.file, mp::chrome_trace(request.command->name, outcome.lanes));
}

void run_lesson(const CommandRequest& request) {
    if (request.settings.verbose) log_to_stderr();
    Run run(request.settings);
    if (request.plan.prediction != nullptr)
        run.outcome.prediction =
            kit::ask_for_prediction(request.command->name, *request.plan.prediction);
    const std::exception_ptr cut = run_measured(request, run);
    std::ranges::rotate(run.outcome.timings,
                        run.outcome.timings.begin() + 1); // the total began first, and comes last
    const std::size_t width = sys::text_width(sys::output_terminal());
    if (!cut) show_prediction(run);
    draw_timeline(request, run);
    if (request.settings.json)
        report::write_json(request, run.outcome, cut == nullptr);
    else if (mp::interrupted())
        fmt::print("{}", text::paragraph(report::interrupted(run.outcome), width));
    else if (!cut && !request.settings.quiet) // otherwise an error says what broke the pool
        fmt::print("{}", report::timings(run.outcome, next_command(request), width));
    sys::finish_output();
    write_trace(request, run.outcome);
    if (request.settings.verbose)
        sys::tell(report::workers(run.outcome, usable_cpus(run.outcome),
                                  sys::text_width(sys::error_terminal())));
    record::append({.name = request.command->name,
                    .complete = cut == nullptr,
                    .facts = record::run_facts(request, run.outcome)},
                   request.settings);
    if (cut) std::rethrow_exception(cut);
}

} // namespace

int run_command(const CommandRequest& request) {
    int code = 0;
    if (const auto* other = std::get_if<Plan::Other>(&request.plan.run))
        code = (*other)(request.settings);
    else
        run_lesson(request);
    sys::finish_output();
    return code;
}

} // namespace mpworkshop
