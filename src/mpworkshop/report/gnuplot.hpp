#pragma once

#include <string>

#include "mpworkshop/report/plot.hpp"

namespace mpworkshop::report {

/// Whether gnuplot can write this file: its name ends in .svg, .png or .pdf.
/// Errors: UsageError naming the endings.
void expect_picture_name(const std::string& path);

/// The gnuplot script that draws the plot on standard output: settings, the data, one command.
std::string gnuplot_script(const Plot& plot, const std::string& path);

/// Draws it into a file by running gnuplot; an existing file is replaced. Blocks until that is
/// done. Errors: std::runtime_error if there is no gnuplot, it fails, or the file cannot be
/// written; mp::Interrupted.
void draw_by_gnuplot(const Plot& plot, const std::string& path);

/// Checks, before long work, that there is a gnuplot. Errors: std::runtime_error.
void expect_gnuplot();

} // namespace mpworkshop::report
