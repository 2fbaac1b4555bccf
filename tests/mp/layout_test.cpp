// Where values lie in memory, and how much of it they are said to need.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <mp/mp.hpp>
#include <ranges>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "support/invariants.hpp"

namespace {

using Layout = support::Invariants;

constexpr const char* backends[] = {"serial", "threads", "processes"};

template <std::size_t Alignment> struct alignas(Alignment) Aligned {
    int value = 0;
    std::array<std::byte, Alignment - sizeof(int)> rest{}; // no padding, which may hold an address

    bool is_aligned() const { return reinterpret_cast<std::uintptr_t>(this) % Alignment == 0; }
};

std::atomic<bool> initialized = false; // by each worker, which may be a thread

// Whether a capture is aligned for its type, in every form of call.
template <std::size_t Alignment> void expect_aligned(const std::string& backend) {
    SCOPED_TRACE(backend + ", " + std::to_string(Alignment));
    const Aligned<Alignment> capture{5};
    const auto ok = [capture](int i) {
        return capture.is_aligned() && capture.value == 5 && i > 0;
    };
    for (int round = 0; round < 5; ++round) {
        mp::Pool pool({.processes = 2, .backend = backend, .initializer = [capture] {
                           initialized = capture.is_aligned() && capture.value == 5;
                       }});
        EXPECT_TRUE(pool.apply([] { return initialized.load(); }));
        const std::vector<int> items(100, 1);
        const auto all = [](const std::vector<bool>& each) {
            return std::ranges::count(each, true) == 100;
        };
        EXPECT_TRUE(all(pool.map(ok, items)));
        EXPECT_TRUE(all(pool.map_async(ok, items).get()));
        EXPECT_TRUE(pool.apply(ok, 1));
        for (const bool each : pool.imap(ok, items, {.chunksize = 3})) EXPECT_TRUE(each);
        if constexpr (Alignment <= 4096) {
            using Value = Aligned<Alignment>;
            const auto same = [](const Value& item) {
                return item.is_aligned() ? item : Value{-1};
            };
            const std::vector<Value> values(10, capture);
            for (const Value& value : pool.map(same, values)) EXPECT_EQ(value.value, 5);
            for (const Value& value : pool.imap(same, values)) EXPECT_EQ(value.value, 5);
            EXPECT_EQ(pool.apply(same, capture).value, 5);
        }
    }
}

TEST_F(Layout, captures_items_and_results_stand_where_their_types_may) {
    for (const std::string backend : backends) {
        expect_aligned<16>(backend);
        expect_aligned<32>(backend);
        expect_aligned<64>(backend);
        expect_aligned<256>(backend);
        expect_aligned<4096>(backend);
        expect_aligned<16384>(backend);
    }
}

TEST_F(Layout, more_items_than_addresses_are_refused_at_once) {
    for (const std::string backend : backends) {
        SCOPED_TRACE(backend);
        mp::Pool pool({.processes = 2, .backend = backend});
        using Signed = std::numeric_limits<std::int64_t>;
        EXPECT_THROW(pool.map([](std::size_t) {}, std::views::iota(std::size_t{0}, 1UL << 61)),
                     std::length_error);
        EXPECT_THROW(pool.map([](std::size_t) {}, std::views::iota(1UL, (1UL << 61) + 3)),
                     std::length_error);
        EXPECT_THROW(pool.map([](std::int64_t) {}, std::views::iota(Signed::min(), Signed::max())),
                     std::length_error);
        int one = 1;
        const std::span<int> absurd(&one, std::size_t{1} << 62);
        EXPECT_THROW(pool.map([](int i) { return i; }, absurd), std::length_error);
        EXPECT_THROW(pool.map_into([](int i) { return i; }, absurd, absurd), std::length_error);
        EXPECT_EQ(pool.map([](int i) { return i; }, {1, 2}), (std::vector{1, 2}));
    }
}

} // namespace
