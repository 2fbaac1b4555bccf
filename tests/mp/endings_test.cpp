// What happens to results when their pool ends first.

#include "mp/ends.hpp"

#include <array>
#include <exception>
#include <ranges>
#include <utility>
#include <vector>

namespace {

class Endings : public Ends {};
INSTANTIATE_TEST_SUITE_P(Backend, Endings, testing::Values("serial", "threads", "processes"),
                         [](const auto& test) { return test.param; });

class EndingsAtOnce : public Ends {};
INSTANTIATE_TEST_SUITE_P(Backend, EndingsAtOnce, testing::Values("threads", "processes"),
                         [](const auto& test) { return test.param; });

using EndingsOfProcesses = support::Invariants;

// ---- Results that have arrived.

enum class End { destroyed, terminated, closed, interrupted };

void end(std::unique_ptr<mp::Pool>& pool, End how) {
    switch (how) {
    case End::destroyed:
        return pool.reset();
    case End::terminated:
        return pool->terminate();
    case End::closed:
        pool->close();
        return pool->join();
    case End::interrupted:
        mp::interrupt();
        EXPECT_THROW(pool->map([](int i) { return i; }, {1, 2, 3}), mp::Interrupted);
    }
}

TEST_P(Endings, a_result_that_was_there_stays_however_its_pool_ends) {
    const OnOneCpu one;
    for (const End how : {End::destroyed, End::terminated, End::closed, End::interrupted})
        for (int round = 0; round < 15; ++round) {
            auto pool = make(2);
            auto map = pool->map_async([](int i) { return i; }, std::vector{1, 2, 3});
            auto texts = pool->map_async([](int i) { return std::to_string(i); }, {4, 5});
            auto products = pool->starmap_async([](int a, int b) { return a * b; },
                                                std::vector<std::pair<int, int>>{{6, 7}});
            auto failed = pool->map_async([](int i) { return i != 0 ? throw i : i; }, {0, 8});
            auto call = pool->apply_async([] { return std::string("nine"); });
            map.wait();
            texts.wait();
            products.wait();
            failed.wait();
            call.wait();
            end(pool, how);
            EXPECT_TRUE(map.ready());
            EXPECT_EQ(map.get(), (std::vector{1, 2, 3}));
            EXPECT_EQ(texts.get(), (std::vector<std::string>{"4", "5"}));
            EXPECT_EQ(products.get(), std::vector{42});
            EXPECT_THROW(failed.get(), mp::RemoteError);
            EXPECT_EQ(call.get(), "nine");
            mp::clear_interrupt();
        }
}

TEST_P(EndingsAtOnce, a_map_whose_last_items_end_while_the_pool_is_terminated_is_whole_or_lost) {
    for (int round = 0; round < 20; ++round) {
        auto pool = make(2);
        auto map = pool->map_async([](int i) { return 2 * i; }, std::views::iota(0, round), 1);
        pool->terminate();
        try {
            const auto results = map.get();
            ASSERT_EQ(results.size(), static_cast<std::size_t>(round));
            for (int i = 0; i < round; ++i) ASSERT_EQ(results[static_cast<std::size_t>(i)], 2 * i);
        } catch (const mp::BrokenPool&) {
        }
    }
}

TEST_P(EndingsAtOnce, what_a_lazy_map_has_computed_comes_before_the_end_of_its_pool) {
    auto pool = make(1);
    auto numbers = pool->imap([](int i) { return i; }, std::views::iota(0), {.read_ahead = 3});
    auto at = numbers.begin();
    pool->apply([] {}); // one worker runs them in order
    pool->terminate();
    EXPECT_EQ(*at, 0);
    EXPECT_EQ(*++at, 1);
    EXPECT_EQ(*++at, 2);
    EXPECT_THROW(++at, mp::BrokenPool);
    EXPECT_TRUE(numbers.begin() == numbers.end());
}

TEST_F(EndingsOfProcesses, a_lazy_map_goes_on_after_an_item_that_was_lost_with_its_pool) {
    mp::Pool pool(2);
    const mp::SharedValue<std::atomic<bool>> begun;
    const mp::SharedValue<std::atomic<int>> others;
    auto numbers = pool.imap(
        [begun = begun.span(), others = others.span()](int i) {
            while (i == 0) begun[0] = true;
            ++others[0];
            return i;
        },
        std::views::iota(0, 4), {.read_ahead = 4});
    std::thread iteration([&] { EXPECT_THROW((void)numbers.begin(), mp::BrokenPool); });
    while (!*begun || *others < 3) std::this_thread::yield();
    pool.apply([] {}); // by the other worker, after 1, 2 and 3
    pool.terminate();
    iteration.join();
    std::vector<int> rest;
    for (int number : numbers) rest.push_back(number);
    EXPECT_EQ(rest, (std::vector{1, 2, 3}));
}

// ---- Callbacks of results that will never arrive.

struct Told {
    int results = 0, errors = 0;
    bool broken = false;

