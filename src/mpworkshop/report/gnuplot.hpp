#pragma once

#include <string>

#include "mpworkshop/report/plot.hpp"

namespace mpworkshop::report {

/// Whether gnuplot can write this file: its name ends in .svg, .png or .pdf.
/// Errors: UsageError naming the endings.
void expect_picture_name(const std::string& path);

/// What gnuplot reads to draw the plot on its standard output: settings, the data, one command.
std::string gnuplot_script(const Plot& plot, const std::string& path);

/// Draws it into a file by running gnuplot, replacing one that is there.
/// Blocks: until that is done. Errors: std::runtime_error where there is no gnuplot, or it fails,
/// or the file cannot be written; mp::Interrupted.
void draw_by_gnuplot(const Plot& plot, const std::string& path);

/// Finds out before long work that there is a gnuplot. Errors: std::runtime_error.
void expect_gnuplot();

} // namespace mpworkshop::report
