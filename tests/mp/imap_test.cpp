#include <algorithm>
#include <atomic>
#include <list>
#include <ranges>
#include <sstream>
#include <string>
#include <vector>

#include "mp/conformance.hpp"

namespace {

class Imap : public Conformance {};

INSTANTIATE_TEST_SUITE_P(Backend, Imap, testing::ValuesIn(tested_backends()),
                         [](const auto& test) { return test.param; });

template <class Results> auto all(Results&& results) {
    std::vector<std::decay_t<decltype(*results.begin())>> collected;
    for (const auto& each : results) collected.push_back(each);
    return collected;
}

TEST_P(Imap, gives_the_results_of_map_in_order_for_every_size_and_chunksize) {
    for (const int size : {0, 1, 2, 7, 100})
        for (const std::size_t chunksize : {1U, 3U, 1000U}) {
            const auto items = std::views::iota(0, size);
            EXPECT_EQ(all(pool.imap(square, items, {.chunksize = chunksize})),
                      pool.map(square, items))
                << size << " items, chunksize " << chunksize;
        }
}

TEST_P(Imap, unordered_gives_each_result_once) {
    auto results = all(pool.imap_unordered(square, std::views::iota(0, 500), {.chunksize = 3}));
    std::ranges::sort(results);
    EXPECT_EQ(results, pool.map(square, std::views::iota(0, 500)));
}

TEST_P(Imap, takes_tuples_strings_and_streams) {
    const std::vector<std::pair<int, int>> pairs{{1, 2}, {3, 4}};
    EXPECT_EQ(all(pool.istarmap([](int a, int b) { return a * b; }, pairs)), (std::vector{2, 12}));
    EXPECT_EQ(all(pool.istarmap_unordered([](int a, int b) { return a * b; }, pairs)).size(), 2U);
    const std::list<std::string> words{"a", "bb", std::string(100'000, 'c')};
    EXPECT_EQ(all(pool.imap([](const std::string& s) { return s + s; }, words))[2].size(),
              200'000U);
    std::istringstream text("1 2 3 4 5");
    EXPECT_EQ(all(pool.imap(square, std::views::istream<int>(text), {.chunksize = 2})),
              (std::vector{1, 4, 9, 16, 25}));
}

TEST_P(Imap, reads_an_endless_input_no_further_than_it_was_told) {
    int read = 0;
    auto numbers = std::views::iota(0) | std::views::transform([&](int i) {
                       ++read;
                       return i;
                   });
    int taken = 0;
    for (int value : pool.imap(square, numbers, {.chunksize = 2, .read_ahead = 10})) {
        EXPECT_EQ(value, taken * taken);
        ++taken;
        EXPECT_LE(read, taken + 10);
        if (taken == 1000) break;
    }
    EXPECT_GE(read, 1000);
}

TEST_P(Imap, reads_ahead_by_two_chunks_a_worker_by_default) {
    int read = 0;
    auto numbers = std::views::iota(0, 1000) | std::views::transform([&](int i) {
                       ++read;
                       return i;
                   });
    auto results = pool.imap(square, numbers, {.chunksize = 5});
    (void)results.begin();
    EXPECT_LE(read, 2 * 3 * 5 + 1);
}

TEST_P(Imap, goes_on_after_an_item_that_failed) {
    const auto picky = [](int i) { return i % 5 == 3 ? throw std::range_error("no") : i; };
    auto results = pool.imap(picky, std::views::iota(0, 10), {.chunksize = 4});
    std::vector<int> good;
    std::vector<std::size_t> bad;
    for (;;) {
        try {
            for (auto at = results.begin(); at != results.end(); ++at) {
                if (good.empty() || good.back() != *at) good.push_back(*at);
            }
            break;
        } catch (const mp::RemoteError& error) {
            bad.push_back(error.item());
        }
    }
    EXPECT_EQ(good, (std::vector{0, 1, 2, 4, 5, 6, 7, 9}));
    EXPECT_EQ(bad, (std::vector<std::size_t>{3, 8}));
}

TEST_P(Imap, delivers_what_came_before_an_input_that_throws_then_its_error) {
    auto numbers = std::views::iota(0) | std::views::transform([](int i) {
                       return i == 25 ? throw std::out_of_range("end of tape") : i;
                   });
    std::vector<int> got;
    try {
        for (int value : pool.imap(square, numbers, {.chunksize = 10})) got.push_back(value);
        FAIL();
    } catch (const std::out_of_range& error) {
        EXPECT_STREQ(error.what(), "end of tape");
    }
    EXPECT_EQ(got, pool.map(square, std::views::iota(0, 25)));
}

TEST_P(Imap, left_early_calls_off_the_rest) {
    for (int round = 0; round < 50; ++round)
        for (const std::string& word :
             pool.imap([](int i) { return std::string(5000, static_cast<char>('a' + i % 26)); },
                       std::views::iota(0)))
            if (word[0] == 'd') break;
    EXPECT_EQ(pool.apply(square, 3), 9);
}

TEST_P(Imap, may_run_inside_of_another) {
    int sum = 0;
    for (int a : pool.imap(square, std::views::iota(0, 5)))
        for (int b : pool.imap(square, std::views::iota(0, 5))) sum += a * b;
    EXPECT_EQ(sum, 900);
}

} // namespace
