#include "mp_mpi/chunk_schedule.hpp"

#include <algorithm>
#include <gtest/gtest.h>

#include <cstddef>
#include <vector>

namespace {

using mp_mpi::next_chunk, mp_mpi::Pace, mp_mpi::prefetches;

// The chunks in which all of `items` are sent, if an item takes the given time.
std::vector<std::size_t> chunks_of(Pace pace, std::size_t items, std::size_t workers,
                                   double item_ns) {
    std::vector<std::size_t> chunks;
    for (std::size_t left = items; left != 0; left -= chunks.back()) {
        chunks.push_back(next_chunk(pace, left, workers));
        pace.longest = std::max(pace.longest, chunks.back());
        pace.item_ns = item_ns;
    }
    return chunks;
}

TEST(ChunkSchedule, a_chunksize_that_was_asked_for_is_kept) {
    EXPECT_EQ(chunks_of({.chunksize = 4}, 10, 3, 1e9), (std::vector<std::size_t>{4, 4, 2}));
}

TEST(ChunkSchedule, long_items_go_one_by_one) {
    for (const std::size_t each : chunks_of({}, 100, 4, 1e8)) EXPECT_EQ(each, 1U);
}

TEST(ChunkSchedule, chunks_of_short_items_grow_to_what_is_worth_a_message) {
    constexpr std::size_t items = 10'000'000, workers = 4;
    constexpr double item_ns = 100;
    const auto chunks = chunks_of({}, items, workers, item_ns);
    EXPECT_LE(chunks.front(), 256U);
    for (std::size_t i = 1; i < chunks.size(); ++i) EXPECT_LE(chunks[i], 8 * chunks[i - 1]);
    EXPECT_EQ(std::ranges::max(chunks), static_cast<std::size_t>(mp_mpi::worthwhile_ns / item_ns));
}

TEST(ChunkSchedule, the_last_chunks_shrink) {
    constexpr std::size_t workers = 4;
    std::size_t left = 10'000;
    for (const std::size_t each : chunks_of({}, left, workers, 1)) {
        EXPECT_LE(each, std::max<std::size_t>(1, left / (2 * workers)));
        left -= each;
    }
    EXPECT_EQ(left, 0U);
}

TEST(ChunkSchedule, a_chunk_of_large_items_is_bounded_in_bytes) {
    const Pace pace{.item_bytes = std::size_t{16} << 20, .item_ns = 1, .longest = 1000};
    EXPECT_EQ(next_chunk(pace, 1000, 2), 4U);
    EXPECT_EQ(next_chunk({.item_bytes = std::size_t{1} << 40, .item_ns = 1}, 1000, 2), 1U);
}

TEST(ChunkSchedule, the_next_chunk_is_sent_ahead_unless_it_is_long_or_one_of_the_last) {
    const Pace quick{.item_ns = 1000, .longest = 2000}, slow{.item_ns = 1e9, .longest = 1};
    EXPECT_TRUE(prefetches(quick, 1'000'000, 4));
    EXPECT_FALSE(prefetches(slow, 1'000'000, 4));
    EXPECT_FALSE(prefetches({.chunksize = 10, .item_ns = 1000}, 30, 4));
    EXPECT_TRUE(prefetches({.chunksize = 1}, 16, 4)); // duration unknown: only if there are many
    EXPECT_FALSE(prefetches({.chunksize = 1}, 15, 4));
}

} // namespace
