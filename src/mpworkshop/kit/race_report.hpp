#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "mpworkshop/kit/exercise.hpp"
#include "mpworkshop/kit/fields.hpp"

namespace mpworkshop::kit {

/// What some threads counted together, and how long it took them.
struct Counted {
    std::uint64_t counted;
    double seconds;
};

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
    /// What it means. `side_by_side` and `apart` are the numbers of the cures, from 0, that show
    /// false sharing.
    void finish(std::size_t side_by_side, std::size_t apart);

private:
    std::uint64_t expected() const { return threads_ * updates_; }
    double update_ns(const std::vector<double>& seconds) const;
    /// Shows a row of the cures' table, which ends with what an update takes, and returns it.
    Value add(Fields counted, double ns) const;
    void tell_of_no_loss() const;

    Run& run_;
    unsigned threads_;
    std::uint64_t updates_;
    std::size_t attempts_ = 0;
    std::uint64_t lost_ = 0; // in all attempts
    double careless_ns_ = 0;
    std::vector<double> cures_ns_;
    Value::List cures_;
};

} // namespace mpworkshop::kit
