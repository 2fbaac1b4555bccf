#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <mp/mp.hpp>
#include <optional>
#include <utility>
#include <vector>

namespace mp_mpi {

/// A chunk that was sent to an endpoint and has not been answered.
struct SentChunk {
    mp::detail::TaskSlot* task = nullptr; ///< null: it belongs to a job
    mp::detail::JobId job = 0;
    std::size_t first = 0, count = 0;
    std::size_t endpoint = 0;
    unsigned load = 0; ///< how many workers it occupies
};

/// All chunks without an answer, by a number that the answer repeats.
class SentChunks {
public:
    std::uint32_t add(const SentChunk& chunk) {
        if (free_.empty()) {
            free_.push_back(static_cast<std::uint32_t>(chunks_.size()));
            chunks_.emplace_back();
        }
        const std::uint32_t ticket = free_.back();
        free_.pop_back();
        chunks_[ticket] = chunk;
        return ticket;
    }
    /// The answer has arrived.
    SentChunk take(std::uint32_t ticket) {
        const SentChunk chunk = std::exchange(chunks_.at(ticket), {});
        free_.push_back(ticket);
        return chunk;
    }
    std::optional<std::uint32_t> ticket_of(const mp::detail::TaskSlot& task) const {
        const auto found = std::ranges::find(chunks_, &task, &SentChunk::task);
        if (found == chunks_.end()) return std::nullopt;
        return static_cast<std::uint32_t>(found - chunks_.begin());
    }
    const SentChunk& at(std::uint32_t ticket) const { return chunks_.at(ticket); }
    bool empty() const { return free_.size() == chunks_.size(); }

private:
    std::vector<SentChunk> chunks_; // by ticket
    std::vector<std::uint32_t> free_;
};

} // namespace mp_mpi
