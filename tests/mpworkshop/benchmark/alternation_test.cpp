#include "mpworkshop/benchmark/alternation.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>
#include <vector>

using namespace mpworkshop;
using namespace mpworkshop::benchmark;

namespace {

/// An environment in which command i takes seconds[i], and nothing else takes time.
struct Fake {
    std::vector<double> seconds;
    double now = 0;
    std::vector<std::size_t> warm_up = {}, timed = {};

    std::size_t run(Alternation alternation) {
        alternation.commands = seconds.size();
        return alternate(alternation,
                         {.seconds = [this] { return now; },
                          .run =
                              [this](std::size_t index, Purpose purpose, double latest) {
                                  if (now + seconds[index] > latest) return now = latest, false;
                                  now += seconds[index];
                                  (purpose == Purpose::warm_up ? warm_up : timed).push_back(index);
                                  return true;
                              }});
    }
};

} // namespace

TEST(Alternation, runs_each_command_as_often_as_was_asked_for) {
    Fake world{{1, 2, 3}};
    EXPECT_EQ(world.run({.warm_up = 2, .runs = 7, .budget_s = 1}), 7U);
    EXPECT_EQ(world.warm_up.size(), 6U);
    for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(std::ranges::count(world.timed, i), 7);
}

TEST(Alternation, interleaves_so_that_every_round_has_each_command_once) {
    Fake world{{1, 1, 1, 1}};
    world.run({.runs = 20});
    for (std::size_t round = 0; round < 20; ++round) {
        std::vector<std::size_t> order(world.timed.begin() + std::ptrdiff_t(4 * round),
                                       world.timed.begin() + std::ptrdiff_t(4 * round + 4));
        std::ranges::sort(order);
        EXPECT_EQ(order, (std::vector<std::size_t>{0, 1, 2, 3}));
    }
}

TEST(Alternation, draws_the_order_anew_and_repeats_it_for_the_same_seed) {
    const auto order = [](std::uint64_t seed) {
        Fake world{{1, 1}};
        world.run({.runs = 40, .seed = seed});
        return world.timed;
    };
    EXPECT_EQ(order(7), order(7));
    EXPECT_NE(order(7), order(8));
    std::size_t first_is_0 = 0;
    const auto all = order(7);
    for (std::size_t i = 0; i < all.size(); i += 2) first_is_0 += all[i] == 0;
    EXPECT_GT(first_is_0, 5U);
    EXPECT_LT(first_is_0, 35U);
}

TEST(Alternation, begins_no_round_that_the_budget_has_no_room_for) {
    Fake world{{1, 0.5}};
    EXPECT_EQ(world.run({.warm_up = 1, .budget_s = 15, .least = 3}), 9U); // 1.5 + 9 * 1.5 = 15
    EXPECT_DOUBLE_EQ(world.now, 15);
    Fake slower{{1.1, 0.5}};
    EXPECT_EQ(slower.run({.warm_up = 1, .budget_s = 15, .least = 3}), 8U);
    EXPECT_LE(slower.now, 15);
}

TEST(Alternation, exceeds_the_budget_by_a_fifth_at_most_for_the_least_rounds) {
    Fake world{{1, 0.6}}; // the warm-up and six rounds: 11.2 s
    EXPECT_EQ(world.run({.budget_s = 10, .least = 6}), 6U);
    Fake slower{{1, 0.8}}; // 12.6 s
    EXPECT_EQ(slower.run({.budget_s = 10, .least = 6}), 5U);
    EXPECT_LE(slower.now, 12);
}

TEST(Alternation, of_which_a_part_was_spent_before_has_so_much_less) {
    Fake world{{1, 0.5}};
    EXPECT_EQ(world.run({.budget_s = 15, .used_s = 3, .least = 3}), 7U); // 1.5 + 7 * 1.5 = 12
}

TEST(Alternation, cuts_a_run_short_at_one_and_a_fifth_of_the_budget) {
    Fake world{{100, 100}};
    EXPECT_EQ(world.run({.budget_s = 10}), 0U);
    EXPECT_DOUBLE_EQ(world.now, 12);
    EXPECT_TRUE(world.warm_up.empty());
    Fake busier{{1, 1}}; // from the third round on, each run takes much longer
    const Alternation alternation = {.budget_s = 10};
    const std::size_t done = alternate(alternation, {.seconds = [&] { return busier.now; },
                                                     .run =
                                                         [&](std::size_t, Purpose, double latest) {
                                                             const double seconds =
                                                                 busier.now < 5 ? 1 : 4;
                                                             if (busier.now + seconds > latest)
                                                                 return busier.now = latest, false;
                                                             busier.now += seconds;
                                                             return true;
                                                         }});
    EXPECT_EQ(done, 2U);
    EXPECT_LE(busier.now, 12);
}

TEST(Alternation, of_so_many_runs_has_no_budget) {
    Fake world{{100, 100}};
    EXPECT_EQ(world.run({.runs = 3, .budget_s = 1}), 3U);
}

TEST(Alternation, makes_no_more_than_the_most_however_short_they_are) {
    Fake world{{1e-6, 1e-6}};
    EXPECT_EQ(world.run({.budget_s = 10, .most = 12}), 12U);
}

TEST(Alternation, measures_at_once_without_a_warm_up) {
    Fake world{{1}};
    world.run({.warm_up = 0, .runs = 1});
    EXPECT_TRUE(world.warm_up.empty());
    EXPECT_EQ(world.timed.size(), 1U);
}

TEST(Alternation, ends_with_what_a_run_throws) {
    int runs = 0;
    const World world = {.seconds = [] { return 0.0; },
                         .run =
                             [&](std::size_t, Purpose, double) {
                                 if (++runs == 4) throw std::runtime_error("enough");
                                 return true;
                             }};
    EXPECT_THROW(alternate({.commands = 2, .runs = 9}, world), std::runtime_error);
    EXPECT_EQ(runs, 4);
}
