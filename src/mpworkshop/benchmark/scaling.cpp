#include "mpworkshop/benchmark/scaling.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "mpworkshop/benchmark/verdict.hpp"
#include "mpworkshop/text/text.hpp"

namespace mpworkshop {
namespace {

std::string percent(double share) { return report::shown(share, report::Unit::share); }

std::optional<stats::Speedup> speedup_of(const ScalingRun& run, const benchmark::Result& parallel) {
    auto found = stats::speedup(run.results.commands.front().wall(), parallel.wall());
    if (found && run.kind == Scaling::weak) // it did so many times the work
        for (double* each : {&found->ratio, &found->low, &found->high})
            *each *= parallel.command.workers;
    return found;
}

/// The serial share by the law that holds for this kind.
std::optional<double> serial_share(const ScalingRun& run, const ScalingPoint& point) {
    return run.kind == Scaling::weak ? stats::gustafson(point.speedup.ratio, point.workers)
                                     : stats::karp_flatt(point.speedup.ratio, point.workers);
}

const char* law_of(Scaling kind) { return kind == Scaling::weak ? "Gustafson" : "Karp-Flatt"; }

/// The fastest of those that have a CPU for each worker; null without one.
const ScalingPoint* best(const std::vector<ScalingPoint>& points) {
    const ScalingPoint* fastest = nullptr;
    for (const ScalingPoint& each : points)
        if (!each.oversubscribed &&
            (fastest == nullptr || each.speedup.ratio > fastest->speedup.ratio))
            fastest = &each;
    return fastest;
}

stats::Cost cost_of(const benchmark::Result& result, std::uint64_t steps) {
    return {stats::median(result.rest()), stats::median(result.work()) / double(steps)};
}

/// Two digits: more would promise too much.
std::uint64_t rounded(double number) {
    const double unit = std::pow(10, std::max(0.0, std::floor(std::log10(number)) - 1));
    return static_cast<std::uint64_t>(std::round(number / unit) * unit);
}

} // namespace

std::vector<ScalingPoint> points_of(const ScalingRun& run) {
    std::vector<ScalingPoint> points;
    for (std::size_t i = 1; i < run.results.commands.size(); ++i) {
        const unsigned workers = run.results.commands[i].command.workers;
        if (const auto speedup = speedup_of(run, run.results.commands[i]))
            points.push_back({workers, *speedup, workers > run.usable});
    }
    return points;
}

std::optional<double> amdahl_share(const ScalingRun& run) {
    if (run.kind == Scaling::weak) return std::nullopt;
    std::vector<stats::Point> fair;
    for (const ScalingPoint& each : points_of(run))
        if (!each.oversubscribed) fair.push_back({double(each.workers), each.speedup.ratio});
    return stats::amdahl_fit(fair);
}

report::Table table_of(const ScalingRun& run) {
    using report::Unit;
    report::Table table{.columns = {{"workers", "workers"},
                                    {"steps", "steps"},
                                    {"runs", "runs"},
                                    {"median_s", "median", Unit::seconds},
                                    {"mad_s", "MAD", Unit::seconds},
                                    {"min_s", "min", Unit::seconds},
                                    {"max_s", "max", Unit::seconds},
                                    {"cpu_s", "CPU", Unit::seconds},
                                    {"work_s", "work", Unit::seconds},
                                    {"speedup", "speedup", Unit::ratio},
                                    {"speedup_low", "from", Unit::ratio},
                                    {"speedup_high", "to", Unit::ratio},
                                    {"ideal", "ideal", Unit::ratio},
                                    {"efficiency", "efficiency", Unit::share},
                                    {run.kind == Scaling::weak ? "gustafson" : "karp_flatt",
                                     law_of(run.kind), Unit::share},
                                    {"note", "note"}}};
    const std::vector<ScalingPoint> points = points_of(run);
    for (std::size_t i = 0; i < run.results.commands.size(); ++i) {
        const benchmark::Result& each = run.results.commands[i];
        const unsigned workers = each.command.workers;
        const stats::Summary wall = stats::summary(each.wall());
        const auto maybe = [](bool there, double value) { return there ? Value(value) : Value(); };
        const bool any = wall.count > 0;
        const auto point =
            std::ranges::find_if(points, [&](const auto& p) { return p.workers == workers; });
        const bool compared = i > 0 && point != points.end();
        const auto of_point = [&](auto value) { return compared ? Value(value(*point)) : Value(); };
        const auto work = each.work();
        table.rows.push_back(
            {i == 0 ? Value("serial") : Value(std::to_string(workers)), run.steps_of(workers),
             wall.count, maybe(any, wall.median), maybe(any, wall.mad), maybe(any, wall.min),
             maybe(any, wall.max), maybe(any, stats::median(each.cpu())),
             maybe(!work.empty(), stats::median(work)),
             of_point([](const auto& p) { return p.speedup.ratio; }),
             of_point([](const auto& p) { return p.speedup.low; }),
             of_point([](const auto& p) { return p.speedup.high; }),
             i == 0 ? Value() : Value(double(workers)),
             of_point([](const auto& p) { return stats::efficiency(p.speedup.ratio, p.workers); }),
             of_point([&](const auto& p) { return Value(serial_share(run, p)); }),
             i > 0 && workers > run.usable ? Value("oversubscribed") : Value("")});
    }
    return table;
}

report::Plot plot_of(const ScalingRun& run) {
    using Kind = report::PlotSeries::Kind;
    const std::vector<ScalingPoint> points = points_of(run);
    double last = 1;
    for (const ScalingPoint& each : points) last = std::max(last, double(each.workers));
    report::Plot plot{
        .title =
            fmt::format("pi-parallel, {} scaling", run.kind == Scaling::weak ? "weak" : "strong"),
        .subtitle = fmt::format("{} steps{}", text::compact(run.steps),
                                run.kind == Scaling::weak ? " for each process" : ""),
        .x_title = "processes",
        .y_title = run.kind == Scaling::weak ? "scaled speedup" : "speedup",
        .series = {{"ideal", '.', Kind::line, {{0, 0, 0, 0}, {last, last, last, last}}}},
        .mark = double(run.usable),
        .mark_title =
            run.usable == 1 ? "the one usable CPU" : fmt::format("the {} usable CPUs", run.usable)};
    if (const auto share = amdahl_share(run)) {
        report::PlotSeries curve{fmt::format("Amdahl, {} serial", percent(*share)), '-',
                                 Kind::line};
        for (int i = 0; i <= 100; ++i) {
            const double workers = 1 + (last - 1) * i / 100;
            const double y = stats::amdahl(*share, workers);
            curve.points.push_back({workers, y, y, y});
        }
        plot.series.push_back(std::move(curve));
    }
    report::PlotSeries result{"measured", '*', Kind::points};
    for (const ScalingPoint& each : points)
        result.points.push_back(
            {double(each.workers), each.speedup.ratio, each.speedup.low, each.speedup.high});
    plot.series.push_back(std::move(result));
    return plot;
}

std::string break_even_of(const ScalingRun& run) {
    const auto points = points_of(run);
    const ScalingPoint* fastest = best(points);
    if (fastest == nullptr || fastest->workers < 2) return {};
    const auto found = std::ranges::find_if(
        run.results.commands.begin() + 1, run.results.commands.end(),
        [&](const benchmark::Result& each) { return each.command.workers == fastest->workers; });
    if (found->work().empty() || run.results.commands.front().work().empty()) return {};
    const stats::Cost serial = cost_of(run.results.commands.front(), run.steps);
    const stats::Cost parallel = cost_of(*found, run.steps_of(fastest->workers));
    const std::string processes = text::counted(fastest->workers, "process");
    const auto steps = stats::break_even(serial, parallel);
    if (!steps)
        return fmt::format("Break-even: serial wins at any number of steps, for a step takes {} in "
                           "{} and {} in one.",
                           text::duration(parallel.step), processes, text::duration(serial.step));
    const double more = parallel.once - serial.once;
    if (*steps < 1) return fmt::format("Break-even: {} win at any number of steps.", processes);
    return fmt::format("Break-even: below {} steps serial wins. All but the work takes {} more "
                       "with {}, and a step takes {} instead of {} (medians of these runs).",
                       text::compact(rounded(*steps)), text::duration(more), processes,
                       text::duration(parallel.step), text::duration(serial.step));
}

std::string verdict_of(const ScalingRun& run) {
    const std::vector<ScalingPoint> points = points_of(run);
    if (points.empty()) return {};
    std::string words;
    const ScalingPoint* fastest = best(points);
    if (fastest == nullptr || fastest->workers < 2) {
        words = run.usable == 1 ? "With one usable CPU processes only take turns."
                                : "No number of processes from two up to the usable CPUs was "
                                  "faster than one.";
    } else {
        const double efficiency = stats::efficiency(fastest->speedup.ratio, fastest->workers);
        words = fmt::format(
            "{} {} {} times {}: efficiency {}.", text::counted(fastest->workers, "process"),
            run.kind == Scaling::weak ? "did" : "were", times(fastest->speedup.ratio),
            run.kind == Scaling::weak ? "the work of the serial program in the same time"
                                      : "as fast as the serial program",
            percent(efficiency));
        if (run.kind == Scaling::strong && fastest->speedup.level >= 0.95 &&
            !fastest->speedup.measurable())
            words = fmt::format("There is no measurable difference between {} and the serial "
                                "program.",
                                text::counted(fastest->workers, "process"));
    }
    if (run.kind == Scaling::weak) return words;
    if (const auto share = amdahl_share(run))
        return words +
               fmt::format(" Amdahl's law fits best with a serial share of {}.", percent(*share));
    const auto fair =
        std::ranges::count_if(points, [](const auto& p) { return !p.oversubscribed; });
    return words + fmt::format(" Amdahl's curve is left out: it takes three points that are not "
                               "oversubscribed, and here {}; see Karp-Flatt.",
                               fair == 1 ? "is one" : fmt::format("are {}", fair));
}

} // namespace mpworkshop
