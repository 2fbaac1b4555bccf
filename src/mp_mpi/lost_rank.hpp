#pragma once

/// When the end of a rank is a loss, and how it is reported.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "mp_mpi/endpoint.hpp"

namespace mp_mpi {

/// What is known of a rank that has ended.
struct RankEnd {
    int rank;
    bool unreachable = false; ///< its host no longer answers; otherwise its process has ended
    int goodbye = 0;          ///< the signal that ended it; 0: none, or it could not announce it
};

/// Distinguishes a loss from an interrupt. A launcher sends a signal to every rank when the user
/// interrupts it, and also when a rank has died; which rank gets the signal first is chance.
class LivenessPolicy {
public:
    static constexpr std::int64_t patience_ns = 2'000'000'000;

    /// Returns whether an end is a loss: at once if no signal was named, else when this process has
    /// waited too long for the same signal. `interrupted`: it has arrived.
    bool is_loss(const RankEnd& end, bool interrupted, std::int64_t now_ns) {
        return end.goodbye == 0 || is_signal_late(interrupted, now_ns);
    }
    /// Something else has ended the way a signal to all ranks would end it.
    bool is_signal_late(bool interrupted, std::int64_t now_ns) {
        if (interrupted) return false;
        if (since_ns_ == 0) since_ns_ = now_ns;
        return now_ns - since_ns_ >= patience_ns;
    }

private:
    std::int64_t since_ns_ = 0; // the first such end
};

/// A sentence about the loss. `why`: the rank's own words; empty: it said nothing. `done` of `all`
/// items in progress were finished.
std::string describe_loss(const RankEnd& end, const std::string& host, std::string_view why,
                          std::size_t done, std::size_t all);

} // namespace mp_mpi
