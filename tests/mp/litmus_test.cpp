// The shapes of memory order that the engine relies on, run by two threads on the real classes as
// often as the machine allows. The deterministic scheduler knows x86's store buffers; these also
// show what another processor does.

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <barrier>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "mp/scheduler/event_count.hpp"
#include "mp/scheduler/range_deque.hpp"
#include "mp/scheduler/visits.hpp"

namespace {

constexpr std::size_t litmus_runs = 1024;
constexpr int litmus_rounds = 1000; // about a million runs of each shape

// Runs `left` and `right` over all shapes of each round, beside each other; how often `forbidden`
// held of a shape.
template <class Shape, class L, class R, class F>
std::size_t count_forbidden(L left, R right, F forbidden) {
    std::size_t count = 0;
    std::unique_ptr<std::array<Shape, litmus_runs>> shapes;
    const auto next = [&]() noexcept {
        if (shapes)
            for (const Shape& each : *shapes) count += forbidden(each) ? 1 : 0;
        shapes = std::make_unique<std::array<Shape, litmus_runs>>();
    };
    next();
    std::barrier round(2, next);
    const auto run = [&](auto side) {
        for (int i = 0; i < litmus_rounds; ++i) {
            for (Shape& each : *shapes) side(each);
            round.arrive_and_wait();
        }
    };
    std::thread other([&] { run(right); });
    run(left);
    other.join();
    return count;
}

// Dekker of sleep and notify, which is store buffering: the owner says that it sleeps and looks for
// a result, the worker writes a result and looks whether the owner sleeps. One of them sees the
// other.
TEST(Litmus, an_owner_that_sleeps_and_a_worker_that_finishes_see_each_other) {
    struct Shape {
        mp::detail::OwnerEvent event{};
        std::atomic<std::uint32_t> done{};
        bool owner_saw = false, worker_saw = false;
    };
    EXPECT_EQ(count_forbidden<Shape>(
                  [](Shape& shape) {
                      shape.event.prepare_wait();
                      shape.owner_saw = shape.done.load(std::memory_order_seq_cst) != 0;
                  },
                  [](Shape& shape) {
                      shape.done.store(1, std::memory_order_seq_cst);
                      shape.worker_saw = shape.event.must_notify();
                  },
                  [](const Shape& shape) { return !shape.owner_saw && !shape.worker_saw; }),
              0U);
}

TEST(Litmus, a_worker_that_sleeps_and_an_owner_that_publishes_see_each_other) {
    struct Shape {
        mp::detail::EventCount events{};
        mp::detail::EventCount::Waiter waiter{};
        std::atomic<std::uint32_t> published{};
        bool worker_saw = false, owner_saw = false;
    };
    EXPECT_EQ(count_forbidden<Shape>(
                  [](Shape& shape) {
                      shape.events.prepare_wait(shape.waiter);
                      shape.worker_saw = shape.published.load(std::memory_order_seq_cst) != 0;
                  },
                  [](Shape& shape) {
                      shape.published.store(1, std::memory_order_seq_cst);
                      shape.owner_saw = shape.events.has_waiters();
                  },
                  [](const Shape& shape) { return !shape.worker_saw && !shape.owner_saw; }),
              0U);
}

// Store buffering of a visit and a withdrawal.
TEST(Litmus, a_worker_that_comes_and_an_owner_that_withdraws_see_each_other) {
    struct Shape {
        mp::detail::Visits visits{};
        std::atomic<std::uint64_t> id{7};
        bool found = false, seen = false;
    };
    EXPECT_EQ(count_forbidden<Shape>(
                  [](Shape& shape) {
                      // It stays, as in run_job: what matters is what it finds at its look.
                      shape.visits.enter(7);
                      shape.found = shape.id.load(std::memory_order_seq_cst) == 7;
                  },
                  [](Shape& shape) {
                      shape.id.store(0, std::memory_order_seq_cst);
                      shape.seen = shape.visits.in_job() == 7;
                  },
                  [](const Shape& shape) { return shape.found && !shape.seen; }),
              0U);
}

// Message passing: with a range comes what its pusher wrote before, here without any atomic.
TEST(Litmus, with_a_range_comes_what_was_written_before_it) {
    struct Shape {
        mp::detail::RangeDeque deque{};
        std::uint64_t written = 0, read = 1;
    };
    EXPECT_EQ(count_forbidden<Shape>(
                  [](Shape& shape) {
                      shape.written = 1;
                      shape.deque.push({0, 1});
                  },
                  [](Shape& shape) {
                      if (!shape.deque.pop(1).empty()) shape.read = shape.written;
                  },
                  [](const Shape& shape) { return shape.read != 1; }),
              0U);
}

} // namespace
