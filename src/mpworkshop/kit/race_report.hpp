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

/// What some threads counted adjacent, and how long it took them.
struct Counted {
    std::uint64_t counted;
    double seconds;
};

/// One count for each thread, two ways: on one cache line, and on a line each, in pairs of runs.
struct CacheLines {
    unsigned threads = 2;
    unsigned usable = 2; ///< CPUs
    std::uint64_t updates = 0;
    std::vector<double> adjacent_s = {}, padded_s = {};
    std::optional<sys::CpusUsed> others = {}; ///< what other programs took meanwhile
};

/// What they say of false sharing; empty where they show none.
std::string what_a_cache_line_costs(const CacheLines& lines);

/// What was counted in all.
struct RaceResult {
    double lost_percent = 0;      ///< of the updates without care
    bool cures_lost_none = false; ///< each counted every update
};

/// What that means, in one sentence.
std::string what_was_lost(const RaceResult& losses);

/// The report of the demonstration race, step by step; what it puts into the result is in
/// exercises.hpp.
class RaceReport {
public:
    using Race = std::function<Counted()>;

    RaceReport(Run& run, unsigned threads, std::uint64_t updates);

    /// Two threads in the order in which an update is lost.
    void unlucky_order();
    /// Races without protection: at least five, and with two threads or more up to twenty, until an
    /// update was lost.
    void careless(const Race& race);
    /// A way that loses no update, three times, compared with the careless one. `name` is for
    /// people.
    void cure(const char* name, const char* key, const Race& race);
    /// Two such ways in pairs: one count for each thread, side by side and apart.
    void counters_of_their_own(const Race& side_by_side, const Race& apart);
    /// What it means.
    void finish();

private:
    std::uint64_t expected() const { return threads_ * updates_; }
    double update_ns(const std::vector<double>& seconds) const;
    /// Shows a row of the cures' table, which ends with what an update takes, and returns it.
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
};

} // namespace mpworkshop::kit
