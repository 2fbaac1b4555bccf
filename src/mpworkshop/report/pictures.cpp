#include "mpworkshop/report/pictures.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "mpworkshop/text/text.hpp"

namespace mpworkshop::report {
namespace {

using Anchor = Svg::Anchor;

/// More dots than this are drawn small, without their ranges, and as one path, which takes little
/// room.
constexpr std::size_t most_single_dots = 60;

constexpr double picture_width = 760;

/// An axis: numbers on one side, pixels on the other.
class Axis {
public:
    /// From 0 to `largest`, at least.
    static Axis linear(double largest, double begin_px, double end_px) {
        Axis axis(begin_px, end_px);
        if (!(largest > 1e-200)) largest = 1; // also what is no number
        largest = std::min(largest, 1e200);
        const double unit = std::pow(10, std::floor(std::log10(largest / 5)));
        double step = unit * 10;
        for (const double factor : {1.0, 2.0, 5.0})
            if (largest / (unit * factor) <= 6) {
                step = unit * factor;
                break;
            }
        axis.high_ = std::max(largest * 1.05, step);
        for (int i = 0; i * step <= axis.high_ * 1.0001; ++i) axis.ticks_.push_back(i * step);
        return axis;
    }

    /// Whole powers of ten around all of these, of which none is zero or less.
    static Axis logarithmic(double least, double largest, double begin_px, double end_px) {
        Axis axis(begin_px, end_px);
        axis.logarithmic_ = true;
        const double first = std::floor(std::log10(least));
        const double last = std::max(first + 1, std::ceil(std::log10(largest)));
        axis.low_ = first;
        axis.high_ = last;
        const double step = std::max(1.0, std::ceil((last - first) / 8));
        for (double power = first; power <= last; power += step)
            axis.ticks_.push_back(std::pow(10, power));
        return axis;
    }

    double position(double number) const {
        const double along = logarithmic_ ? std::log10(number) : number;
        return begin_px_ + (along - low_) / (high_ - low_) * (end_px_ - begin_px_);
    }
    const std::vector<double>& ticks() const { return ticks_; }
    double high() const { return logarithmic_ ? std::pow(10, high_) : high_; }

    static std::string shown(double tick) {
        return fmt::format("{:g}", std::abs(tick) < 1e-12 ? 0 : tick);
    }

private:
    Axis(double begin_px, double end_px) : begin_px_(begin_px), end_px_(end_px) {}

    double begin_px_, end_px_, low_ = 0, high_ = 1;
    bool logarithmic_ = false;
    std::vector<double> ticks_;
};

/// Least and largest of what is drawn on logarithmic axes.
std::pair<double, double> range_of(const Plot& plot) {
    double least = HUGE_VAL, largest = 0;
    for (const PlotSeries& series : plot.series)
        for (const PlotPoint& each : series.points)
            for (const double number : {each.x, each.y})
                if (number > 1e-200 && number < 1e200) {
                    least = std::min(least, number);
                    largest = std::max(largest, number);
                }
    return largest > 0 ? std::pair(least, largest) : std::pair(0.1, 10.0);
}

class PlotPicture {
public:
    explicit PlotPicture(const Plot& plot)
        : plot_(plot), svg_(picture_width, height), x_(axis(extent(plot).x, left, right)),
          y_(axis(extent(plot).y, bottom, top)) {}

    std::string drawn(std::string_view id, Placement placement) {
        svg_.text(left, 26, Anchor::start, plot_.title, "head");
        svg_.text(left, 46, Anchor::start, plot_.subtitle, "soft");
        draw_mark();
        draw_axes();
        for (const PlotSeries& series : plot_.series) draw(series);
        draw_key();
        return svg_.finished(id, plot_.title, description(), placement);
    }

private:
    static constexpr double height = 470, left = 70, right = picture_width - 30, top = 100,
                            bottom = height - 62;

    Axis axis(double largest, double begin, double end) const {
        if (!plot_.logarithmic) return Axis::linear(largest, begin, end);
        const auto [least, most] = range_of(plot_);
        return Axis::logarithmic(least, most, begin, end);
    }

    void draw_axes() {
        for (const double tick : y_.ticks()) {
            const double y = y_.position(tick);
            svg_.line(left, y, right, y, "grid");
            svg_.text(left - 8, y + 5, Anchor::end, Axis::shown(tick), "soft");
        }
        svg_.line(left, bottom, right, bottom, "axis");
        svg_.line(left, top, left, bottom, "axis");
        double free_from = -1;
        for (const double tick : x_ticks()) {
            const double x = x_.position(tick);
            if (x < free_from) continue;
            svg_.line(x, bottom, x, bottom + 5, "axis");
            svg_.text(x, bottom + 22, Anchor::middle, Axis::shown(tick), "soft");
            free_from = x + 9 * double(Axis::shown(tick).size()) + 8;
        }
        svg_.text((left + right) / 2, height - 14, Anchor::middle, plot_.x_title, "soft");
        svg_.vertical_text(20, (top + bottom) / 2, plot_.y_title);
    }

