#pragma once

#include <optional>
#include <string>
#include <vector>

#include "mpworkshop/kit/gantt.hpp"
#include "mpworkshop/kit/stats.hpp"
#include "mpworkshop/practice/task.hpp"
#include "mpworkshop/sys/other_programs.hpp"
#include "mpworkshop/sys/process_activity.hpp"

/// What the figures of a run mean. Pure functions, so that a test can invent the figures.
namespace mpworkshop::practice {

enum class Verdict { ok, not_yet, cannot_tell };

/// "ok", "not yet" or "cannot tell".
const char* word(Verdict verdict);

struct Finding {
    Verdict verdict = Verdict::ok;
    std::string words;       ///< one sentence
    bool may_change = false; ///< another run may well show something else
};

/// Whether waits overlapped that take `waits_s` one after the other, `count` of them.
Finding overlap(const sys::Activity& activity, double waits_s, std::size_t count);

/// Times of the program that the learner began with and of the learner's, taken in pairs.
struct Times {
    std::vector<double> before, now;
};

/// What the times were taken on.
struct Conditions {
    unsigned usable_cpus = 1;
    std::optional<sys::CpusUsed> others; ///< what other programs took meanwhile
};

/// Whether several processes or threads computed at the same time, for most of their time or most
/// of the work. `start_cpu_s`: the CPU time of the program that it is compared with; 0 if that is
/// unknown.
Finding parallelism(const sys::Activity& activity, const Conditions& where, double start_cpu_s = 0);

/// Whether the learner's program is faster; with Aspect::not_slower, not slower.
Finding speed(Aspect aspect, const Times& times, const Conditions& where);

/// Rows for the picture: a row for each process or thread that computed or waited. `label` stands
/// before each name.
std::vector<GanttLane> lanes_of(const sys::Activity& activity, const std::string& label);

} // namespace mpworkshop::practice
