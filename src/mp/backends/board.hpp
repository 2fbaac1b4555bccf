#pragma once

/// The memory that a pool and its workers share, and the protocol on it.
///
/// A job is cut into *grains* of consecutive items. Each worker starts with an equal range of
/// grains and takes them one by one from its low end; who has none left takes the upper half of
/// another's range. A range is one atomic word, so a claim is one compare-and-swap, and the word
/// itself is the record of who holds what: nobody's death can lose it.
///
/// Every other word has one writer, or is an atomic that is right at any instant, so that a worker
/// may be killed between any two instructions:
///   - grain g is finished when flags[g] is set, after its results were written (release, then
///   acquire by the parent);
///   - a dead worker was running grain low-1 of its range, if low has moved since base and that
///   flag is not set;
///   - a theft is announced in `theft` before the victim's range shrinks and withdrawn after the
///   thief's own has grown,
///     so a thief that dies in between leaves a note of what may be in nobody's range.
///
/// Source: the steal-half deque is after Hendler and Shavit, "Non-blocking steal-half work queues",
/// PODC 2002.

#include <sys/types.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>

#include "mp/backend.hpp"
#include "mp/backends/record.hpp"

namespace mp::detail {

inline constexpr std::size_t line = 128; // two cache lines: processors fetch them in pairs

/// Grains low .. high - 1, in one word.
struct Range {
    std::uint32_t low = 0;
    std::uint32_t high = 0;

    std::uint64_t word() const { return std::uint64_t{low} << 32 | high; }
    static Range of(std::uint64_t word) {
        return {static_cast<std::uint32_t>(word >> 32), static_cast<std::uint32_t>(word)};
    }
    bool empty() const { return low >= high; }
};

/// A failed item, written down by its worker; the texts follow it in memory.
struct FailureNote {
    std::size_t item;
    pid_t pid;
    std::size_t what_size;
    std::size_t type_size;
    const char* text; // what, then type name
};

/// One worker's part of one job.
struct alignas(line) Cell {
    std::atomic<std::uint64_t> range; // its owner takes from the low end, thieves from the high end
    std::atomic<std::uint32_t> base;  // where the range began when it was last set; owner only
    std::atomic<std::uint64_t>
        theft; // the range that the owner is about to take from another; 0: none
    std::atomic<FailureNote*> failure; // the failed item with the lowest index; owner only
};

inline constexpr std::size_t inline_closure = 256;
inline constexpr std::size_t inline_flags = 128;
enum Flag : std::uint8_t { open_grain = 0, finished_grain = 1, lost_grain = 2 };

/// A published job.
struct alignas(line) Posting {
    std::atomic<std::uint32_t> id; // the bell's count that announced it; 0: none
    Job job;
    std::size_t grain; // items in a grain
    std::uint32_t grains;
    std::atomic<std::uint8_t>* flags;
    alignas(16) std::byte closure[inline_closure];
    std::atomic<std::uint8_t> small_flags[inline_flags];
    alignas(
        line) std::atomic<std::uint64_t> done; // grains finished, as far as workers have reported
    std::atomic<bool> audit; // a worker died: report every grain, the flags decide
};

enum class WorkerState : std::uint32_t { starting, ready, failed };

/// One worker's own words.
struct alignas(line) Place {
    std::atomic<std::uint32_t> in_job; // the job that it is looking at; 0: none
    std::atomic<std::uint32_t> parked; // it counts among the sleepers
    std::atomic<WorkerState> state;
    std::atomic<pid_t> pid;
    std::atomic<pid_t>
        made; // a worker that the template has made and the owner not yet heard of; 0: none
    Timesheet times;
    ChunkRecord* record; // null without PoolOptions::trace
    // Memory for packed results and failure notes. Survives the worker: its successor goes on where
    // it stopped.
    std::byte* outbox;
    std::size_t outbox_size;
    std::atomic<std::size_t> outbox_used;
    std::atomic<std::size_t> outbox_committed;
    std::atomic<std::uint32_t> outbox_job; // whose results the used part holds
    std::atomic<FailureNote*> init_failure;
    FailureNote last_resort; // for a failure that finds no memory to write itself down
};

enum class Order : std::uint32_t { work, leave };

/// Everything together; Places and Cells follow the Board in one block of zeroed memory.
struct alignas(line) Board {
    static constexpr std::uint32_t postings_kept = 16;

    unsigned processes;
    unsigned spinners_allowed;
    bool yield_instead; // one CPU: who spins keeps the other from running
    Place* places;
    Cell* cells;
    alignas(line) std::atomic<std::uint32_t> bell; // counts announcements; idle workers watch it,
                                                   // and sleep on it
    alignas(line) std::atomic<std::uint32_t> sleepers; // at least as many as sleep on the bell
    alignas(line) std::atomic<std::uint64_t> spinners; // a bit for each of the first 64 workers
    alignas(
        line) std::atomic<std::uint32_t> owner_parked; // the pool's owner sleeps: ring its doorbell
    std::atomic<Order> order;
    Posting postings[postings_kept];

    static std::size_t bytes(unsigned processes);
    /// Makes a Board in zeroed memory of that size.
    static Board* make(std::byte* memory, unsigned processes, unsigned usable_cpus);

    Posting& posting(std::uint32_t id) { return postings[id % postings_kept]; }
    Cell& cell(std::uint32_t id, unsigned worker) {
        return cells[std::size_t{id % postings_kept} * processes + worker];
    }
};

/// Takes the lowest grain of a worker's own range. False when it is empty.
bool take_own(Cell& cell, std::uint32_t& grain) noexcept;

/// Moves the upper half of another worker's range into the empty one of `worker`. False when nobody
/// has any.
bool steal(Board& board, std::uint32_t id, unsigned worker) noexcept;

} // namespace mp::detail
