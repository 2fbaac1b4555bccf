#include "mpworkshop/kit/pi.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <random>
#include <thread>
#include <type_traits>
#include <vector>

namespace {

using namespace mpworkshop::kit;
using std::uint64_t;

static_assert(std::is_trivially_copyable_v<Sum>, "it travels between processes as bytes");
static_assert(std::is_trivially_copyable_v<PiOptions>, "tasks capture it");

constexpr double limit = 1e-15;
constexpr Split splits[] = {Split::cyclic, Split::blocks};

double error(double pi) { return std::abs(pi - std::numbers::pi); }

/// Does what a pool does, without the pool.
double pi_by_workers(uint64_t processes, uint64_t steps, Split split,
                     const Kernel& kernel = kernels().back()) {
    std::vector<Sum> partials;
    for (uint64_t rank = 0; rank < processes; ++rank)
        partials.push_back(sum_share(kernel, share_of(split, rank, processes, steps), steps));
    return pi_from(partials);
}

long double height(uint64_t i, uint64_t steps) {
    const long double x = (static_cast<long double>(i) + 0.5L) / static_cast<long double>(steps);
    return 4 / (1 + x * x);
}

// ---- Accuracy.

TEST(Pi, is_within_1e15_of_pi_for_1e8_steps) { EXPECT_LE(error(pi_serial(100'000'000)), limit); }

TEST(Pi, is_within_1e15_of_pi_for_1e9_steps) { EXPECT_LE(error(pi_serial(1'000'000'000)), limit); }

TEST(Pi, is_within_1e15_of_pi_for_123456789_steps) {
    EXPECT_LE(error(pi_serial(123'456'789)), limit);
}

TEST(Pi, is_within_1e15_of_pi_for_1e10_steps_in_two_threads) {
    std::vector<Sum> partials(2);
    const auto work = [&](uint64_t rank) { partials[rank] = partial_pi(rank, 2, 10'000'000'000); };
    std::thread other(work, 1);
    work(0);
    other.join();
    EXPECT_LE(error(pi_from(partials)), limit);
}

TEST(Pi, is_within_1e15_of_pi_for_1_to_1000_workers_and_both_splits) {
    for (const Split split : splits)
        for (const uint64_t processes : {1U, 2U, 3U, 7U, 64U, 1000U})
            EXPECT_LE(error(pi_by_workers(processes, 123'456'789, split)), limit)
                << processes << " workers, split " << int(split);
}

TEST(Pi, is_within_1e15_of_pi_by_every_kernel_that_this_cpu_runs) {
    for (const Kernel& kernel : kernels())
        for (const Split split : splits)
            for (const uint64_t steps : {100'000'000U, 123'456'789U})
                EXPECT_LE(error(pi_by_workers(3, steps, split, kernel)), limit)
                    << kernel.name << ", " << steps << " steps, split " << int(split);
}

TEST(Pi, is_off_by_the_width_of_the_strips_alone_for_arbitrary_steps_and_workers) {
    std::mt19937_64 random(1);
    for (int trial = 0; trial < 60; ++trial) {
        const uint64_t steps = 5'000'000 + random() % 20'000'000;
        const uint64_t processes = 1 + random() % (trial % 3 == 0 ? 4 : 1000);
        const double strips = 1 / (12 * double(steps) * double(steps));
        const double pi = pi_by_workers(processes, steps, splits[trial % 2]);
        ASSERT_NEAR(pi - std::numbers::pi, strips, limit)
            << processes << " workers, " << steps << " steps, split " << trial % 2;
    }
}

TEST(Pi, is_the_midpoint_sum_for_few_steps) {
    const double few = 1e-13; // with so few terms the rounding errors do not cancel
    for (uint64_t steps = 1; steps <= 20'000; steps += 1 + steps / 50) {
        long double sum = 0;
        for (uint64_t i = 0; i < steps; ++i) sum += height(i, steps);
        const double pi = double(sum / static_cast<long double>(steps));
        for (const Kernel& kernel : kernels())
            for (const Split split : splits)
                for (const uint64_t processes : {1U, 4U, 301U})
                    ASSERT_NEAR(pi_by_workers(processes, steps, split, kernel), pi, few)
                        << steps << " steps, " << processes << " workers";
    }
}

// ---- The shares of the workers.

TEST(Pi, both_splits_cover_each_step_once) {
    for (const Split split : splits)
        for (uint64_t steps = 1; steps <= 40; ++steps)
            for (uint64_t processes = 1; processes <= 50; ++processes) {
                std::vector<int> visits(steps);
                for (uint64_t rank = 0; rank < processes; ++rank) {
                    const Share share = share_of(split, rank, processes, steps);
                    for (uint64_t k = 0; k < share.count; ++k)
                        ++visits.at(share.first + k * share.stride);
                }
                ASSERT_EQ(visits, std::vector<int>(steps, 1)) << processes << " workers";
            }
}

TEST(Pi, workers_beyond_the_steps_add_nothing) {
    for (const Split split : splits) {
        EXPECT_EQ(partial_pi(7, 8, 7, {.split = split}).value(), 0);
        EXPECT_EQ(partial_pi(99'999, 100'000, 3, {.split = split}).value(), 0);
    }
}

TEST(Pi, a_share_of_2_to_the_53_steps_is_summed_where_it_lies) {
    const uint64_t steps = uint64_t{1} << 53, processes = uint64_t{1} << 36;
    for (const Split split : splits)
        for (const uint64_t rank : {uint64_t{0}, processes / 3, processes - 1}) {
            const Share share = share_of(split, rank, processes, steps);
            long double sum = 0;
            for (uint64_t k = 0; k < share.count; ++k)
                sum += height(share.first + k * share.stride, steps);
            const double expected = double(sum / static_cast<long double>(steps));
            EXPECT_NEAR(partial_pi(rank, processes, steps, {.split = split}).value() / expected, 1,
                        1e-12)
                << "rank " << rank << ", split " << int(split);
        }
}

TEST(Pi, refuses_ranks_and_steps_that_do_not_exist) {
    EXPECT_THROW(partial_pi(0, 0, 10), std::invalid_argument);
    EXPECT_THROW(partial_pi(4, 4, 10), std::invalid_argument);
    EXPECT_THROW(pi_serial(0), std::invalid_argument);
    EXPECT_THROW(pi_serial((uint64_t{1} << 53) + 1), std::invalid_argument);
}

// ---- The same bits; progress; stopping.

TEST(Pi, the_same_arguments_give_the_same_bits) {
    const Sum once = partial_pi(1, 3, 20'000'003), again = partial_pi(1, 3, 20'000'003);
    EXPECT_EQ(once.sum, again.sum);
    EXPECT_EQ(once.correction, again.correction);
}

TEST(Pi, watching_changes_no_bit_and_counts_every_step) {
    std::atomic<uint64_t> done = 5;
    const PiOptions watched = {.done = &done, .stop = [] { return false; }};
    const Sum plain = partial_pi(0, 1, 20'000'003), seen = partial_pi(0, 1, 20'000'003, watched);
    EXPECT_EQ(plain.sum, seen.sum);
    EXPECT_EQ(plain.correction, seen.correction);
    EXPECT_EQ(done, 20'000'003 + 5);
}

int questions;

TEST(Pi, stops_early_when_asked_and_done_tells_how_far_it_came) {
    questions = 0;
    std::atomic<uint64_t> done = 0;
    const uint64_t steps = uint64_t{1} << 53; // days of work
    const Sum part =
        partial_pi(0, 1, steps, {.done = &done, .stop = [] { return ++questions == 4; }});
    EXPECT_EQ(questions, 4);
    EXPECT_GT(done, 0);
    EXPECT_LT(done, 100'000'000);
    // At the left end the height of the curve is 4.
    EXPECT_NEAR(part.value(), 4 * double(done) / double(steps), 1e-20);
}

TEST(Pi, sums_nothing_when_stopped_before_it_began) {
    std::atomic<uint64_t> done = 0;
    EXPECT_EQ(pi_serial(1000, {.done = &done, .stop = [] { return true; }}), 0);
    EXPECT_EQ(done, 0);
}

// ---- The compensated sum.

TEST(Sum, keeps_what_a_plain_sum_loses) {
    Sum sum;
    for (const double term : {1.0, 1e100, 1.0, -1e100}) sum.add(term);
    EXPECT_EQ(sum.value(), 2);
}

TEST(Sum, of_partials_keeps_their_corrections) {
    const std::vector<Sum> partials = {{1e16, 1}, {1, 0}, {-1e16, 1}};
    EXPECT_EQ(pi_from(partials), 3);
}

TEST(Sum, of_no_partials_is_zero) { EXPECT_EQ(pi_from({}), 0); }

} // namespace
