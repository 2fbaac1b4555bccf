#include "mp_mpi/lost_rank.hpp"

namespace mp_mpi {

namespace {

std::string reason(const RankEnd& end, std::string_view why) {
    if (!why.empty()) return std::string(why);
    if (end.unreachable) return "the host does not answer";
    if (end.goodbye != 0) return "signal " + std::to_string(end.goodbye) + " ended its process";
    return "its process has ended";
}

std::string progress(std::size_t done, std::size_t all) {
    if (all == 0) return "no work was in progress";
    return std::to_string(done) + " of " + std::to_string(all) +
           (all == 1 ? " item was finished" : " items were finished");
}

} // namespace

std::string describe_loss(const RankEnd& end, const std::string& host, std::string_view why,
                          std::size_t done, std::size_t all) {
    const std::string where = "rank " + std::to_string(end.rank) + " on host " + host;
    return "mp: " +
           (end.rank == 0 ? "the process of the workers of " + where + " has ended"
                          : where + " is gone: " + reason(end, why)) +
           "; " + progress(done, all);
}

} // namespace mp_mpi
