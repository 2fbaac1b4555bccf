#include "mpworkshop/page/run_pictures.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "mpworkshop/kit/stats.hpp"
#include "mpworkshop/record/timeline.hpp"
#include "mpworkshop/report/pictures.hpp"
#include "mpworkshop/text/text.hpp"

namespace mpworkshop::page {
namespace {

using report::Placement;

constexpr std::size_t most_rows = 40; // of a table or a picture
constexpr std::size_t most_units = 5, most_predictions_listed = 200;

/// The value at these names, one in the other; null where one is not there.
Value at(const Value& value, std::initializer_list<std::string_view> names) {
    const Value* found = &value;
    for (const std::string_view name : names)
        if ((found = found->find(name)) == nullptr) return {};
    return *found;
}

/// A length that can be drawn: of a stranger's file anything may come.
std::optional<double> length_at(const Value& value, std::string_view name) {
    const auto number = at(value, {name}).number();
    if (!number || !(*number >= 0 && *number < 1e12)) return std::nullopt;
    return number;
}

std::string text_at(const Value& value, std::string_view name) {
    return std::string(at(value, {name}).text());
}

/// A bar chart, and the same as a table.
class BarFigure {
public:
    BarFigure(std::string title, std::string size) : title_(std::move(title)) {
        numbers_ = {.caption = title_, .columns = {"name", std::move(size), "from", "to"}};
    }

    void add(const std::string& label, double size, std::string shown,
             std::optional<double> low = {}, std::optional<double> high = {}) {
        if (chart_.rows.size() == most_rows) return;
        numbers_.rows.push_back(
            {label, exact(size), low ? exact(*low) : "", high ? exact(*high) : ""});
        chart_.rows.push_back({label, size, std::move(shown), low, high});
    }

