#include "mpworkshop/report/svg.hpp"

#include <fmt/format.h>

#include <cmath>
#include <tuple>

#include "mpworkshop/report/markup.hpp"

namespace mpworkshop::report {
namespace {

/// A length with one digit behind the point, without a needless one.
std::string at(double length) {
    return fmt::format("{:g}", std::isfinite(length) ? std::round(length * 10) / 10 : 0.0);
}

// Colors that people who see red and green as one can tell apart: M. Okabe and K. Ito, 2008.
// Texts have a contrast of 4.5 to 1 at least, shapes of 3 to 1.
constexpr std::string_view style_sheet =
    R"(svg.picture{--paper:#ffffff;--ink:#1f2328;--soft:#59636e;--grid:#d8dee4;--data:#0072b2;--model:#b04a00;--idle:#6e7781;--start:#8250a0}
@media (prefers-color-scheme:dark){svg.picture:not(.alone){--paper:#0d1117;--ink:#e6edf3;--soft:#a8b3bd;--grid:#3d444d;--data:#56b4e9;--model:#f0a35e;--idle:#8b949e;--start:#c8a2e8}}
@media print{svg.picture{--paper:#ffffff;--ink:#1f2328;--soft:#59636e;--grid:#d8dee4;--data:#0072b2;--model:#b04a00;--idle:#6e7781;--start:#8250a0}}
svg.picture text{font:14px system-ui,"DejaVu Sans",Helvetica,Arial,sans-serif;fill:var(--ink)}
svg.picture .soft{fill:var(--soft)}
svg.picture .head{font-weight:600}
svg.picture .paper{fill:var(--paper)}
svg.picture .axis{stroke:var(--soft);stroke-width:1}
svg.picture .grid{stroke:var(--grid);stroke-width:1}
svg.picture .ideal{stroke:var(--soft);stroke-width:2;stroke-dasharray:7 5;fill:none}
svg.picture .model{stroke:var(--model);stroke-width:2;fill:none}
svg.picture .data{stroke:var(--data);stroke-width:1.5;fill:none}
svg.picture .dot{fill:var(--data);stroke:var(--paper);stroke-width:1}
svg.picture .dots{fill:none;stroke:var(--data);stroke-width:8;stroke-linecap:round}
svg.picture .whisker{stroke:var(--ink);stroke-width:1.5}
svg.picture .bar,svg.picture .work{fill:var(--data)}
svg.picture .other{fill:var(--model)}
svg.picture .start{fill:var(--start)}
svg.picture .idle{fill:var(--idle)}
svg.picture .ready{stroke:var(--model);stroke-width:1}
svg.picture .hatch{stroke:var(--model);stroke-width:3}
svg.picture .crowded{stroke:var(--grid);stroke-width:3}
svg.picture .mark{stroke:var(--soft);stroke-width:1.2;stroke-dasharray:2 3}
)";

/// Stands for the identifier, which is known in the end; no text that was escaped holds it.
constexpr std::string_view id_of_picture = "<id>";

std::string with_id(std::string shapes, std::string_view id) {
    for (std::size_t at = 0; (at = shapes.find(id_of_picture, at)) != shapes.npos;
         at += id.size() + 1)
        shapes.replace(at, id_of_picture.size(), std::string(id) + "-");
    return shapes;
}

/// Lines that lean, for what is told apart without color.
std::string patterns(std::string_view id) {
    std::string both;
    for (const auto& [name, style, distance] :
         {std::tuple{"hatch", "hatch", 6}, {"crowded", "crowded", 12}})
        both += fmt::format(
            "<pattern id=\"{0}-{1}\" width=\"{3}\" height=\"{3}\" patternUnits=\"userSpaceOnUse\" "
            "patternTransform=\"rotate(45)\"><line x1=\"0\" y1=\"0\" x2=\"0\" y2=\"{3}\" "
            "class=\"{2}\"/></pattern>\n",
            id, name, style, distance);
    return "<defs>\n" + both + "</defs>\n";
}

} // namespace

std::string svg_style() { return std::string(style_sheet); }

void Svg::line(double x1, double y1, double x2, double y2, std::string_view style) {
    shapes_ += fmt::format("<line x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\" class=\"{}\"/>\n", at(x1),
                           at(y1), at(x2), at(y2), style);
}

void Svg::rectangle(double x, double y, double width, double height, std::string_view style) {
    shapes_ += fmt::format("<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" class=\"{}\"/>\n",
                           at(x), at(y), at(width), at(height), style);
}

void Svg::circle(double x, double y, double radius, std::string_view style) {
    shapes_ += fmt::format("<circle cx=\"{}\" cy=\"{}\" r=\"{}\" class=\"{}\"/>\n", at(x), at(y),
                           at(radius), style);
}

void Svg::begin_path(double x, double y) { path_ = fmt::format("M{} {}", at(x), at(y)); }

void Svg::path_to(double x, double y) { path_ += fmt::format("L{} {}", at(x), at(y)); }

void Svg::path_dot(double x, double y) { path_ += fmt::format("M{} {}h0", at(x), at(y)); }

void Svg::path_rectangle(double x, double y, double width, double height) {
    path_ += fmt::format("M{} {}h{}v{}h{}z", at(x), at(y), at(width), at(height), at(-width));
}

void Svg::end_path(std::string_view style) {
    if (!path_.empty()) shapes_ += fmt::format("<path d=\"{}\" class=\"{}\"/>\n", path_, style);
    path_.clear();
}

void Svg::end_hatched_path(std::string_view style, std::string_view pattern) {
    if (!path_.empty())
        shapes_ += fmt::format("<path d=\"{}\" class=\"{}\" fill=\"url(#{}{})\"/>\n", path_, style,
                               id_of_picture, pattern);
    path_.clear();
}

void Svg::text(double x, double y, Anchor anchor, std::string_view words, std::string_view style) {
    const char* where = anchor == Anchor::start    ? "start"
                        : anchor == Anchor::middle ? "middle"
                                                   : "end";
    shapes_ += fmt::format("<text x=\"{}\" y=\"{}\" text-anchor=\"{}\" class=\"{}\">{}</text>\n",
                           at(x), at(y), where, style, escaped(words));
}

void Svg::vertical_text(double x, double y, std::string_view words) {
    shapes_ += fmt::format("<text x=\"{0}\" y=\"{1}\" text-anchor=\"middle\" class=\"soft\" "
                           "transform=\"rotate(-90 {0} {1})\">{2}</text>\n",
                           at(x), at(y), escaped(words));
}

std::string Svg::finished(std::string_view id, std::string_view title, std::string_view description,
                          Placement placement) const {
    const bool alone = placement == Placement::file;
    std::string size = fmt::format("viewBox=\"0 0 {} {}\"", at(width_), at(height_));
    if (alone) size += fmt::format(" width=\"{}\" height=\"{}\"", at(width_), at(height_));
    std::string picture = fmt::format(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"picture{}\" {} role=\"img\" "
        "aria-labelledby=\"{}-title {}-about\">\n"
        "<title id=\"{}-title\">{}</title>\n<desc id=\"{}-about\">{}</desc>\n",
        alone ? " alone" : "", size, id, id, id, escaped(title), id, escaped(description, 2000));
    if (alone) {
        // Converters know no variables of CSS.
        std::string style;
        std::string_view sheet = style_sheet;
        const std::string_view variables = sheet.substr(0, sheet.find('\n'));
        sheet.remove_prefix(variables.size() + 1);
        while (sheet.starts_with("@media")) sheet.remove_prefix(sheet.find('\n') + 1);
        for (std::size_t i = 0; i < sheet.size();) {
            if (!sheet.substr(i).starts_with("var(")) {
                style += sheet[i++];
                continue;
            }
            const std::string_view name = sheet.substr(i + 4, sheet.find(')', i) - i - 4);
            const std::size_t value = variables.find(std::string(name) + ":") + name.size() + 1;
            style += variables.substr(value, variables.find_first_of(";}", value) - value);
            i = sheet.find(')', i) + 1;
        }
        picture += "<style>\n" + style + "</style>\n";
        picture += fmt::format("<rect width=\"{}\" height=\"{}\" class=\"paper\"/>\n", at(width_),
                               at(height_));
    }
    if (shapes_.find(id_of_picture) != shapes_.npos) picture += patterns(id);
    return picture + with_id(shapes_, id) + "</svg>\n";
}

} // namespace mpworkshop::report
