#include "mp/backends/board.hpp"

#include <algorithm>
#include <new>

namespace mp::detail {

std::size_t Board::bytes(unsigned processes) {
    return sizeof(Board) + processes * sizeof(Place) +
           std::size_t{postings_kept} * processes * sizeof(Cell);
}

Board* Board::make(std::byte* memory, unsigned processes, unsigned usable_cpus) {
    auto* board = ::new (memory) Board{};
    board->processes = processes;
    board->spinners_allowed = std::max(1U, usable_cpus - 1);
    board->yield_instead = usable_cpus < 2;
    board->places = reinterpret_cast<Place*>(memory + sizeof(Board));
    board->cells = reinterpret_cast<Cell*>(board->places + processes);
    for (unsigned i = 0; i < processes; ++i) ::new (board->places + i) Place{};
    for (std::size_t i = 0; i < std::size_t{postings_kept} * processes; ++i)
        ::new (board->cells + i) Cell{};
    return board;
}

bool take_own(Cell& cell, std::uint32_t& grain) noexcept {
    std::uint64_t seen = cell.range.load(std::memory_order_relaxed);
    for (;;) {
        const Range range = Range::of(seen);
        if (range.empty()) return false;
        if (cell.range.compare_exchange_weak(seen, Range{range.low + 1, range.high}.word(),
                                             std::memory_order_acq_rel,
                                             std::memory_order_relaxed)) {
            grain = range.low;
            return true;
        }
    }
}

bool steal(Board& board, std::uint32_t id, unsigned worker) noexcept {
    Cell& mine = board.cell(id, worker);
    for (unsigned step = 1; step < board.processes; ++step) {
        Cell& victim = board.cell(id, (worker + step) % board.processes);
        std::uint64_t seen = victim.range.load(std::memory_order_relaxed);
        for (;;) {
            const Range range = Range::of(seen);
            if (range.empty()) break;
            const std::uint32_t middle = range.high - (range.high - range.low + 1) / 2;
            const Range loot{middle, range.high};
            mine.theft.store(loot.word(), std::memory_order_seq_cst);
            if (victim.range.compare_exchange_strong(seen, Range{range.low, middle}.word(),
                                                     std::memory_order_seq_cst,
                                                     std::memory_order_relaxed)) {
                mine.base.store(loot.low, std::memory_order_release);
                mine.range.store(loot.word(), std::memory_order_release);
                mine.theft.store(0, std::memory_order_release);
                return true;
            }
        }
        mine.theft.store(0, std::memory_order_release);
    }
    return false;
}

} // namespace mp::detail