    void add_to(std::vector<Figure>& figures, const std::string& id) {
        if (chart_.rows.size() < 2) return; // nothing to compare
        chart_.title = title_;
        for (const auto& row : chart_.rows)
            chart_.description += fmt::format("{}: {}. ", row.label, row.shown);
        const bool any =
            std::ranges::any_of(chart_.rows, [](const auto& row) { return row.low.has_value(); });
        if (!any) {
            numbers_.columns.resize(2);
            for (auto& row : numbers_.rows) row.resize(2);
        }
        const std::string name = fmt::format("{}-{}", id, figures.size());
        figures.push_back({report::svg(chart_, name, Placement::page), numbers_});
    }

private:
    std::string title_;
    report::BarChart chart_;
    HtmlTable numbers_;
};

void add_timings(std::vector<Figure>& figures, const record::Line& line, const std::string& id) {
    BarFigure bars("Time of each part", "wall-clock time in seconds");
    for (const Value& each : at(line.facts, {"timings"}).list())
        if (const auto wall = length_at(each, "wall_s"))
            bars.add(text_at(each, "name"), *wall, text::duration(*wall));
    bars.add_to(figures, id);
}

/// compare: the median of each command, between its least and its largest time.
void add_comparison(std::vector<Figure>& figures, const Value& result, const std::string& id) {
    BarFigure bars("Median of each command, from the least to the largest time",
                   "median in seconds");
    for (const Value& row : at(result, {"rows"}).list())
        if (const auto median = length_at(row, "median_s"))
            bars.add(fmt::format("{}: {}", text_at(row, "run"), text_at(row, "command")), *median,
                     text::duration(*median), length_at(row, "min_s"), length_at(row, "max_s"));
    bars.add_to(figures, id);
}

void add_speedup(std::vector<Figure>& figures, const record::Line& line, const std::string& id) {
    const Value result = at(line.facts, {"result"});
    const double usable = length_at(at(line.facts, {"machine"}), "usable").value_or(0);
    report::PlotSeries observed{.name = "measured"};
    HtmlTable numbers{.caption = "Speedup against the number of workers",
                      .columns = {"workers", "speedup", "from", "to"}};
    for (const Value& row : at(result, {"rows"}).list()) {
        const Value count = at(row, {"workers"});
        double workers = count.number().value_or(0);
        if (!count.text().empty()) workers = std::atof(std::string(count.text()).c_str());
        const auto speedup = length_at(row, "speedup");
        if (!speedup || !(workers >= 1 && workers <= 1e5) || numbers.rows.size() == most_rows)
            continue;
        const double low = length_at(row, "speedup_low").value_or(*speedup);
        const double high = length_at(row, "speedup_high").value_or(*speedup);
        observed.points.push_back({workers, *speedup, low, high});
        numbers.rows.push_back({exact(workers), exact(*speedup), exact(low), exact(high)});
    }
    if (observed.points.empty()) return;
    double last = 1;
    for (const report::PlotPoint& each : observed.points) last = std::max(last, each.x);
    if (usable >= 1) last = std::min(last, usable);
    report::Plot plot{.title = "Speedup",
                      .subtitle = "ideal and Amdahl's law up to the usable CPUs",
                      .x_title = "workers",
                      .y_title = "speedup",
                      .series = {{.name = "ideal",
                                  .kind = report::PlotSeries::Kind::line,
                                  .points = {{0, 0}, {last, last}}}},
                      .mark = usable,
                      .mark_title = usable == 1 ? "the one usable CPU"
                                                : fmt::format("the {:g} usable CPUs", usable)};
    if (const auto share = length_at(result, "amdahl_serial_share"); share && *share <= 1) {
        report::PlotSeries curve{.name = fmt::format("Amdahl, {:.3g} % serial", *share * 100),
                                 .kind = report::PlotSeries::Kind::line};
        for (int i = 0; i <= 50; ++i) {
            const double workers = 1 + (last - 1) * i / 50;
            curve.points.push_back({workers, stats::amdahl(*share, workers)});
        }
        plot.series.push_back(std::move(curve));
    }
    plot.series.push_back(std::move(observed));
    const std::string name = fmt::format("{}-{}", id, figures.size());
    figures.push_back({report::svg(plot, name, Placement::page), std::move(numbers)});
}

void add_race(std::vector<Figure>& figures, const Value& result, const std::string& id) {
    BarFigure bars("Time of one update", "nanoseconds");
    if (const auto careless = length_at(result, "careless_ns"))
        bars.add("without a cure, one thread", *careless, fmt::format("{:.3g} ns", *careless));
    for (const Value& cure : at(result, {"cures"}).list())
        if (const auto time = length_at(cure, "update_ns"))
            bars.add(text_at(cure, "name"), *time, fmt::format("{:.3g} ns", *time));
    bars.add_to(figures, id);
}

void add_gil(std::vector<Figure>& figures, const Value& result, const std::string& id) {
    BarFigure bars("Time of tasks that run at once", "wall-clock time in seconds");
    for (const auto& [key, name] : {std::pair{"threads_locked", "threads, one lock"},
                                    {"threads_free", "threads, no lock"},
                                    {"processes", "processes"}})
        for (const char* what : {"computing", "waiting"})
            if (const auto wall = length_at(at(result, {key, what}), "wall_s"))
                bars.add(fmt::format("{}: {}", name, what), *wall, text::duration(*wall));
    bars.add_to(figures, id);
}

void add_chunks(std::vector<Figure>& figures, const Value& result, const std::string& id) {
    for (const auto& [key, title] : {std::pair{"alike", "Time by chunk size, tasks of equal size"},
                                     {"skewed", "Time by chunk size, one longer task"}}) {
        BarFigure bars(title, "wall-clock time in seconds");
        for (const Value& each : at(result, {key}).list())
            if (const auto wall = length_at(each, "wall_s"))
                bars.add("chunk size " + exact(at(each, {"chunksize"})), *wall,
                         text::duration(*wall));
        bars.add_to(figures, id);
    }
}

void add_timeline(std::vector<Figure>& figures, const record::Line& line, const std::string& id) {
    const record::Timeline timeline = record::timeline_from(at(line.facts, {"timeline"}));
    if (timeline.lanes.empty()) return;
    report::LaneChart chart{.title = "What each worker did over time",
                            .description = "Each lane in 80 equal parts of the whole time.",
                            .seconds = timeline.seconds};
    HtmlTable numbers{.caption = "What each worker did over time, in percent of the whole",
                      .columns = {"lane", "working", "waiting for a CPU", "starting", "idle"}};
    for (const record::TimelineLane& lane : timeline.lanes) {
        chart.lanes.push_back({lane.name, lane.parts});
        auto& row = numbers.rows.emplace_back();
        row.push_back(lane.name);
        for (const char mark : {'w', 'r', 's', 'i'})
            row.push_back(exact(std::round(1000.0 * double(std::ranges::count(lane.parts, mark)) /
                                           double(lane.parts.size())) /
                                10));
    }
    if (timeline.left_out > 0)
        chart.title += fmt::format(", {} of {} shown", timeline.lanes.size(),
                                   timeline.lanes.size() + timeline.left_out);
    const std::string name = fmt::format("{}-{}", id, figures.size());
    figures.push_back({report::svg(chart, name, Placement::page), std::move(numbers)});
}

void add_numbers(HtmlTable& table, const std::string& where, const Value& value) {
    if (table.rows.size() == most_rows * 2) return;
    if (const auto* members = std::get_if<Value::Object>(&value.data())) {
        for (const auto& [name, each] : *members)
            add_numbers(table, where.empty() ? name : where + " " + name, each);
        return;
    }
    if (const Value::List list = value.list(); !list.empty()) {
        for (std::size_t i = 0; i < list.size(); ++i)
            add_numbers(table, fmt::format("{} {}", where, i + 1), list[i]);
        return;
    }
    if (std::string shown = exact(value); !shown.empty())
        table.rows.push_back({where, std::move(shown)});
}

/// The title of a figure of predictions. A stranger's file may have any unit.
std::string title_of_unit(const std::string& unit) {
    std::string what = text::printable(unit, 40);
    if (unit == "times as fast") what = "speedup";
    if (unit == "s") what = "seconds";
    if (unit == "%") what = "percent";
    return "Prediction and measurement: " + what;
}

/// The medians of each exercise instead of a row for each prediction.
void sum_up(HtmlTable& table, const std::vector<const Prediction*>& predictions) {
    struct Numbers {
        std::vector<double> predicted, observed;
    };
    std::map<std::string, Numbers> by_name;
    for (const Prediction* each : predictions) {
        if (!by_name.contains(each->name) && by_name.size() == most_rows) continue;
        Numbers& numbers = by_name[each->name];
        numbers.predicted.push_back(each->predicted);
        if (each->observed) numbers.observed.push_back(*each->observed);
    }
    table.columns = {"run", "predictions", "median of what was predicted", "measured",
                     "median of what was measured"};
    table.rows.clear();
    for (const auto& [name, numbers] : by_name)
        table.rows.push_back(
            {name, fmt::to_string(numbers.predicted.size()),
             exact(stats::median(numbers.predicted)), fmt::to_string(numbers.observed.size()),
             numbers.observed.empty() ? "" : exact(stats::median(numbers.observed))});
}

/// Predictions of one unit.
Figure predictions_in(const std::string& unit, const std::vector<const Prediction*>& predictions,
                      const std::string& id) {
    const bool percent = unit == "%"; // 0 % has a place on linear axes alone
    const std::string title = title_of_unit(unit);
    Figure figure{
        .svg = {},
        .numbers = {.caption = title, .columns = {"run", "predicted", "measured", "question"}}};
    report::PlotSeries dots{.name = "a prediction"};
    double least = percent ? 0 : HUGE_VAL, largest = percent ? 100 : 0;
    for (const Prediction* each : predictions) {
        figure.numbers.rows.push_back({each->name, exact(each->predicted),
                                       each->observed ? exact(*each->observed) : "cannot be told",
                                       each->question});
        if (!each->observed) continue;
        const double low = std::min(each->predicted, *each->observed);
        const double high = std::max(each->predicted, *each->observed);
        if (percent ? high > 100 : low < 1e-9) continue; // no place on these axes
        dots.points.push_back({each->predicted, *each->observed, 0, 0});
        least = std::min(least, low);
        largest = std::max(largest, high);
    }
    if (predictions.size() > most_predictions_listed) sum_up(figure.numbers, predictions);
    if (dots.points.empty()) return figure;
    report::Plot plot{.title = title,
                      .subtitle = percent ? "on the line they are equal"
                                          : "on the line they are equal; both axes are logarithmic",
                      .x_title = "predicted",
                      .y_title = "measured",
                      .series = {{.name = "equal",
                                  .kind = report::PlotSeries::Kind::line,
                                  .points = {{least, least}, {largest, largest}}},
                                 std::move(dots)},
                      .scattered = true,
                      .logarithmic = !percent};
    figure.svg = report::svg(plot, id, Placement::page);
    return figure;
}

} // namespace

std::string exact(double number) { return fmt::format("{:.6g}", number); }

std::string exact(const Value& value) {
    if (const auto* truth = std::get_if<bool>(&value.data())) return *truth ? "yes" : "no";
    if (const auto* whole = std::get_if<std::uint64_t>(&value.data()))
        return fmt::to_string(*whole);
    if (const auto* whole = std::get_if<std::int64_t>(&value.data())) return fmt::to_string(*whole);
    if (const auto number = value.number()) return exact(*number);
    return std::string(value.text());
}

std::vector<Figure> figures_of(const record::Line& line, const std::string& id) {
    std::vector<Figure> figures;
    const Value result = at(line.facts, {"result"});
    if (line.name == "compare") add_comparison(figures, result, id);
    if (line.name == "scale") add_speedup(figures, line, id);
    if (line.name == "race") add_race(figures, result, id);
    if (line.name == "gil") add_gil(figures, result, id);
    if (line.name == "chunks") add_chunks(figures, result, id);
    add_timings(figures, line, id);
    add_timeline(figures, line, id);
    return figures;
}

std::optional<Prediction> prediction_of(const record::Line& line) {
    const Value prediction = at(line.facts, {"prediction"});
    const auto predicted = length_at(prediction, "said"), observed = length_at(prediction, "was");
    std::string words = text_at(prediction, "sentence");
    if (!predicted || (!observed && words.empty())) return std::nullopt;
    return Prediction{.name = line.name,
                      .question = text_at(prediction, "question"),
                      .unit = text_at(prediction, "unit"),
                      .predicted = *predicted,
                      .observed = observed,
                      .words = std::move(words)};
}

std::vector<Figure> figures_of(const std::vector<Prediction>& predictions, const std::string& id) {
    std::map<std::string, std::vector<const Prediction*>> by_unit;
    for (const Prediction& each : predictions)
        if (by_unit.contains(each.unit) || by_unit.size() < most_units)
            by_unit[each.unit].push_back(&each);
    std::vector<Figure> figures;
    figures.reserve(by_unit.size());
    for (const auto& [unit, some] : by_unit)
        figures.push_back(predictions_in(unit, some, fmt::format("{}-{}", id, figures.size())));
    return figures;
}

void add_figures(Html& html, const std::vector<Figure>& figures) {
    for (const Figure& figure : figures)
        if (figure.svg.empty())
            html.table(figure.numbers);
        else
            html.figure(figure.svg, figure.numbers);
}

HtmlTable numbers_of(const record::Line& line) {
    HtmlTable table{.caption = "Numbers of this run", .columns = {"name", "value"}};
    add_numbers(table, "", at(line.facts, {"result"}));
    add_numbers(table, "option", at(line.facts, {"options"}));
    return table;
}

} // namespace mpworkshop::page
