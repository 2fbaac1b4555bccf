#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

#include "mpworkshop/kit/exercise.hpp"
#include "mpworkshop/kit/python.hpp"

namespace mpworkshop::kit {

/// The report of threads-io: tasks that wait, in a loop and in threads, with a line at the end of
/// each.
class WaitingReport {
public:
    using Task = std::function<void(int number)>;
    /// Calls the task with 1, 2 and so on.
    using Ways = std::function<void(int tasks, const Task& task)>;

    /// Says how long it will take.
    WaitingReport(Run& run, std::uint64_t tasks, double seconds, const Way& way);

    /// Runs the tasks in one way, unless it is left out. Errors: what a task throws, once all have
    /// ended; mp::Interrupted.
    void stage(const char* name, const char* words, const Ways& way, const Task& wait);
    /// What the two times mean, if both ways were run.
    void finish() const;

private:
    double since_begin() const;

    Run& run_;
    std::uint64_t tasks_;
    const Way& way_;
    std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
};

} // namespace mpworkshop::kit
