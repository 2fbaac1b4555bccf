#pragma once

#include <mp/mp.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mpworkshop/input/option.hpp"
#include "mpworkshop/input/value.hpp"
#include "mpworkshop/kit/prediction.hpp"
#include "mpworkshop/kit/trace.hpp"
#include "mpworkshop/sys/other_programs.hpp"

namespace mpworkshop {

/// One stage of a run: wall-clock seconds, and CPU seconds including those of children and workers.
struct Timing {
    std::string name;
    double wall_s = 0;
    double cpu_s = 0;
};

/// The result of a run. Every report is written from it, and measures nothing itself.
struct Outcome {
    Value result;
    std::vector<Timing> timings; ///< in the order in which they began, the total last
    std::optional<sys::CpusUsed>
        others;                      ///< CPUs that other programs used meanwhile; empty: unknown
    unsigned cpus = mp::cpu_count(); ///< of the machine
    std::vector<mp::WorkerStats> workers; ///< of the pool, if there was one
    std::vector<TraceLane> lanes;         ///< who did what and when, where a trace was asked for
    input::TraceChoice trace;             ///< what is to become of it
    std::vector<GanttLane> drawn;         ///< the chart that the run drew last
    std::string meaning;                  ///< one sentence: what the timings mean
    std::optional<kit::Prediction> prediction = {}; ///< if --predict was given
    std::string so_far; ///< how far the run came, for when it is interrupted
};

/// The interface of a running exercise.
class Run {
public:
    struct Settings {
        std::uint64_t seed = 0;
        bool json = false;
        bool quiet = false;
        bool verbose = false;
        bool no_record = false; ///< leaves no line of this run behind
        /// The subcommand and the options that were given, for the record: "map --count 5". Without
        /// names of files and of other programs.
        std::string command = {};
    };

    explicit Run(Settings settings) : settings_(std::move(settings)) {}

    std::uint64_t seed() const { return settings_.seed; }
    bool json() const { return settings_.json; }
    bool quiet() const { return settings_.quiet; }
    bool verbose() const { return settings_.verbose; }

    /// Progress messages, wrapped to the terminal's width, in one write; nothing with --quiet.
    void say(std::string_view words) const;

    /// Lines of the result, wrapped in the same way, also with --quiet.
    void show(std::string_view lines) const;

    /// A Gantt chart, as wide as the terminal, at most 79 columns; nothing with --quiet.
    /// What was drawn last is part of the outcome, also with --quiet.
    void draw(const std::vector<GanttLane>& lanes);

    /// Tells the reports what to do with outcome.lanes. Errors: std::runtime_error if the file
    /// cannot be written, before any work is done.
    void keep_trace(const input::TraceChoice& choice);

    /// Returns what `work` returns, and records its time under `name`; also when it throws.
    template <class F> decltype(auto) timed(std::string name, F&& work) {
        const Lap lap(*this, std::move(name));
        return std::forward<F>(work)();
    }

    /// The timing called `name`; all zero if there is none.
    Timing timing(std::string_view name) const;

    /// From here on, CPU seconds include those of these processes while they are alive, and those
    /// of other ranks' workers, from outcome.workers; if unknown, their busy time.
    void count_cpu_of(const std::vector<mp::WorkerStats>& workers);

    Outcome outcome;

    /// May be set by an exercise: called after the run, outside its time, to say what follows from
    /// it. Not called with --json or --quiet, or after an error.
    std::function<void()> afterwards;

private:
    class Lap {
    public:
        Lap(Run& run, std::string name);
        ~Lap();
        Lap(const Lap&) = delete;
        Lap& operator=(const Lap&) = delete;

    private:
        Run& run_;
        std::size_t index_;
        std::chrono::steady_clock::time_point wall_;
        double cpu_;
    };

    double cpu_seconds() const;

    Settings settings_;
    std::vector<pid_t> workers_;
};

} // namespace mpworkshop