    /// Where few points are, their own x says more than round numbers.
    std::vector<double> x_ticks() const {
        if (plot_.logarithmic) return x_.ticks();
        std::vector<double> ticks;
        for (const PlotSeries& series : plot_.series)
            if (series.kind == PlotSeries::Kind::points)
                for (const PlotPoint& each : series.points) ticks.push_back(each.x);
        std::ranges::sort(ticks);
        ticks.erase(std::ranges::unique(ticks).begin(), ticks.end());
        return ticks.empty() || ticks.size() > 12 ? x_.ticks() : ticks;
    }

    void draw_mark() {
        if (plot_.mark <= 0 || plot_.mark >= x_.high()) return;
        const double x = x_.position(plot_.mark);
        svg_.path_rectangle(x, top, right - x, bottom - top);
        svg_.end_hatched_path("area", "crowded");
        svg_.line(x, top, x, bottom, "mark");
        const bool is_far = x > (left + right) / 2;
        svg_.text(is_far ? x - 6 : x + 6, bottom - 10, is_far ? Anchor::end : Anchor::start,
                  plot_.mark_title, "soft");
    }

    void draw(const PlotSeries& series) {
        if (series.points.empty()) return;
        const bool points = series.kind == PlotSeries::Kind::points;
        if (!points || (!plot_.scattered && series.points.size() > 1)) {
            svg_.begin_path(x_.position(series.points[0].x), y_.position(series.points[0].y));
            for (std::size_t i = 1; i < series.points.size(); ++i)
                svg_.path_to(x_.position(series.points[i].x), y_.position(series.points[i].y));
            svg_.end_path(points ? "data" : style_of(series));
        }
        if (!points) return;
        if (series.points.size() > most_single_dots) {
            for (const PlotPoint& each : series.points)
                svg_.path_dot(x_.position(each.x), y_.position(each.y));
            return svg_.end_path("dots");
        }
        for (const PlotPoint& each : series.points) {
            const double x = x_.position(each.x), y = y_.position(each.y);
            if (each.high > each.low && !plot_.logarithmic) {
                const double low = y_.position(each.low), high = y_.position(each.high);
                svg_.line(x, low, x, high, "whisker");
                svg_.line(x - 5, low, x + 5, low, "whisker");
                svg_.line(x - 5, high, x + 5, high, "whisker");
            }
            svg_.circle(x, y, 5, "dot");
        }
    }

    void draw_key() {
        double x = left;
        for (const PlotSeries& series : plot_.series) {
            if (series.points.empty()) continue;
            if (series.kind == PlotSeries::Kind::points)
                svg_.circle(x + 14, 72, 5, "dot");
            else
                svg_.line(x, 72, x + 28, 72, style_of(series));
            svg_.text(x + 36, 77, Anchor::start, series.name);
            x += 36 + 8.5 * double(series.name.size()) + 26;
        }
    }

    const char* style_of(const PlotSeries& series) const {
        return &series == &plot_.series.front() ? "ideal" : "model";
    }

    std::string description() const {
        std::string words =
            fmt::format("{}. {} against {}.", plot_.subtitle, plot_.y_title, plot_.x_title);
        for (const PlotSeries& series : plot_.series) {
            if (series.kind != PlotSeries::Kind::points || series.points.size() > 20) continue;
            words += " " + series.name + ":";
            for (const PlotPoint& each : series.points) {
                words += fmt::format(" {:.3g} at {:g}", each.y, each.x);
                if (each.high > each.low)
                    words += fmt::format(" ({:.3g} to {:.3g})", each.low, each.high);
                words += &each == &series.points.back() ? "." : ",";
            }
        }
        return words;
    }

