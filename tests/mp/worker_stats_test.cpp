#include "mp/scheduler/worker_stats.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <thread>

namespace {

using namespace mp::detail;

ChunkRecord::Entry chunk(std::int64_t number) {
    return {.begin_ns = 10 * number,
            .end_ns = 10 * number + 9,
            .first = static_cast<std::uint64_t>(number),
            .items = 1,
            .job = 1,
            .chunks = 1,
            .pid = 7};
}

TEST(ChunkRecord, gives_back_what_was_added_in_order) {
    const auto record = std::make_unique<ChunkRecord>();
    for (int i = 0; i < 3; ++i) record->add(chunk(i));
    const auto entries = record->read();
    ASSERT_EQ(entries.size(), 3U);
    EXPECT_EQ(entries[2].begin_ns, 20);
    EXPECT_EQ(entries[2].end_ns, 29);
    EXPECT_EQ(entries[2].first, 2U);
    EXPECT_EQ(entries[2].pid, 7);
}

TEST(ChunkRecord, joins_neighbours_when_it_is_full_and_loses_no_item) {
    const auto record = std::make_unique<ChunkRecord>();
    constexpr std::int64_t count = std::int64_t{ChunkRecord::room} * 5 + 3;
    for (std::int64_t i = 0; i < count; ++i) record->add(chunk(i));
    const auto entries = record->read();
    EXPECT_LE(entries.size(), ChunkRecord::room);
    std::uint64_t items = 0, chunks = 0;
    std::int64_t end = -1;
    for (const auto& entry : entries) {
        EXPECT_EQ(entry.first, items);
        EXPECT_EQ(entry.begin_ns, end + 1);
        items += entry.items;
        chunks += entry.chunks;
        end = entry.end_ns;
    }
    EXPECT_EQ(items, static_cast<std::uint64_t>(count));
    EXPECT_EQ(chunks, items);
}

TEST(ChunkRecord, can_be_read_while_it_is_written) {
    const auto record = std::make_unique<ChunkRecord>();
    std::atomic<bool> done = false;
    std::jthread writer([&] {
        for (std::int64_t i = 0; i < std::int64_t{ChunkRecord::room} * 20; ++i)
            record->add(chunk(i));
        done = true;
    });
    for (bool last = false; !last;) {
        last = done;
        for (const auto& entry : record->read()) EXPECT_LE(entry.begin_ns, entry.end_ns);
    }
}

TEST(Timesheet, keeps_the_five_longest_chunks_the_longest_first) {
    Timesheet times{};
    for (const std::int64_t ms : {3, 9, 1, 4, 8, 2, 7}) times.note_long(ms * 1'000'000, 0, 1);
    const mp::WorkerStats stats = times.read();
    const double expected[] = {9e-3, 8e-3, 7e-3, 4e-3, 3e-3};
    for (std::size_t i = 0; i < 5; ++i) EXPECT_DOUBLE_EQ(stats.longest[i].seconds, expected[i]);
}

TEST(Timesheet, adds_up_the_times_of_workers_that_had_the_place_one_after_the_other) {
    Timesheet times{};
    const auto life = [&](std::int64_t asked) {
        times.asked_ns = asked;
        times.began_ns = asked + 1'000'000'000;
        times.ready_ns = asked + 3'000'000'000;
        times.busy_ns += 4'000'000'000;
        times.left_ns = asked + 10'000'000'000;
    };
    life(1'000'000'000);
    times.turn_over();
    life(50'000'000'000);
    const mp::WorkerStats stats = times.read();
    EXPECT_DOUBLE_EQ(stats.start_seconds, 2);
    EXPECT_DOUBLE_EQ(stats.init_seconds, 4);
    EXPECT_DOUBLE_EQ(stats.busy_seconds, 8);
    EXPECT_DOUBLE_EQ(stats.wait_seconds, 6);
}

} // namespace
