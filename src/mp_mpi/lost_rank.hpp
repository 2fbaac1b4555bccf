#pragma once

/// When the end of a rank is a loss, and how it is told.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "mp_mpi/endpoint.hpp"

namespace mp_mpi {

/// What is known of a rank that has ended.
struct RankEnd {
    int rank;
    bool unreachable = false; ///< its host is silent; else its process has ended
    int goodbye = 0;          ///< the signal that ended it; 0: none, or it could not say so
};

/// Tells a loss from an interrupt. A launcher signals every rank when the user interrupts it, and
/// also when one has died; which rank gets the signal first is chance.
class LivenessPolicy {
public:
    static constexpr std::int64_t patience_ns = 2'000'000'000;

    /// Whether an end is a loss: at once where no signal was named, else when this process has
    /// waited for the same signal for too long. `interrupted`: it has come.
    bool is_loss(const RankEnd& end, bool interrupted, std::int64_t now_ns) {
        return end.goodbye == 0 || is_signal_late(interrupted, now_ns);
    }
    /// Something else has ended as if a signal had ended all.
    bool is_signal_late(bool interrupted, std::int64_t now_ns) {
        if (interrupted) return false;
        if (since_ns_ == 0) since_ns_ = now_ns;
        return now_ns - since_ns_ >= patience_ns;
    }

private:
    std::int64_t since_ns_ = 0; // the first such end
};

/// In a sentence. `why`: in the rank's own words; empty: it has said nothing. `done` of `all` items
/// under way were finished.
std::string describe_loss(const RankEnd& end, const std::string& host, std::string_view why,
                          std::size_t done, std::size_t all);

} // namespace mp_mpi
