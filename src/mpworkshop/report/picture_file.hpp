#pragma once

#include <string>

#include "mpworkshop/report/plot.hpp"

namespace mpworkshop::report {

/// Whether a picture can have this name: it ends in .svg, .png or .pdf. Errors: UsageError naming
/// the endings.
void expect_picture_name(const std::string& path);

/// Finds out before long work that a picture of that name can be made: SVG needs nothing, PNG and
/// PDF need rsvg-convert or chromium. Errors: std::runtime_error saying what to install.
void expect_converter(const std::string& path);

/// Draws the plot into the file, replacing one that is there.
/// Blocks: until a converter, if one is needed, has ended. Errors: std::runtime_error where there
/// is none, or it fails, or the file cannot be written; mp::Interrupted.
void write_picture(const Plot& plot, const std::string& path);

} // namespace mpworkshop::report
