#pragma once

#include "mpworkshop/kit/elapsed.hpp"
#include "mpworkshop/kit/exercise.hpp"

namespace mpworkshop::kit {

/// The report of the demonstration gil: each row is the same tasks computing, and waiting. What it
/// puts into the result is in exercises.hpp.
class GilReport {
public:
    GilReport(Run& run, unsigned tasks, double seconds);

    void add(const char* name, const char* key, const Elapsed& computing, const Elapsed& waiting);
    /// What it means: the first row is that of threads under the lock, the last that of processes.
    void finish();

private:
    Run& run_;
    unsigned tasks_;
    std::vector<double> computing_s_;
};

} // namespace mpworkshop::kit
