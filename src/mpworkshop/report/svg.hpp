#pragma once

#include <string>
#include <string_view>

namespace mpworkshop::report {

/// Where a picture stands: alone in a file, with its own colors and on white; or in a page, whose
/// style sheet has svg_style().
enum class Placement { file, page };

/// The colors and strokes of all pictures, light and dark, for a <style> element.
std::string svg_style();

/// A drawing in the making. Lengths are pixels, y grows downwards; each shape has a class of
/// svg_style(). All texts are escaped here.
class Svg {
public:
    enum class Anchor { start, middle, end };

    Svg(double width, double height) : width_(width), height_(height) {}

    void line(double x1, double y1, double x2, double y2, std::string_view style);
    void rectangle(double x, double y, double width, double height, std::string_view style);
    void circle(double x, double y, double radius, std::string_view style);
    /// Begins, goes on with and ends one line of many points.
    void begin_path(double x, double y);
    void path_to(double x, double y);
    /// Adds a dot to it, for a style with round ends. Many in one path take little room.
    void path_dot(double x, double y);
    /// Adds a rectangle to it; many in one path take little room.
    void path_rectangle(double x, double y, double width, double height);
    void end_path(std::string_view style);
    /// The same, filled by a pattern: "hatch" or "crowded". Nothing for a path without a point.
    void end_hatched_path(std::string_view style, std::string_view pattern);
    void text(double x, double y, Anchor anchor, std::string_view words,
              std::string_view style = "label");
    /// From the bottom up.
    void vertical_text(double x, double y, std::string_view words);

    double width() const { return width_; }
    double height() const { return height_; }

    /// The whole, with a title and a description for those who do not see it. `id` is unique in the
    /// page.
    std::string finished(std::string_view id, std::string_view title, std::string_view description,
                         Placement placement) const;

private:
    double width_, height_;
    std::string shapes_, path_;
};

} // namespace mpworkshop::report
