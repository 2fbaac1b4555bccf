#include "mp/scheduler/shared_state.hpp"

#include <algorithm>
#include <cstddef>
#include <new>

namespace mp::detail {

std::size_t Board::bytes(unsigned processes) {
    return sizeof(Board) + processes * sizeof(Place) +
           std::size_t{slots + 1} * processes * sizeof(Cell);
}

Board* Board::make(std::byte* memory, unsigned processes, unsigned usable_cpus) {
    auto* board = ::new (memory) Board{};
    board->processes = processes;
    board->spinners_allowed = std::max(1U, usable_cpus - 1);
    board->yield_instead = usable_cpus < 2;
    board->places = reinterpret_cast<Place*>(memory + sizeof(Board));
    board->cells = reinterpret_cast<Cell*>(board->places + processes);
    for (unsigned i = 0; i < processes; ++i) ::new (board->places + i) Place{};
    for (std::size_t i = 0; i < std::size_t{slots + 1} * processes; ++i)
        ::new (board->cells + i) Cell{};
    return board;
}

bool Board::release(const void* piece) noexcept {
    const auto* at = static_cast<const std::byte*>(piece);
    const Outbox& first = places[0].outbox;
    if (first.memory == nullptr || at < first.memory) return false;
    const std::size_t index =
        static_cast<std::size_t>(at - first.memory) / (first.regions * Outbox::region);
    if (index >= processes) return false;
    places[index].outbox.release(at);
    return true;
}

Range take_own(Cell& cell, std::uint32_t most) noexcept {
    std::uint64_t seen = cell.range.load(std::memory_order_relaxed);
    for (;;) {
        const Range range = Range::of(seen);
        if (range.empty()) return {};
        const std::uint32_t middle = range.low + std::min(most, range.size());
        // First where the claim begins: who dies before the exchange has then claimed nothing.
        cell.base.store(range.low, std::memory_order_release);
        if (cell.range.compare_exchange_weak(seen, Range{middle, range.high}.word(),
                                             std::memory_order_acq_rel, std::memory_order_relaxed))
            return {range.low, middle};
    }
}

namespace {

void bring_home(Cell& mine, Range loot) noexcept {
    mine.base.store(loot.low, std::memory_order_release);
    mine.range.store(loot.word(), std::memory_order_release);
    mine.theft.store(0, std::memory_order_release);
}

} // namespace

bool steal(Board& board, std::uint32_t slot, unsigned worker) noexcept {
    Cell& mine = board.cell(slot, worker);
    bool announced = false;
    for (unsigned step = 1; step < board.processes; ++step) {
        Cell& victim = board.cell(slot, (worker + step) % board.processes);
        std::uint64_t seen = victim.range.load(std::memory_order_relaxed);
        for (;;) {
            const Range range = Range::of(seen);
            if (range.empty()) break;
            const std::uint32_t middle = range.high - (range.size() + 1) / 2;
            const Range loot{middle, range.high};
            mine.theft.store(loot.word(), std::memory_order_seq_cst);
            announced = true;
            if (victim.range.compare_exchange_strong(seen, Range{range.low, middle}.word(),
                                                     std::memory_order_seq_cst,
                                                     std::memory_order_relaxed)) {
                bring_home(mine, loot);
                return true;
            }
        }
    }
    if (announced) mine.theft.store(0, std::memory_order_release);
    return false;
}

std::uint32_t take_from_queue(Board& board, unsigned worker) noexcept {
    Queue& queue = board.queue;
    Cell& mine = board.queue_cell(worker);
    std::uint32_t front = queue.claimed.load(std::memory_order_acquire); // before what is published
    for (bool announced = false;;) {
        const std::uint32_t waiting = queue.published.load(std::memory_order_acquire) - front;
        if (waiting == 0) {
            if (announced) mine.theft.store(0, std::memory_order_release);
            return 0;
        }
        constexpr std::uint32_t most = 32;
        const std::uint32_t some = std::clamp(waiting / (2 * board.processes), 1U, most);
        mine.theft.store(Range{front, front + some}.word(), std::memory_order_seq_cst);
        announced = true;
        if (queue.claimed.compare_exchange_strong(front, front + some, std::memory_order_seq_cst,
                                                  std::memory_order_acquire)) {
            bring_home(mine, {front, front + some});
            return some;
        }
    }
}

} // namespace mp::detail
