#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "mpworkshop/kit/exercise.hpp"
#include "mpworkshop/kit/fields.hpp"
#include "mpworkshop/sys/other_programs.hpp"

namespace mpworkshop::kit {

/// What some threads counted side by side, and how long that took.
struct Counted {
    std::uint64_t counted;
    double seconds;
};

/// One count for each thread, in two ways: on the same cache line, and on separate lines; in pairs
/// of runs.
struct CacheLines {
    unsigned threads = 2;
    unsigned usable = 2; ///< CPUs
    std::uint64_t updates = 0;
    std::vector<double> adjacent_s = {}, padded_s = {};
    std::optional<sys::CpusUsed> others = {}; ///< CPUs that other programs used during all races
};

/// What the pairs say about false sharing, and a caution if other programs used the CPUs meanwhile;
/// empty if neither.
std::string what_a_cache_line_costs(const CacheLines& lines);

/// The totals of all counts.
struct RaceResult {
    double lost_percent = 0;      ///< of the updates without protection
    bool cures_lost_none = false; ///< each cure counted every update
};

/// What that means, in one sentence.
std::string what_was_lost(const RaceResult& losses);

/// What it means that threads on `cpus` CPUs may use the time of `usable` only, if that is 1: they
/// take turns, or a quota stops them. Empty where they may use more.
std::string what_one_cpu_means(unsigned cpus, unsigned usable);

/// The report of the demonstration race, step by step; its `result` is described in exercises.hpp.
class RaceReport {
public:
    using Race = std::function<Counted()>;

    RaceReport(Run& run, unsigned threads, std::uint64_t updates);

    /// Two threads in the order in which an update is lost.
    void unlucky_order();
    /// Races without protection: at least five and, with two or more threads, up to twenty, until
    /// an update was lost.
    void careless(const Race& race);
    /// A way that loses no update, run three times, compared with the unprotected one. `name` is
    /// for people.
    void cure(const char* name, const char* key, const Race& race);
    /// Two such ways in pairs: one count for each thread, on the same and on separate cache lines.
    void counters_of_their_own(const Race& side_by_side, const Race& apart);
    /// What it means.
    void finish();

private:
    std::uint64_t expected() const { return threads_ * updates_; }
    double update_ns(const std::vector<double>& seconds) const;
    /// Shows a row of the cures' table, which ends with the time of an update, and returns it.
    Value add(Fields counted, double ns) const;
    void tell_of_no_loss() const;
    void add_cure(const char* name, const char* key, const std::vector<Counted>& found);

    Run& run_;
    unsigned threads_;
    std::uint64_t updates_;
    std::size_t attempts_ = 0;
    std::uint64_t lost_ = 0; // in all attempts
    double careless_ns_ = 0;
    bool cures_lost_none_ = true;
    Value::List cures_;
    CacheLines lines_;
    sys::OtherPrograms others_;
};

} // namespace mpworkshop::kit
