#include "mpworkshop/report/gnuplot.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "mpworkshop/input/error.hpp"
#include "mpworkshop/sys/command.hpp"
#include "mpworkshop/sys/output_file.hpp"
#include "mpworkshop/text/text.hpp"

namespace mpworkshop::report {
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 3> terminals = {{
    {".svg",
     "svg size 800,500 dynamic font 'DejaVu Sans,Helvetica,sans-serif,14' background 'white'"},
    {".png", "pngcairo size 1200,750 font 'DejaVu Sans,17' linewidth 1.6 background 'white'"},
    {".pdf", "pdfcairo size 16cm,10cm font 'DejaVu Sans,11' linewidth 1.2"},
}};

const std::string_view* terminal_of(const std::string& path) {
    const auto found = std::ranges::find_if(
        terminals, [&](const auto& each) { return path.ends_with(each.first); });
    return found == terminals.end() ? nullptr : &found->second;
}

/// In gnuplot's single quotes only the quote itself is special.
std::string in_quotes(std::string_view words) {
    std::string quoted = "'";
    for (const char c : text::printable(words, 200)) quoted += c == '\'' ? "''" : std::string(1, c);
    return quoted + "'";
}

sys::Ended run(const std::vector<std::string>& words, std::string_view input) {
    try {
        return sys::run_command(words, input);
    } catch (const std::system_error& error) {
        if (error.code().value() != ENOENT) throw;
        throw std::runtime_error(
            "--plot draws with gnuplot, which is not there; install it (apt install gnuplot-nox), "
            "or leave --plot out");
    }
}

// Colors that people with color blindness can tell apart: M. Okabe and K. Ito, 2008.
constexpr const char* data_color = "#0072b2";
constexpr std::array<const char*, 2> lines = {"#8a8a8a", "#d55e00"};

} // namespace

void expect_picture_name(const std::string& path) {
    if (terminal_of(path) == nullptr)
        throw UsageError(
            fmt::format("--plot: {} does not end in .svg, .png or .pdf; give a name such as "
                        "scaling.svg",
                        text::quoted(path)));
}

std::string gnuplot_script(const Plot& plot, const std::string& path) {
    const PlotPoint largest = extent(plot);
    const double x_end = largest.x * 1.04, y_end = largest.y * 1.08;
    std::string script = fmt::format(
        "set terminal {}\n"
        "set title {} noenhanced offset 0,0.4\n"
        "set xlabel {} noenhanced\nset ylabel {} noenhanced\n"
        "set xrange [0:{}]\nset yrange [0:{}]\n"
        "set border 3 linecolor '#404040'\nset tics nomirror out textcolor '#404040'\n"
        "set grid ytics linetype 1 linecolor '#e4e4e4'\n"
        "set key top left reverse Left noenhanced samplen 2.5\n",
        *terminal_of(path), in_quotes(plot.title) + ".\"\\n\"." + in_quotes(plot.subtitle),
        in_quotes(plot.x_title), in_quotes(plot.y_title), x_end, y_end);

    std::string ticks, data, curves;
    std::size_t line = 0;
    for (std::size_t i = 0; i < plot.series.size(); ++i) {
        const PlotSeries& series = plot.series[i];
        data += fmt::format("$data{} << end\n", i);
        for (const PlotPoint& each : series.points)
            data += fmt::format("{} {} {} {}\n", each.x, each.y, each.low, each.high);
        data += "end\n";
        const auto add = [&](const std::string& with, const std::string& title) {
            curves += fmt::format("{}$data{} using {} {}", curves.empty() ? "" : ", \\\n     ", i,
                                  with, title);
        };
        const std::string name = "title " + in_quotes(series.name) + " noenhanced";
        if (series.kind == PlotSeries::Kind::line) {
            add(fmt::format("1:2 with lines linewidth 2 dashtype {} linecolor rgb '{}'",
                            line == 0 ? "(6,5)" : "1", lines[std::min<std::size_t>(line, 1)]),
                name);
            ++line;
            continue;
        }
        for (const PlotPoint& each : series.points)
            ticks += fmt::format("{}{}", ticks.empty() ? "" : ",", each.x);
        add(fmt::format("1:2 with lines linewidth 1.5 linecolor rgb '{}'", data_color), "notitle");
        add(fmt::format("1:2:3:4 with yerrorbars pointtype 7 pointsize 1.1 linewidth 1.5 "
                        "linecolor rgb '{}'",
                        data_color),
            name);
    }
    script += fmt::format("set xtics ({})\n", ticks) + data;
    if (plot.mark > 0 && plot.mark < x_end)
        script += fmt::format(
            "set object rectangle from {0},graph 0 to graph 1,graph 1 behind fillcolor rgb "
            "'#f3f1ea' fillstyle solid noborder\n"
            "set arrow from {0},graph 0 to {0},graph 1 nohead linewidth 1.2 dashtype 3 "
            "linecolor rgb '#404040'\n"
            "set label {1} noenhanced at {0},graph 0.06 offset 0.8,0 textcolor rgb '#404040'\n",
            plot.mark, in_quotes(plot.mark_title));
    return script + "plot " + curves + "\n";
}

void expect_gnuplot() { run({"gnuplot", "--version"}, {}); }

void draw_by_gnuplot(const Plot& plot, const std::string& path) {
    // It writes to a file that is always writable, and this program reports errors of the real one.
    const sys::Ended ended = run({"gnuplot", "-"}, gnuplot_script(plot, path));
    if (ended.status != 0 || ended.out.empty())
        throw std::runtime_error(fmt::format("gnuplot could not draw {}: {}", text::quoted(path),
                                             ended.err.empty()
                                                 ? fmt::format("it ended with {}", ended.status)
                                                 : text::printable(ended.err, 200)));
    sys::write_all(path, ended.out);
}

} // namespace mpworkshop::report
