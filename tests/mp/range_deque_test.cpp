// A deque of grains: its owner pops, others steal, and the owner may die at any step.

#include "mp/scheduler/range_deque.hpp"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "mp/support/model.hpp"

namespace {

using mp::detail::BasicRangeDeque, mp::detail::Range, mp::detail::RangeDeque;

TEST(RangeDeque, its_owner_pops_at_the_low_end) {
    RangeDeque deque{};
    deque.push({3, 6});
    EXPECT_EQ(deque.pop(1), (Range{3, 4}));
    EXPECT_EQ(deque.pop(1), (Range{4, 5}));
    EXPECT_EQ(deque.pop(7), (Range{5, 6}));
    EXPECT_TRUE(deque.pop(1).empty());
}

TEST(RangeDeque, a_thief_takes_the_upper_half) {
    RangeDeque thief{}, victim{};
    victim.push({10, 20});
    ASSERT_TRUE(thief.steal_from(victim));
    EXPECT_EQ(thief.pop(100), (Range{15, 20}));
    EXPECT_EQ(victim.pop(100), (Range{10, 15}));
}

TEST(RangeDeque, the_last_grain_can_be_stolen_and_then_there_is_none) {
    RangeDeque thief{}, victim{};
    victim.push({7, 8});
    ASSERT_TRUE(thief.steal_from(victim));
    EXPECT_FALSE(victim.has_stealable());
    EXPECT_FALSE(victim.steal_from(victim));
    EXPECT_EQ(thief.pop(1), (Range{7, 8}));
    EXPECT_FALSE(thief.steal_from(victim));
    EXPECT_FALSE(thief.is_in_use());
}

TEST(RangeDeque, of_a_dead_owner_the_latest_claim_is_known) {
    RangeDeque deque{};
    deque.push({0, 10});
    (void)deque.pop(3);
    (void)deque.pop(2);
    const auto remains = deque.owner_died();
    EXPECT_EQ(remains.claimed, (Range{3, 5}));
    EXPECT_TRUE(remains.announced.empty());
    EXPECT_FALSE(remains.emptied);
    deque.give_back(4);
    EXPECT_EQ(deque.pop(100), (Range{4, 10}));
}

TEST(RangeDeque, the_next_owner_has_claimed_nothing) {
    RangeDeque deque{};
    deque.push({0, 10});
    (void)deque.pop(3);
    (void)deque.owner_died();
    EXPECT_TRUE(deque.owner_died().claimed.empty());
    EXPECT_EQ(deque.take_rest(), (Range{3, 10}));
    EXPECT_TRUE(deque.owner_died().claimed.empty());
}

TEST(RangeDeque, what_was_taken_back_is_said_to_be_unknown) {
    RangeDeque deque{};
    deque.push({0, 10});
    (void)deque.pop(3);
    EXPECT_EQ(deque.take_back(), (Range{3, 10}));
    EXPECT_TRUE(deque.owner_died().emptied);
}

TEST(RangeDequeThreads, take_each_grain_once) {
    constexpr std::uint32_t grains = 20'000;
    for (int round = 0; round < 3; ++round) {
        std::array<RangeDeque, 4> deques{};
        deques[0].push({0, grains});    // the others only steal
        std::vector<int> taken(grains); // not atomic: a grain taken twice is also a data race
        std::vector<std::thread> threads;
        for (std::size_t self = 0; self < deques.size(); ++self)
            threads.emplace_back([&, self] {
                const auto steal = [&] {
                    for (std::size_t step = 1; step < deques.size(); ++step)
                        if (deques[self].steal_from(deques[(self + step) % deques.size()]))
                            return true;
                    return false;
                };
                do
                    for (Range own; !(own = deques[self].pop(3)).empty();)
                        for (std::uint32_t grain = own.low; grain < own.high; ++grain)
                            ++taken[grain];
                while (steal());
            });
        for (std::thread& thread : threads) thread.join();
        EXPECT_EQ(taken, std::vector<int>(grains, 1));
    }
}

// ---- Every interleaving of short threads.

class RangeDequeModel : public testing::Test {
protected:
    void SetUp() override {
        if (const char* why = model::why_unavailable()) GTEST_SKIP() << why;
    }
};

constexpr std::uint32_t few = 4;

struct Workers {
    using Deque = BasicRangeDeque<model::Atomics>;
    std::array<Deque, 3> deques;
    std::array<int, few> done{}; // how often each grain was run to its end

