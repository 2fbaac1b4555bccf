#pragma once

#include <string>
#include <vector>

#include "mpworkshop/input/value.hpp"
#include "mpworkshop/kit/gantt.hpp"

/// A timeline short enough for a line of the record: what each lane did most of the time, in 80
/// equal parts of the whole.
namespace mpworkshop::record {

struct TimelineLane {
    std::string name;
    std::string parts; ///< one letter each: w(orking), s(tarting), i(dle), r(eady but without a
                       ///< CPU), or a blank
};

struct Timeline {
    double seconds = 0;
    std::vector<TimelineLane> lanes = {}; ///< the first 12
    std::size_t left_out = 0;             ///< lanes beyond those
};

Timeline timeline_of(const std::vector<GanttLane>& lanes);

/// As a member of a line, and back; without lanes where it is not one.
Value as_value(const Timeline& timeline);
Timeline timeline_from(const Value& value);

} // namespace mpworkshop::record