    template <class R> void by(mp::AsyncResult<R>& result) {
        result.on_result([this](auto&&...) { ++results; });
        result.on_error([this](const std::exception_ptr& error) {
            ++errors;
            try {
                std::rethrow_exception(error);
            } catch (const mp::BrokenPool&) {
                broken = true;
            } catch (...) {
            }
        });
    }
};

TEST_P(EndingsAtOnce, every_result_that_is_owed_is_told_when_its_pool_is_terminated) {
    for (int round = 0; round < 10; ++round) {
        std::vector<Told> told(8);
        auto pool = make(2);
        std::vector<mp::AsyncResult<int>> calls;
        std::vector<mp::AsyncResult<std::vector<int>>> maps;
        for (int i = 0; i < 4; ++i) {
            calls.push_back(pool->apply_async([](int k) { return k; }, i));
            maps.push_back(pool->map_async([](int k) { return k; }, std::views::iota(0, 100 * i)));
        }
        for (std::size_t i = 0; i < 4; ++i) {
            told[i].by(calls[i]);
            told[4 + i].by(maps[i]);
        }
        pool->terminate();
        const auto agrees = [](const Told& what, auto& result) {
            EXPECT_EQ(what.results + what.errors, 1);
            EXPECT_EQ(what.broken, what.errors == 1);
            EXPECT_TRUE(result.ready());
            EXPECT_EQ(result.successful(), what.results == 1);
            if (what.results == 1)
                EXPECT_NO_THROW((void)result.get());
            else
                EXPECT_THROW((void)result.get(), mp::BrokenPool);
            EXPECT_EQ(what.results + what.errors, 1);
        };
        for (std::size_t i = 0; i < 4; ++i) {
            agrees(told[i], calls[i]);
            agrees(told[4 + i], maps[i]);
        }
    }
}

TEST_F(EndingsOfProcesses, whoever_finds_a_pool_at_its_end_tells_all_that_is_owed) {
    const mp::SharedValue<std::atomic<int>> begun;
    for (const bool by_interrupt : {false, true}) {
        Told dropped, held, late;
        auto pool = std::make_unique<mp::Pool>(1);
        auto running = pool->apply_async(endless(begun), 1);
        held.by(running);
        auto waiting = pool->map_async([](int i) { return i; }, {1, 2});
        {
            auto result = pool->apply_async([] { return 1; });
            dropped.by(result);
        }
        if (by_interrupt) {
            mp::interrupt();
            EXPECT_THROW(waiting.get(), mp::Interrupted);
            mp::clear_interrupt();
        } else {
            pool.reset(); // runs no callback: what it refers to may be gone
            EXPECT_EQ(held.errors + dropped.errors, 0);
            EXPECT_THROW(waiting.get(), mp::BrokenPool);
        }
        EXPECT_EQ(held.errors, 1);
        EXPECT_EQ(dropped.errors, 1);
        late.by(running);
        EXPECT_EQ(late.errors, 1);
        EXPECT_ANY_THROW(running.get());
        EXPECT_EQ(held.errors + dropped.errors + late.errors, 3);
        EXPECT_EQ(held.results + dropped.results + late.results, 0);
    }
}

TEST_F(EndingsOfProcesses, a_thread_that_waits_while_another_terminates_tells_each_result_once) {
    for (int round = 0; round < 10; ++round) {
        const mp::SharedValue<std::atomic<int>> begun;
        std::atomic<int> told = 0;
        mp::Pool pool(2);
        auto running = pool.map_async(endless(begun), {1, 2}, 1);
        std::vector<mp::AsyncResult<int>> calls;
        for (int i = 0; i < 10; ++i)
            calls.push_back(pool.apply_async([](int k) { return k; }, i)
                                .on_result([&](int) { ++told; })
                                .on_error([&](const std::exception_ptr&) { ++told; }));
        std::thread waits([&] { EXPECT_THROW(running.get(), mp::BrokenPool); });
        wait_for(begun, 1);
        pool.terminate();
        waits.join();
        EXPECT_EQ(told, 10);
    }
}

} // namespace
