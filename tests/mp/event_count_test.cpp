// How idle workers and the pool's owner sleep and are woken: none sleeps while there is work.

#include "mp/scheduler/event_count.hpp"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <type_traits>
#include <vector>

#include "mp/scheduler/range_deque.hpp"
#include "mp/support/model.hpp"

namespace {

using mp::detail::BasicEventCount, mp::detail::BasicOwnerEvent, mp::detail::BasicRangeDeque,
    mp::detail::EventCount, mp::detail::OwnerEvent, mp::detail::Range, mp::detail::SystemAtomics;

TEST(EventCount, a_notification_makes_the_key_old) {
    EventCount events{};
    events.open(2, 2);
    const EventCount::Key key = events.key();
    EXPECT_FALSE(events.is_notified(key));
    EXPECT_FALSE(events.notify(1)) << "no worker slept";
    EXPECT_TRUE(events.is_notified(key));
    events.commit_wait(key); // returns
}

TEST(EventCount, counts_those_that_wait) {
    EventCount events{};
    EventCount::Waiter one{}, other{};
    events.open(2, 2);
    events.prepare_wait(one);
    EXPECT_TRUE(events.has_waiters());
    EXPECT_TRUE(events.must_notify_one());
    events.prepare_wait(other);
    EXPECT_EQ(events.waiters(), 2U);
    EXPECT_TRUE(events.notify(1)) << "all slept";
    events.cancel_wait(one);
    events.waiter_died(1, other);
    EXPECT_FALSE(events.has_waiters());
    events.waiter_died(0, one); // it was not waiting
    EXPECT_EQ(events.waiters(), 0U);
}

TEST(EventCount, who_finds_something_at_the_last_look_does_not_sleep) {
    EventCount events{};
    EventCount::Waiter waiter{};
    events.open(1, 2);
    const auto no = [] { return false; };
    const auto yes = [] { return true; };
    events.wait(0, waiter, events.key(), yes, no);
    events.wait(0, waiter, events.key(), no, yes);
    EXPECT_FALSE(events.has_waiters());
    EXPECT_TRUE(events.spin(0, yes));
}

TEST(OwnerEvent, one_of_several_workers_wakes_the_owner) {
    OwnerEvent event{};
    EXPECT_FALSE(event.must_notify());
    event.prepare_wait();
    EXPECT_TRUE(event.must_notify());
    EXPECT_FALSE(event.must_notify());
    event.prepare_wait();
    event.cancel_wait();
    EXPECT_FALSE(event.must_notify());
}

// A counter of work items; workers take one at a time.
template <class Atomics, std::size_t Workers> struct Idlers {
    using Events = BasicEventCount<Atomics>;
    Events events{};
    std::array<typename Events::Waiter, Workers> waiters{};
    typename Atomics::template Atomic<std::uint32_t> left;
    typename Atomics::template Atomic<std::uint32_t> closed;
    int taken = 0; // for the model, which runs one thread at a time

    Idlers() {
        events.open(Workers, 2);
        left.store(0, std::memory_order_seq_cst);
        closed.store(0, std::memory_order_seq_cst);
    }

    bool has_any() const { return left.load(std::memory_order_seq_cst) != 0; }
    bool take_one() {
        for (std::uint32_t seen = left.load(std::memory_order_seq_cst); seen != 0;)
            if (left.compare_exchange_weak(seen, seen - 1, std::memory_order_seq_cst)) return true;
        return false;
    }
    // Like a worker: takes the key, checks, waits, until there will be no more work.
    void work(unsigned self) {
        for (;;) {
            const auto key = events.key();
            if (take_one()) {
                if constexpr (!std::is_same_v<Atomics, SystemAtomics>) ++taken;
                continue;
            }
            if (closed.load(std::memory_order_seq_cst) != 0 && !events.is_notified(key) &&
                !has_any())
                return;
            events.wait(
                self, waiters[self], key, [this] { return has_any(); }, [] { return false; });
        }
    }
    // Like the pool's owner when it submits one task.
    void submit() {
        left.fetch_add(1, std::memory_order_seq_cst);
        if (events.has_waiters() && !events.has_poller()) events.notify(1);
    }
    void close() {
        closed.store(1, std::memory_order_seq_cst);
        events.notify_all();
    }
};

TEST(EventCountThreads, take_everything_and_leave) {
    constexpr unsigned workers = 3;
    for (int round = 0; round < 20; ++round) {
        Idlers<SystemAtomics, workers> idlers;
        std::vector<std::thread> threads;
        for (unsigned self = 0; self < workers; ++self)
            threads.emplace_back([&, self] { idlers.work(self); });
        for (int i = 0; i < 200; ++i) idlers.submit();
        idlers.close();
        for (std::thread& thread : threads) thread.join();
        EXPECT_FALSE(idlers.has_any());
        EXPECT_FALSE(idlers.events.has_waiters());
    }
}

// ---- Every interleaving of short threads. A thread that sleeps while none is left to wake it is
// itself a failure.

class EventCountModel : public testing::Test {
protected:
    void SetUp() override {
        if (const char* why = model::why_unavailable()) GTEST_SKIP() << why;
    }
};

TEST_F(EventCountModel, no_wake_up_is_lost) {
    EXPECT_EQ(model::explore({.preemptions = 2},
                             [](model::Run& run) {
                                 const auto all = std::make_shared<Idlers<model::Atomics, 2>>();
                                 run.thread([all] {
                                     all->submit();
                                     all->submit();
                                     all->close();
                                 });
                                 run.thread([all] { all->work(0); });
                                 run.thread([all] { all->work(1); });
                                 run.at_end([all] {
                                     return all->has_any()              ? "something is left"
                                            : all->events.has_waiters() ? "one waits"
                                                                        : "";
                                 });
                             }),
              "");
}

// A worker that takes one item continues only once the other is taken as well: both must be awake.
TEST_F(EventCountModel, as_many_are_woken_as_there_is_work_for) {
    EXPECT_EQ(model::explore({.preemptions = 2},
                             [](model::Run& run) {
                                 const auto all = std::make_shared<Idlers<model::Atomics, 2>>();
                                 const auto taken = std::make_shared<int>(0);
                                 run.thread([all] {
                                     all->left.fetch_add(2, std::memory_order_seq_cst);
                                     all->events.notify(2);
                                 });
                                 for (const unsigned self : {0U, 1U})
                                     run.thread([all, taken, self, &run] {
                                         for (;;) {
                                             const auto key = all->events.key();
                                             if (all->take_one()) break;
                                             all->events.wait(
                                                 self, all->waiters[self], key,
                                                 [&] { return all->has_any(); },
                                                 [] { return false; });
                                         }
                                         ++*taken;
                                         run.wait_until([taken] { return *taken == 2; });
                                     });
                             }),
              "");
}

// A worker gets more than it can run at once, as in claim() and steal_from(), and then checks
// whether another sleeps.
TEST_F(EventCountModel, what_can_be_stolen_wakes_one_that_sleeps) {
    struct State : Idlers<model::Atomics, 2> {
        std::array<BasicRangeDeque<model::Atomics>, 2> deques{};
        bool stolen = false;
    };
    EXPECT_EQ(model::explore(
                  {.preemptions = 2},
                  [](model::Run& run) {
                      const auto all = std::make_shared<State>();
                      run.thread([all, &run] {
                          all->deques[0].announce({0, 2});
                          all->deques[0].receive({0, 2});
                          if (all->events.must_notify_one()) all->events.notify_one();
                          (void)all->deques[0].pop(1);
                          run.wait_until([all] { return all->stolen; });
                      });
                      run.thread([all] {
                          const auto has_stealable = [&] { return all->deques[0].has_stealable(); };
                          for (;;) {
                              const auto key = all->events.key();
                              if (all->deques[1].steal_from(all->deques[0])) break;
                              all->events.wait(
                                  1, all->waiters[1], key, [] { return false; }, has_stealable);
                          }
                          all->stolen = true;
                      });
                  }),
              "");
}

TEST_F(EventCountModel, the_death_of_a_worker_leaves_no_other_asleep) {
    EXPECT_EQ(model::explore({.preemptions = 1, .killed = 0},
                             [](model::Run& run) {
                                 const auto all = std::make_shared<Idlers<model::Atomics, 2>>();
                                 run.thread([all] { all->work(0); });
                                 run.thread([all] { all->work(1); });
                                 run.thread([all, &run] { // the pool's owner
                                     bool recovered = false;
                                     for (const int tasks : {1, 2}) {
                                         all->submit();
                                         while (all->taken < tasks) {
                                             run.wait_until([&] {
                                                 return all->taken == tasks ||
                                                        (run.was_killed() && !recovered);
                                             });
                                             if (!run.was_killed() || recovered) continue;
                                             recovered = true;
                                             all->events.waiter_died(0, all->waiters[0]);
                                             all->events.notify(2);
                                         }
                                     }
                                     all->close();
                                 });
                             }),
              "");
}

TEST_F(EventCountModel, the_count_of_waiters_is_never_too_low) {
    EXPECT_EQ(model::explore({.preemptions = 2, .killed = 0},
                             [](model::Run& run) {
                                 const auto all = std::make_shared<Idlers<model::Atomics, 2>>();
                                 run.thread([all] {
                                     for (int i = 0; i < 2; ++i) {
                                         all->events.prepare_wait(all->waiters[0]);
                                         all->events.cancel_wait(all->waiters[0]);
                                     }
                                 });
                                 run.thread([all] { all->events.prepare_wait(all->waiters[1]); });
                                 run.at_end([all] {
                                     all->events.waiter_died(0, all->waiters[0]);
                                     return all->events.has_waiters() && all->events.waiters() <= 2
                                                ? ""
                                                : "the other is not counted";
                                 });
                             }),
              "");
}

TEST_F(EventCountModel, the_owner_does_not_sleep_while_there_is_a_result) {
    struct State {
        BasicOwnerEvent<model::Atomics> event{};
        model::Atomic<std::uint32_t> done{};
        model::Atomic<std::uint32_t> descriptor{}; // stands in for the one that the owner sleeps on
    };
    EXPECT_EQ(model::explore({.preemptions = 2},
                             [](model::Run& run) {
                                 const auto all = std::make_shared<State>();
                                 for (int worker = 0; worker < 2; ++worker)
                                     run.thread([all] {
                                         all->done.fetch_add(1, std::memory_order_seq_cst);
                                         if (!all->event.must_notify()) return;
                                         all->descriptor.store(1, std::memory_order_seq_cst);
                                         model::Atomics::wake(all->descriptor, 1);
                                     });
                                 run.thread([all] {
                                     while (all->done.load(std::memory_order_seq_cst) != 2) {
                                         all->event.prepare_wait();
                                         if (all->done.load(std::memory_order_seq_cst) != 2)
                                             model::Atomics::wait(all->descriptor, 0);
                                         all->descriptor.store(0, std::memory_order_seq_cst);
                                         all->event.cancel_wait();
                                     }
                                 });
                             }),
              "");
}

} // namespace
