#include "mp/shared.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <mp/mp.hpp>
#include <string>
#include <vector>

#include "mp/arena.hpp"
#include "support/invariants.hpp"

namespace {

using Shared = support::Invariants;

TEST_F(Shared, an_array_made_before_the_pool_is_seen_by_the_workers) {
    mp::SharedArray<double> numbers(1000);
    mp::Pool pool(2);
    numbers[3] = 1.5;
    EXPECT_EQ(pool.apply([in = numbers.span()] { return in[3]; }), 1.5);
    pool.map([out = numbers.span()](std::size_t i) { out[i] = static_cast<double>(i); },
             std::views::iota(std::size_t{0}, std::size_t{1000}));
    for (std::size_t i = 0; i < 1000; ++i) EXPECT_EQ(numbers[i], static_cast<double>(i));
}

TEST_F(Shared, an_array_made_after_the_pool_is_seen_by_old_and_new_workers) {
    mp::Pool pool(2);
    mp::SharedArray<int> numbers(1'000'000);
    std::ranges::fill(numbers, 9);
    EXPECT_EQ(pool.apply([in = numbers.span()] { return in[999'999]; }), 9);
    EXPECT_THROW(pool.apply([] { std::abort(); }), mp::WorkerDied);
    EXPECT_EQ(pool.map([in = numbers.span()](int) { return in[0]; }, {1, 2, 3}),
              (std::vector{9, 9, 9}));
}

TEST_F(Shared, elements_start_as_their_types_default) {
    for (int round = 0; round < 3; ++round) { // also with reused memory
        mp::SharedArray<int> small(10);
        mp::SharedArray<double> large(1'000'000);
        EXPECT_TRUE(std::ranges::all_of(small, [](int i) { return i == 0; }));
        EXPECT_TRUE(std::ranges::all_of(large, [](double d) { return d == 0; }));
        std::ranges::fill(small, 1);
        std::ranges::fill(large, 1);
    }
    struct Seven {
        int value = 7;
    };
    mp::SharedArray<Seven> sevens(3);
    EXPECT_EQ(sevens[2].value, 7);
}

TEST_F(Shared, a_value_is_seen_on_both_sides) {
    mp::SharedValue<int> value(5);
    mp::Process process([&] { *value += 1; });
    process.start();
    process.join();
    EXPECT_EQ(*value, 6);
}

TEST_F(Shared, an_array_moves) {
    mp::SharedArray<int> first(3);
    first[0] = 4;
    mp::SharedArray<int> second(std::move(first));
    EXPECT_EQ(second[0], 4);
    first = mp::SharedArray<int>(1);
    EXPECT_EQ(first.size(), 1U);
}

TEST_F(Shared, items_in_a_shared_array_are_read_where_they_stand) {
    mp::SharedArray<int> items(100);
    mp::Pool pool(2);
    const auto where = pool.map(
        [](const int& item) { return reinterpret_cast<std::uintptr_t>(&item); }, items.span());
    for (std::size_t i = 0; i < items.size(); ++i)
        EXPECT_EQ(where[i], reinterpret_cast<std::uintptr_t>(&items[i]));
}

TEST_F(Shared, more_than_the_machine_has_is_refused_before_it_is_touched) {
    EXPECT_THROW(mp::SharedArray<char>(std::size_t{1} << 41), std::system_error);
    EXPECT_THROW(mp::SharedArray<char>(std::size_t{1} << 60), std::system_error);
    EXPECT_THROW(mp::SharedArray<double>(~std::size_t{0} / 2), std::length_error);
}

long shared_kilobytes() {
    std::ifstream status("/proc/self/status");
    for (std::string word; status >> word;)
        if (long value = 0; word == "RssShmem:" && status >> value) return value;
    return -1;
}

TEST_F(Shared, what_is_not_written_costs_nothing) {
    struct Zero {
        int a = 0;
        double b = 0;
    };
    constexpr std::size_t size = std::size_t{1} << 26;
    for (int round = 0; round < 2; ++round) {
        const long before = shared_kilobytes();
        const mp::SharedArray<char> bytes(16 * size);
        const mp::SharedArray<std::atomic<long>> counters(size);
        EXPECT_LT(shared_kilobytes() - before, 1000);
        const mp::SharedArray<Zero> structs(size);
        EXPECT_LT(shared_kilobytes() - before, 1000);
        structs[size / 2].a = 7;
        mp::Process process([&] { ++counters[size / 2]; });
        process.start();
        process.join();
        EXPECT_EQ(counters[size / 2], 1);
        EXPECT_EQ(structs[size / 2 + 1].a, 0);
        EXPECT_LT(shared_kilobytes() - before, 2000);
    }
}

TEST_F(Shared, memory_that_was_written_before_is_zero_again) {
    for (const std::size_t size : {100U, 1U << 17, (1U << 17) + 1, 1U << 18, 5U << 20}) {
        for (int round = 0; round < 3; ++round) {
            const mp::SharedArray<char> array(size);
            EXPECT_TRUE(std::ranges::all_of(array, [](char c) { return c == 0; })) << size;
            std::ranges::fill(array, 'x');
        }
        mp::Pool pool(1); // its results lie in the same memory
        EXPECT_EQ(pool.map([](std::size_t) { return 'y'; }, std::views::iota(0UL, size)).size(),
                  size);
    }
    struct Seven {
        int value = 7;
    };
    const mp::SharedArray<Seven> sevens(1'000'000);
    EXPECT_TRUE(std::ranges::all_of(sevens, [](const Seven& each) { return each.value == 7; }));
}

TEST_F(Shared, an_array_that_is_gone_gives_its_memory_back_but_for_a_bounded_part) {
    for (int round = 0; round < 2; ++round) {
        mp::SharedArray<char> array(mp::detail::SharedArena::keeps + (64 << 20));
        for (std::size_t i = 0; i < array.size(); i += 4096) array[i] = 'x'; // each page
    }
    EXPECT_LT(shared_kilobytes(),
              static_cast<long>(mp::detail::SharedArena::keeps / 1024) + 20'000);
}

} // namespace