    const Plot& plot_;
    Svg svg_;
    Axis x_, y_;
};

std::size_t longest_label(const BarChart& chart) {
    std::size_t longest = 0;
    for (const BarChart::Row& row : chart.rows) longest = std::max(longest, row.label.size());
    return std::min<std::size_t>(longest, 34);
}

struct PartKind {
    char mark;
    const char* meaning;
};

constexpr std::array<PartKind, 4> part_kinds = {
    {{'w', "working"}, {'r', "waiting for a CPU"}, {'s', "starting"}, {'i', "idle"}}};

/// The parts of one kind that a lane has; `width` is that of a part.
void draw_parts(Svg& svg, char mark, std::string_view parts, double x, double y, double width) {
    constexpr double lane = 18;
    const double height = mark == 's' ? lane - 8 : mark == 'i' ? 2 : lane;
    for (std::size_t i = 0; i < parts.size();) {
        const std::size_t end = std::min(parts.find_first_not_of(parts[i], i), parts.size());
        if (parts[i] == mark)
            svg.path_rectangle(x + double(i) * width, y + (lane - height) / 2,
                               double(end - i) * width, height);
        i = end;
    }
    if (mark == 'r')
        svg.end_hatched_path("ready", "hatch");
    else
        svg.end_path(mark == 'w' ? "work" : mark == 's' ? "start" : "idle");
}

} // namespace

std::string svg(const Plot& plot, std::string_view id, Placement placement) {
    return PlotPicture(plot).drawn(id, placement);
}

std::string svg(const BarChart& chart, std::string_view id, Placement placement) {
    constexpr double row_height = 34, top = 46;
    double largest = 0;
    std::size_t shown = 0;
    for (const BarChart::Row& row : chart.rows) {
        largest = std::max({largest, row.size, row.high.value_or(0)});
        shown = std::max(shown, row.shown.size());
    }
    const double left = 20 + 8.5 * double(longest_label(chart));
    const double right = picture_width - 20 - 8.5 * double(shown);
    Svg picture(picture_width, top + row_height * double(chart.rows.size()) + 10);
    picture.text(10, 26, Anchor::start, chart.title, "head");
    const auto x_of = [&](double size) {
        return largest > 0 ? left + size / largest * (right - left) : left;
    };
    double y = top;
    for (const BarChart::Row& row : chart.rows) {
        picture.text(left - 8, y + 17, Anchor::end, text::printable(row.label, 34));
        picture.rectangle(left, y, std::max(1.0, x_of(row.size) - left), 22, "bar");
        double end = x_of(row.size);
        if (row.low && row.high && *row.high > *row.low) {
            const double low = x_of(*row.low), high = x_of(*row.high);
            picture.line(low, y + 11, high, y + 11, "whisker");
            picture.line(low, y + 5, low, y + 17, "whisker");
            picture.line(high, y + 5, high, y + 17, "whisker");
            end = std::max(end, high);
        }
        picture.text(end + 8, y + 17, Anchor::start, row.shown);
        y += row_height;
    }
    picture.line(left, top - 6, left, y, "axis");
    return picture.finished(id, chart.title, chart.description, placement);
}

std::string svg(const LaneChart& chart, std::string_view id, Placement placement) {
    constexpr double row_height = 26, top = 74;
    std::size_t longest = 0;
    for (const LaneChart::Lane& lane : chart.lanes) longest = std::max(longest, lane.name.size());
    const double left = 20 + 8.5 * double(longest), right = picture_width - 20;
    const double bottom = top + row_height * double(chart.lanes.size());
    Svg picture(picture_width, bottom + 50);
    picture.text(10, 26, Anchor::start, chart.title, "head");
    double key = 10;
    for (const PartKind& kind : part_kinds) {
        if (std::ranges::none_of(chart.lanes, [&](const LaneChart::Lane& lane) {
                return lane.parts.find(kind.mark) != std::string::npos;
            }))
            continue;
        draw_parts(picture, kind.mark, std::string_view(&kind.mark, 1), key, 40, 28);
        picture.text(key + 36, 54, Anchor::start, kind.meaning);
        key += 36 + 8.5 * double(std::string_view(kind.meaning).size()) + 24;
    }
    double y = top;
    for (const LaneChart::Lane& lane : chart.lanes) {
        picture.text(left - 8, y + 15, Anchor::end, lane.name);
        const double width = (right - left) / double(std::max<std::size_t>(1, lane.parts.size()));
        for (const PartKind& kind : part_kinds)
            draw_parts(picture, kind.mark, lane.parts, left, y, width);
        y += row_height;
    }
    picture.line(left, bottom + 2, right, bottom + 2, "axis");
    for (int i = 0; i <= 4; ++i) {
        const double x = left + (right - left) * i / 4;
        picture.line(x, bottom + 2, x, bottom + 7, "axis");
        picture.text(x, bottom + 24,
                     i == 0   ? Anchor::start
                     : i == 4 ? Anchor::end
                              : Anchor::middle,
                     i == 0 ? "0 s" : text::duration(chart.seconds * i / 4), "soft");
    }
    return picture.finished(id, chart.title, chart.description, placement);
}

} // namespace mpworkshop::report
