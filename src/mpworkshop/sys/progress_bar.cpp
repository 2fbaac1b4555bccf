#include "mpworkshop/sys/progress_bar.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <system_error>

#include "mpworkshop/sys/signals.hpp"
#include "mpworkshop/text/text.hpp"

namespace mpworkshop::sys {
namespace {

using Clock = std::chrono::steady_clock;
constexpr auto patience = std::chrono::milliseconds(300); // shorter work needs no bar
constexpr auto interval = std::chrono::milliseconds(100);

void put(std::string_view text) {
    [[maybe_unused]] const auto n = ::write(STDERR_FILENO, text.data(), text.size());
}

} // namespace

std::string progress_line(double fraction, double elapsed_seconds, const Terminal& terminal) {
    fraction = std::clamp(fraction, 0.0, 1.0);
    std::string words = fmt::format(" {:3.0f} %", fraction * 100);
    if (fraction > 0.01)
        words += fmt::format("  about {:.0f} s left",
                             std::max(1.0, elapsed_seconds * (1 - fraction) / fraction));
    const int room =
        std::min(40, static_cast<int>(terminal.width) - static_cast<int>(words.size()) - 3);
    if (room < 5) return words.substr(0, terminal.width > 0 ? terminal.width - 1 : 0);
    const int full = static_cast<int>(fraction * room);
    std::string bar = "[";
    for (int i = 0; i < room; ++i) bar += i >= full ? "." : terminal.utf8 ? "\u2588" : "#";
    return bar + "]" + words;
}

ProgressBar::ProgressBar(bool wanted, std::function<double()> fraction)
    : fraction_(std::move(fraction)) {
    const Terminal terminal = error_terminal();
    if (!wanted || !terminal.moves) return;
    try {
        thread_ = std::thread([this, terminal] { draw(terminal); });
    } catch (const std::system_error&) { // without a thread there is no bar
    }
}

ProgressBar::~ProgressBar() {
    if (!thread_.joinable()) return;
    {
        const std::lock_guard lock(mutex_);
        done_ = true;
    }
    changed_.notify_one();
    thread_.join();
}

void ProgressBar::draw(const Terminal& terminal) {
    leave_signals_to_main_thread();
    const auto begin = Clock::now();
    bool drawn = false;
    std::unique_lock lock(mutex_);
    while (!changed_.wait_for(lock, drawn ? interval : patience, [this] { return done_; })) {
        const std::chrono::duration<double> elapsed = Clock::now() - begin;
        put("\r" + progress_line(fraction_(), elapsed.count(), terminal) + "\x1b[K");
        drawn = true;
    }
    if (drawn) put("\r\x1b[K");
}

} // namespace mpworkshop::sys
