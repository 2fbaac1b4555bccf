#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "mpworkshop/sys/terminal.hpp"

namespace mpworkshop::sys {

/// One state of the bar: "[#####.....]  50 %  about 3 s left", no wider than the terminal.
std::string progress_line(double fraction, double elapsed_seconds, const Terminal& terminal);

/// A progress bar on standard error while it exists; none if that is not a terminal, and none in
/// the first moments. Make it after the pool: it is a thread, and workers are forked.
class ProgressBar {
public:
    /// `fraction`, 0 to 1, is called from the bar's own thread.
    ProgressBar(bool wanted, std::function<double()> fraction);
    /// Takes the bar off the screen.
    ~ProgressBar();
    ProgressBar(const ProgressBar&) = delete;
    ProgressBar& operator=(const ProgressBar&) = delete;

private:
    void draw(const Terminal& terminal);

    std::function<double()> fraction_;
    std::mutex mutex_;
    std::condition_variable changed_;
    bool done_ = false;
    std::thread thread_;
};

} // namespace mpworkshop::sys
