#include "mp/scheduler/worker_stats.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <thread>

namespace {

using namespace mp::detail;

TraceBuffer::Entry chunk(std::int64_t number) {
    return {.begin_ns = 10 * number,
            .end_ns = 10 * number + 9,
            .first = static_cast<std::uint64_t>(number),
            .items = 1,
            .job = 1,
            .chunks = 1,
            .pid = 7};
}

TEST(TraceBuffer, gives_back_what_was_added_in_order) {
    const auto trace_buffer = std::make_unique<TraceBuffer>();
    for (int i = 0; i < 3; ++i) trace_buffer->add(chunk(i));
    const auto entries = trace_buffer->read();
    ASSERT_EQ(entries.size(), 3U);
    EXPECT_EQ(entries[2].begin_ns, 20);
    EXPECT_EQ(entries[2].end_ns, 29);
    EXPECT_EQ(entries[2].first, 2U);
    EXPECT_EQ(entries[2].pid, 7);
}

TEST(TraceBuffer, joins_neighbours_when_it_is_full_and_loses_no_item) {
    const auto trace_buffer = std::make_unique<TraceBuffer>();
    constexpr std::int64_t count = std::int64_t{TraceBuffer::capacity} * 5 + 3;
    for (std::int64_t i = 0; i < count; ++i) trace_buffer->add(chunk(i));
    const auto entries = trace_buffer->read();
    EXPECT_LE(entries.size(), TraceBuffer::capacity);
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

TEST(TraceBuffer, can_be_read_while_it_is_written) {
    const auto trace_buffer = std::make_unique<TraceBuffer>();
    std::atomic<bool> done = false;
    std::jthread writer([&] {
        for (std::int64_t i = 0; i < std::int64_t{TraceBuffer::capacity} * 20; ++i)
            trace_buffer->add(chunk(i));
        done = true;
    });
    for (bool last = false; !last;) {
        last = done;
        for (const auto& entry : trace_buffer->read()) EXPECT_LE(entry.begin_ns, entry.end_ns);
    }
}

TEST(WorkerCounters, keeps_the_five_longest_chunks_the_longest_first) {
    WorkerCounters counters{};
    for (const std::int64_t ms : {3, 9, 1, 4, 8, 2, 7}) counters.note_long(ms * 1'000'000, 0, 1);
    const mp::WorkerStats stats = counters.read(std::nullopt);
    const double expected[] = {9e-3, 8e-3, 7e-3, 4e-3, 3e-3};
    for (std::size_t i = 0; i < 5; ++i) EXPECT_DOUBLE_EQ(stats.longest[i].seconds, expected[i]);
}

TEST(WorkerCounters, adds_up_the_times_of_workers_that_had_the_place_one_after_the_other) {
    WorkerCounters counters{};
    const auto life = [&](std::int64_t asked) {
        counters.asked_ns = asked;
        counters.began_ns = asked + 1'000'000'000;
        counters.ready_ns = asked + 3'000'000'000;
        counters.busy_ns += 4'000'000'000;
        counters.left_ns = asked + 10'000'000'000;
    };
    life(1'000'000'000);
    counters.reset_for_next_worker();
    life(50'000'000'000);
    const mp::WorkerStats stats = counters.read(std::nullopt);
    EXPECT_DOUBLE_EQ(stats.start_seconds, 2);
    EXPECT_DOUBLE_EQ(stats.init_seconds, 4);
    EXPECT_DOUBLE_EQ(stats.busy_seconds, 8);
    EXPECT_DOUBLE_EQ(stats.wait_seconds, 6);
}

} // namespace
