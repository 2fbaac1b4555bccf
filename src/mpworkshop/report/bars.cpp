#include "mpworkshop/report/bars.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace mpworkshop::report {
namespace {

/// Eighths of a column, 1 to 8.
constexpr std::array<const char*, 9> blocks = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉", "█"};

std::string drawn(double columns, const sys::Terminal& terminal) {
    if (!terminal.utf8) return std::string(std::size_t(std::max(1.0, std::round(columns))), '#');
    const auto eighths = std::size_t(std::max(1.0, std::round(columns * 8)));
    std::string bar;
    for (std::size_t i = 0; i < eighths / 8; ++i) bar += blocks.back();
    return bar + blocks[eighths % 8];
}

} // namespace

std::string bars(const std::vector<Bar>& bars, const sys::Terminal& terminal) {
    std::size_t label = 0, shown = 0;
    double largest = 0;
    for (const Bar& bar : bars) {
        label = std::max(label, bar.label.size());
        shown = std::max(shown, bar.shown.size());
        largest = std::max(largest, bar.size);
    }
    const std::size_t taken = label + 2 + shown + 2 + 1; // the last column stays free
    const std::size_t room = terminal.width > taken + 8 ? terminal.width - taken : 8;
    std::string lines;
    for (const Bar& bar : bars) {
        lines += fmt::format("{:<{}}  {:>{}}", bar.label, label, bar.shown, shown);
        if (bar.size > 0) lines += "  " + drawn(bar.size / largest * double(room), terminal);
        lines += "\n";
    }
    return lines;
}

} // namespace mpworkshop::report
