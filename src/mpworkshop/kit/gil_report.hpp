#pragma once

#include <array>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "mpworkshop/kit/elapsed.hpp"
#include "mpworkshop/kit/exercise.hpp"
#include "mpworkshop/sys/other_programs.hpp"

namespace mpworkshop::kit {

/// One of the ways in which gil runs its tasks, and the time of each round.
struct GilWay {
    const char *name, *key;
    std::vector<Elapsed> computing = {}, waiting = {};
};

/// All measurements of gil.
struct GilTimes {
    unsigned tasks = 2;
    unsigned usable = 2; ///< CPUs
    double round_s = 0;  ///< how long one task takes alone, in one round
    GilWay locked = {};  ///< threads under one lock
    GilWay processes = {};
    std::optional<sys::CpusUsed> others = {}; ///< CPUs that other programs used meanwhile
};

/// How much faster processes computed, in one sentence, or why that is unknown.
std::string what_the_lock_costs(const GilTimes& times);

/// Compares what was said before a run with how many times as fast processes computed.
void compare_with_prediction(Run& run, const GilTimes& times);

/// Whether the times show both: threads under the lock waited at the same time, and processes
/// computed faster.
bool shows_what_threads_are_for(const GilTimes& times);

/// How one of the ways runs its tasks.
struct GilTrial {
    GilWay way;
    /// Runs `tasks` of them at once, each of which calls `task`.
    std::function<void(int tasks, const std::function<void()>& task)> at_once;
    std::function<void(long rounds)> compute;
};

/// The report of the demonstration gil: each row has the same tasks computing, and waiting. Its
/// `result` is described in exercises.hpp.
class GilReport {
public:
    /// How often each way computes and waits, one after the other: enough for an interval.
    static constexpr int rounds = 6;

    GilReport(Run& run, unsigned tasks, double seconds);

    /// Runs and times the ways alternately, each of them `rounds` times: threads under one lock,
    /// threads without it, processes. Errors: mp::Interrupted, those of the ways.
    void run(std::array<GilTrial, 3> trials);
    /// A row for each way, all rounds together, and what they mean.
    void finish();

private:
    void add(const GilWay& way);

    Run& run_;
    GilTimes times_;
    GilWay unlocked_ = {};
};

} // namespace mpworkshop::kit
