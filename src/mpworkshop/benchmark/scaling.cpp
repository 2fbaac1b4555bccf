#include "mpworkshop/benchmark/scaling.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "mpworkshop/benchmark/verdict.hpp"
#include "mpworkshop/text/text.hpp"

namespace mpworkshop {
namespace {

constexpr double vague = 3; // upper bound of a range divided by the lower one

std::string percent(double share) { return report::shown(share, report::Unit::share); }

std::optional<stats::Speedup> speedup_of(const ScalingRun& run, const benchmark::Result& parallel) {
    auto found = stats::speedup(run.results.commands.front().wall(), parallel.wall());
    if (!found || run.kind == Scaling::strong) return found;
    found->ratio *= parallel.command.workers; // it did that many times the work
    if (auto& interval = found->interval)
        for (double* each : {&interval->low, &interval->high}) *each *= parallel.command.workers;
    return found;
}

stats::Workers workers_of(const ScalingRun& run, const ScalingPoint& point) {
    return {point.workers, run.usable};
}

/// The serial share by the law for this kind of scaling.
std::optional<double> serial_share(const ScalingRun& run, const ScalingPoint& point) {
    return run.kind == Scaling::weak ? stats::gustafson(point.speedup, workers_of(run, point))
                                     : stats::karp_flatt(point.speedup, workers_of(run, point));
}

const char* law_of(Scaling kind) { return kind == Scaling::weak ? "Gustafson" : "Karp-Flatt"; }

/// The fastest of those with a CPU for each worker; null if there is none.
const ScalingPoint* best(const std::vector<ScalingPoint>& points) {
    const ScalingPoint* fastest = nullptr;
    for (const ScalingPoint& each : points)
        if (!each.oversubscribed &&
            (fastest == nullptr || each.speedup.ratio > fastest->speedup.ratio))
            fastest = &each;
    return fastest;
}

std::vector<stats::Cost> costs_of(const benchmark::Result& result, std::uint64_t steps) {
    std::vector<stats::Cost> costs;
    for (const benchmark::Sample& each : result.samples)
        if (each.work_s)
            costs.push_back({each.wall_s - *each.work_s, *each.work_s / double(steps)});
    return costs;
}

double step_s(const benchmark::Result& result, std::uint64_t steps) {
    return stats::median(result.work()) / double(steps);
}

const benchmark::Result& result_of(const ScalingRun& run, const ScalingPoint& point) {
    return *std::ranges::find_if(
        run.results.commands.begin() + 1, run.results.commands.end(),
        [&](const benchmark::Result& each) { return each.command.workers == point.workers; });
}

/// Two digits: more would suggest too much precision.
std::uint64_t rounded(double number) {
    const double unit = std::pow(10, std::max(0.0, std::floor(std::log10(number)) - 1));
    return static_cast<std::uint64_t>(std::round(number / unit) * unit);
}

Value low_of(const stats::Speedup& speedup) {
    return speedup.interval ? Value(speedup.interval->low) : Value();
}

Value high_of(const stats::Speedup& speedup) {
    return speedup.interval ? Value(speedup.interval->high) : Value();
}

std::string strong_verdict(const ScalingPoint& fastest, const Conditions& where) {
    return verdict("pi-serial", "pi-parallel with " + text::counted(fastest.workers, "worker"),
                   fastest.speedup, where);
}

std::string weak_verdict(const ScalingPoint& fastest, const Conditions& where) {
    const std::string words =
        fmt::format("{} did {} times the work of pi-serial in the same time",
                    text::counted(fastest.workers, "worker"), times(fastest.speedup.ratio));
    if (fastest.speedup.precise())
        return fmt::format("{} ({}).", words, shown(*fastest.speedup.interval));
    return fmt::format("{}, which is not certain: {}", words,
                       why_undecided(fastest.speedup, where));
}

/// One worker had the best ratio of those with a CPU each.
std::string why_one_was_best(const std::vector<ScalingPoint>& points, const Conditions& where) {
    using stats::Finding;
    bool any = false;
    for (const ScalingPoint& each : points) {
        if (each.oversubscribed || each.workers < 2) continue;
        any = true;
        const Finding finding = each.speedup.finding();
        if (finding == Finding::too_few || finding == Finding::undecided)
            return "Whether several workers are faster than one is unclear: " +
                   why_undecided(each.speedup, where);
    }
    return any ? "No number of workers from two up to the usable CPUs was faster than one."
               : "No number of workers from two up to the usable CPUs was measured.";
}

std::string why_no_amdahl(const std::vector<ScalingPoint>& points) {
    const auto fair =
        std::ranges::count_if(points, [](const auto& p) { return !p.oversubscribed; });
    if (fair >= 3) return "Amdahl's curve is left out: the speedups allow none that is certain.";
    return fmt::format("Amdahl's curve is left out: it takes three points that are not "
                       "oversubscribed, and here {}.",
                       fair == 1 ? "is one" : fmt::format("are {}", fair));
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
        if (!each.oversubscribed) fair.push_back({double(each.workers), each.speedup});
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
                                    {"ready_s", "ready", Unit::seconds},
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
        const auto work = each.work(), ready = each.ready();
        table.rows.push_back(
            {i == 0 ? Value("serial") : Value(std::to_string(workers)), run.steps_of(workers),
             wall.count, maybe(any, wall.median), maybe(wall.count > 1, wall.mad),
             maybe(any, wall.min), maybe(any, wall.max), maybe(any, stats::median(each.cpu())),
             maybe(!work.empty(), stats::median(work)),
             of_point([](const auto& p) { return p.speedup.ratio; }),
             of_point([](const auto& p) { return low_of(p.speedup); }),
             of_point([](const auto& p) { return high_of(p.speedup); }),
             maybe(i > 0 && workers <= run.usable, double(workers)), of_point([&](const auto& p) {
                 return Value(stats::efficiency(p.speedup, workers_of(run, p)));
             }),
             of_point([&](const auto& p) { return Value(serial_share(run, p)); }),
             maybe(!ready.empty(), stats::median(ready)),
             i > 0 && workers > run.usable ? Value("oversubscribed") : Value("")});
    }
    return table;
}

report::Plot plot_of(const ScalingRun& run) {
    using Kind = report::PlotSeries::Kind;
    const std::vector<ScalingPoint> points = points_of(run);
    double last = 1; // workers with a CPU each
    for (const ScalingPoint& each : points) last = std::max(last, double(each.workers));
    last = std::min(last, double(run.usable));
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
    for (const ScalingPoint& each : points) {
        const double ratio = each.speedup.ratio;
        const auto [low, high] = each.speedup.interval.value_or(stats::Interval{ratio, ratio});
        result.points.push_back({double(each.workers), ratio, low, high});
    }
    plot.series.push_back(std::move(result));
    return plot;
}

std::string break_even_of(const ScalingRun& run) {
    using stats::Finding;
    const auto points = points_of(run);
    const ScalingPoint* fastest = best(points);
    if (fastest == nullptr || fastest->workers < 2) return {};
    const benchmark::Result &serial = run.results.commands.front(),
                            &parallel = result_of(run, *fastest);
    const std::uint64_t steps = run.steps_of(fastest->workers);
    const double serial_s = step_s(serial, run.steps), parallel_s = step_s(parallel, steps);
    const std::string workers = text::counted(fastest->workers, "worker");
    const Finding whole = fastest->speedup.finding();
    if (const auto work = stats::speedup(serial.work(), parallel.work());
        run.kind == Scaling::strong && whole == Finding::slower && work &&
        work->finding() == Finding::slower)
        return fmt::format("Break-even: none, since a step takes {} with {} and {} with one.",
                           text::duration(parallel_s), workers, text::duration(serial_s));

    const auto even = stats::break_even(costs_of(serial, run.steps), costs_of(parallel, steps));
    const bool won = whole == Finding::faster && even && even->high < double(run.steps);
    if (!won || even->high < 1 || even->high > vague * even->low) return {};
    const std::string low = text::compact(rounded(even->low)),
                      high = text::compact(rounded(even->high));
    return fmt::format(
        "Break-even: {} steps; with fewer, the serial program is faster. All but "
        "the work takes {} more with {}, and a step takes {} instead of {} (medians "
        "of these runs).",
        low == high ? "about " + low : fmt::format("between {} and {}", low, high),
        text::duration(stats::median(parallel.rest()) - stats::median(serial.rest())), workers,
        text::duration(parallel_s), text::duration(serial_s));
}

std::string verdict_of(const ScalingRun& run, const Conditions& where) {
    const std::vector<ScalingPoint> points = points_of(run);
    if (points.empty()) return {};
    const ScalingPoint* fastest = best(points);
    if (fastest == nullptr || fastest->workers < 2)
        return run.usable == 1 ? "With one usable CPU workers only take turns."
                               : why_one_was_best(points, where);
    std::string words =
        run.kind == Scaling::weak ? weak_verdict(*fastest, where) : strong_verdict(*fastest, where);
    if (const auto each = stats::efficiency(fastest->speedup, workers_of(run, *fastest)))
        words += fmt::format(" Efficiency: {}.", percent(*each));
    if (run.kind == Scaling::weak) return words;
    if (const auto share = amdahl_share(run))
        words +=
            fmt::format(" Amdahl's law fits best with a serial fraction of {}.", percent(*share));
    else
        words += " " + why_no_amdahl(points);
    return words;
}

} // namespace mpworkshop
