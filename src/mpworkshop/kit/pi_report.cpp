#include "mpworkshop/kit/pi_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <tuple>

#include "mpworkshop/kit/fields.hpp"
#include "mpworkshop/text/text.hpp"

namespace mpworkshop::kit {
namespace {

constexpr const char* sums_layout = "{:>10}  {:<17}  {:>7}  {:>9}";

/// The result of the sum with this number of steps.
Fields fields_of(std::uint64_t steps, double pi) {
    const double error = std::abs(pi - std::numbers::pi);
    return {{"steps", steps},
            {"pi", pi, fmt::format("{:.15f}", pi)},
            {"error", error, fmt::format("{:.1e}", error)}};
}

std::string lines_of(const Fields& sum) { return line("pi    {}\nerror {}", sum); }

} // namespace

void SumChoice::tell(const Run& run) const {
    if (by_kernel())
        run.say("By a vectorized loop with a compensated sum; --plain: by the lesson's own loop.");
}

std::vector<input::Option> with_sum(std::vector<input::Option> options, SumChoice& sum) {
    options.push_back(
        input::flag("--plain", "runs the lesson's own loop: slower, fewer digits", sum.plain));
    options.back().instead_of = {"--split", "--chunksize"};
    return with_python(std::move(options), sum.way);
}

SumReport::SumReport(Run& run, const std::vector<std::uint64_t>& steps, const SumChoice& sum)
    : run_(run), steps_(steps) {
    if (steps.size() == 1)
        run.say(fmt::format("{} by one process{}.", text::counted(steps.front(), "step"),
                            sum.way.language()));
    sum.tell(run);
    if (steps.size() > 1) run.show(fmt::format(sums_layout, "steps", "pi", "error", "time"));
}

void SumReport::add(double pi, double seconds) {
    const std::uint64_t steps = steps_[runs_.size()];
    Fields fields = fields_of(steps, pi);
    // With several STEPS this is the last; `runs` has all.
    run_.outcome.result = object(fields);
    if (steps_.size() == 1) run_.show(lines_of(fields));
    fields.front().shown = text::compact(steps);
    fields.push_back(Field::seconds("wall_s", seconds));
    if (steps_.size() > 1) run_.show(line(sums_layout, fields));
    runs_.push_back(object(fields));
    run_.outcome.result.set("runs", runs_);
    run_.outcome.so_far =
        fmt::format("{} of {} done", runs_.size(), text::counted(steps_.size(), "sum"));
}

void SumReport::finish() {
    const bool table = steps_.size() > 1;
    run_.outcome.meaning =
        table ? "More steps: more accurate, but slower." : "One process, so one CPU.";
}

std::vector<Sum> partial_sums(mp::Pool& pool, std::uint64_t steps, const PiOptions& options,
                              std::size_t chunksize) {
    std::vector<std::tuple<unsigned, unsigned, std::uint64_t>> shares;
    for (unsigned rank = 0; rank < pool.processes(); ++rank)
        shares.emplace_back(rank, pool.processes(), steps);
    return pool.starmap(
        [options](unsigned rank, unsigned workers, std::uint64_t n) {
            return partial_pi(rank, workers, n, options);
        },
        shares, chunksize);
}

std::vector<Sum> as_sums(const std::vector<double>& partials) {
    std::vector<Sum> sums;
    sums.reserve(partials.size());
    for (const double partial : partials) sums.push_back({.sum = partial});
    return sums;
}

void announce_shares(const Run& run, std::uint64_t steps, Split split, const SumChoice& sum,
                     const input::PoolChoice& pool) {
    const std::uint64_t workers = pool.workers();
    run.say(fmt::format(
        "{} for {}{}: {}.", text::counted(steps, "step"), pool.describe(), sum.way.language(),
        split == Split::blocks ? "each takes one contiguous block"
                               : fmt::format("each takes rank, rank + {}, rank + {} and so on",
                                             workers, 2 * workers)));
    sum.tell(run);
}

void report_shares(Run& run, std::uint64_t steps, Split split, const std::vector<Sum>& partials) {
    // No more lines than fit on a screen.
    const std::size_t shown = std::min<std::size_t>(partials.size(), 16);
    for (std::size_t rank = 0; rank < shown; ++rank)
        run.say(
            fmt::format("  rank {:<3} {:<22} partial sum {:.15f}", rank,
                        text::counted(share_of(split, rank, partials.size(), steps).count, "step"),
                        partials[rank].value()));
    if (partials.size() > shown) run.say(fmt::format("  and {} more", partials.size() - shown));
    const Fields fields = fields_of(steps, pi_from(partials));
    run.show(lines_of(fields));
    run.outcome.result = object(fields);
    const Timing work = run.timing("work");
    run.outcome.meaning =
        work.wall_s < run.timing("start").wall_s
            ? "Starting the workers took longer than the sum: give more steps."
            : fmt::format("The workers kept {:.2f} CPUs busy.", work.cpu_s / work.wall_s);
}

} // namespace mpworkshop::kit