    void run(Range range) {
        for (std::uint32_t grain = range.low; grain < range.high; ++grain) ++done[grain];
    }
    // Like a worker: pops, and then steals from the next one, if there is one.
    void work(std::size_t self, std::size_t victim) {
        do
            for (Range own; !(own = deques[self].pop(1)).empty();) run(own);
        while (deques[self].steal_from(deques[victim]));
    }
    std::string check_done() const {
        for (std::uint32_t grain = 0; grain < few; ++grain)
            if (done[grain] != 1)
                return "grain " + std::to_string(grain) + " was run " +
                       std::to_string(done[grain]) + " times";
        return {};
    }
};

TEST_F(RangeDequeModel, no_grain_is_lost_or_doubled) {
    EXPECT_EQ(model::explore({.preemptions = 2},
                             [](model::Run& run) {
                                 const auto all = std::make_shared<Workers>();
                                 all->deques[0].push({0, few});
                                 run.thread([all] { all->work(0, 1); });
                                 run.thread([all] { all->work(1, 0); });
                                 run.thread([all] { all->work(2, 1); });
                                 run.at_end([all] {
                                     // A thief may find its victim empty and end before another
                                     // thief has stored its range; an ended worker has nothing
                                     // left.
                                     return all->check_done();
                                 });
                             }),
              "");
}

// What the dead worker held is exactly what was not run: the claim, the range that can still be
// stolen, and the part of the announced range that is in no other deque.
std::string recover(Workers& all, std::size_t dead, std::size_t other) {
    const auto remains = all.deques[dead].owner_died();
    std::array<int, few> held{};
    const auto hold = [&](Range range) {
        for (std::uint32_t grain = range.low; grain < range.high; ++grain) ++held[grain];
    };
    hold(remains.claimed);
    hold(all.deques[dead].take_rest());
    hold(all.deques[other].take_back());
    for (std::uint32_t grain = remains.announced.low; grain < remains.announced.high; ++grain)
        if (all.done[grain] == 0 && held[grain] == 0) held[grain] = 1;
    if (remains.claimed.size() > 1) return "more was claimed than a claim takes";
    for (std::uint32_t grain = 0; grain < few; ++grain) {
        // A worker that dies between the end of a grain and its next claim has both.
        const bool claimed = remains.claimed.low <= grain && grain < remains.claimed.high;
        if (all.done[grain] + held[grain] != 1 + (claimed ? all.done[grain] : 0))
            return "grain " + std::to_string(grain) + " was run " +
                   std::to_string(all.done[grain]) + " times and is held " +
                   std::to_string(held[grain]) + " times";
    }
    return {};
}

TEST_F(RangeDequeModel, of_a_thief_that_dies_at_any_step_everything_is_found) {
    EXPECT_EQ(model::explore({.preemptions = 2, .killed = 1},
                             [](model::Run& run) {
                                 const auto all = std::make_shared<Workers>();
                                 all->deques[0].push({0, few});
                                 run.thread([all] { all->work(0, 1); });
                                 run.thread([all] { all->work(1, 0); });
                                 run.at_end([all] { return recover(*all, 1, 0); });
                             }),
              "");
}

TEST_F(RangeDequeModel, of_an_owner_that_dies_at_any_step_everything_is_found) {
    EXPECT_EQ(model::explore({.preemptions = 2, .killed = 0},
                             [](model::Run& run) {
                                 const auto all = std::make_shared<Workers>();
                                 all->deques[0].push({0, few});
                                 run.thread([all] { all->work(0, 1); });
                                 run.thread([all] { all->work(1, 0); });
                                 run.at_end([all] { return recover(*all, 0, 1); });
                             }),
              "");
}

TEST_F(RangeDequeModel, what_recovery_gives_back_is_taken_once_while_others_steal) {
    EXPECT_EQ(model::explore({.preemptions = 2, .killed = 0},
                             [](model::Run& run) {
                                 const auto all = std::make_shared<Workers>();
                                 all->deques[0].push({0, few});
                                 run.thread([all] { (void)all->deques[0].pop(2); });
                                 run.thread([all] { all->work(1, 0); });
                                 run.thread([all, &run] {
                                     run.wait_until([&run] { return run.is_over(0); });
                                     const auto remains = all->deques[0].owner_died();
                                     all->deques[0].give_back(remains.claimed.low);
                                     all->work(2, 0);
                                 });
                                 run.at_end([all] {
                                     for (auto& deque : all->deques) all->run(deque.take_back());
                                     return all->check_done();
                                 });
                             }),
              "");
}

TEST_F(RangeDequeModel, what_is_taken_back_nobody_else_has) {
    EXPECT_EQ(model::explore({.preemptions = 2},
                             [](model::Run& run) {
                                 const auto all = std::make_shared<Workers>();
                                 all->deques[0].push({0, few});
                                 run.thread([all] { all->work(0, 1); });
                                 run.thread([all] { all->work(1, 0); });
                                 run.thread([all] {
                                     for (const std::size_t each : {0U, 1U})
                                         all->run(all->deques[each].take_back());
                                 });
                                 run.at_end([all] { return all->check_done(); });
                             }),
              "");
}

} // namespace
