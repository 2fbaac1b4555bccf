#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <numeric>
#include <ranges>
#include <set>
#include <thread>
#include <vector>

#include "mp/conformance.hpp"

namespace {

using namespace std::chrono_literals;

class Async : public Conformance {
protected:
    bool is_serial() const { return GetParam() == "serial"; }
};

INSTANTIATE_TEST_SUITE_P(Backend, Async, testing::ValuesIn(tested_backends()),
                         [](const auto& test) { return test.param; });

// Backends with workers besides the caller, so that work can be in progress.
// Those whose tasks run while the caller continues, and see the memory it shares.
std::vector<std::string> backends_at_once() {
    std::vector<std::string> names = sharing_backends();
    std::erase(names, "serial");
    return names;
}

class AsyncSharing : public Async {};
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(AsyncSharing);
INSTANTIATE_TEST_SUITE_P(Backend, AsyncSharing, testing::ValuesIn(sharing_backends()),
                         [](const auto& test) { return test.param; });

class AtOnce : public Async {};
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(AtOnce);
INSTANTIATE_TEST_SUITE_P(Backend, AtOnce, testing::ValuesIn(backends_at_once()),
                         [](const auto& test) { return test.param; });

// A task that a worker has begun, and that ends when it is released.
class StartBarrier {
public:
    auto task() const {
        return [words = words_.span()] {
            ++words[0];
            while (words[1] == 0) std::this_thread::yield();
            return 7;
        };
    }
    void wait_until_begun(int count) const {
        while (words_[0] < count) std::this_thread::yield();
    }
    void open() const { words_[1] = 1; }
    auto opener() const {
        return [words = words_.span()] {
            words[1] = 1;
            return 8;
        };
    }

private:
    mp::SharedArray<std::atomic<int>> words_{2};
};

TEST_P(Async, apply_async_gives_its_result_later) {
    mp::AsyncResult<int> six = pool.apply_async([](int a, int b) { return a * b; }, 2, 3);
    mp::AsyncResult<std::string> text =
        pool.apply_async([](const std::string& s) { return s + "!"; }, std::string(1000, 'x'));
    mp::AsyncResult<void> nothing = pool.apply_async([] {});
    EXPECT_EQ(six.get(), 6);
    EXPECT_EQ(text.get(), std::string(1000, 'x') + "!");
    nothing.get();
}

TEST_P(Async, map_async_and_starmap_async_give_the_results_of_map_and_starmap) {
    auto squares = pool.map_async(square, std::views::iota(0, 1000));
    auto words = pool.map_async([](int i) { return std::to_string(i); }, {1, 22, 333});
    auto products = pool.starmap_async([](int a, int b) { return a * b; },
                                       std::vector<std::pair<int, int>>{{1, 2}, {3, 4}}, 1);
    EXPECT_EQ(products.get(), (std::vector{2, 12}));
    EXPECT_EQ(words.get(), (std::vector<std::string>{"1", "22", "333"}));
    EXPECT_EQ(squares.get(), pool.map(square, std::views::iota(0, 1000)));
}

TEST_P(Async, an_empty_map_is_ready_at_once) {
    auto none = pool.map_async(square, std::vector<int>{});
    EXPECT_TRUE(none.ready());
    EXPECT_TRUE(none.get().empty());
}

TEST_P(Async, its_items_may_be_changed_or_gone_once_it_has_returned) {
    std::vector<int> items(1000, 3);
    auto squares = pool.map_async(square, items);
    std::ranges::fill(items, 0);
    EXPECT_EQ(squares.get(), std::vector<int>(1000, 9));
}

TEST_P(Async, many_maps_and_tasks_may_be_under_way_at_once) {
    std::vector<mp::AsyncResult<std::vector<int>>> maps;
    std::vector<mp::AsyncResult<int>> tasks;
    for (int i = 0; i < 100; ++i) {
        maps.push_back(pool.map_async(square, std::views::iota(i, i + 50)));
        tasks.push_back(pool.apply_async(square, i));
    }
    for (int i = 99; i >= 0; --i) {
        EXPECT_EQ(tasks[static_cast<std::size_t>(i)].get(), i * i);
        EXPECT_EQ(maps[static_cast<std::size_t>(i)].get()[49], (i + 49) * (i + 49));
    }
}

TEST_P(Async, a_hundred_thousand_tasks_each_give_their_own_result) {
    std::vector<mp::AsyncResult<int>> tasks;
    for (int i = 0; i < 100'000; ++i)
        tasks.push_back(pool.apply_async([](int k) { return k + 1; }, i));
    for (int i = 0; i < 100'000; ++i) ASSERT_EQ(tasks[static_cast<std::size_t>(i)].get(), i + 1);
}

TEST_P(AtOnce, a_task_that_another_waits_for_is_run_wherever_it_was_taken_to) {
    for (int round = 0; round < 100; ++round) { // workers that spin, poll, and sleep
        const StartBarrier barrier;
        std::vector<mp::AsyncResult<int>> tasks;
        for (int i = 0; i < round; ++i) tasks.push_back(pool.apply_async(square, i));
        for (int i = 0; i < 2; ++i) tasks.push_back(pool.apply_async(barrier.task()));
        for (int i = 0; i < 9; ++i) tasks.push_back(pool.apply_async(square, i));
        EXPECT_EQ(pool.apply_async(barrier.opener()).get(), 8);
        for (auto& each : tasks) each.wait();
    }
}

TEST_P(AtOnce, a_short_map_does_not_wait_for_a_long_one) {
    const StartBarrier barrier;
    auto held = pool.map_async([task = barrier.task()](int) { return task(); }, {1, 2}, 1);
    barrier.wait_until_begun(2); // two of three workers
    EXPECT_EQ(pool.map(square, {3, 4}), (std::vector{9, 16}));
    EXPECT_EQ(pool.apply(square, 5), 25);
    barrier.open();
    EXPECT_EQ(held.get(), (std::vector{7, 7}));
}

TEST_P(AtOnce, get_wait_and_ready_know_what_is_not_there_yet) {
    const StartBarrier barrier;
    auto result = pool.apply_async(barrier.task());
    EXPECT_FALSE(result.ready());
    EXPECT_FALSE(result.wait(1ms));
    EXPECT_THROW(result.get(1ms), mp::TimeoutError);
    EXPECT_THROW(result.successful(), std::logic_error);
    barrier.open();
    result.wait();
    EXPECT_TRUE(result.ready());
    EXPECT_TRUE(result.successful());
    EXPECT_EQ(result.get(1ms), 7);
    EXPECT_THROW(result.get(), std::logic_error);
}

TEST_P(Async, an_error_arrives_with_get_and_the_pool_works_on) {
    auto bad = pool.apply_async([](int i) { return i != 0 ? throw std::range_error("no") : i; }, 1);
    auto bad_map =
        pool.map_async([](int i) { return i % 10 == 7 ? throw std::range_error("no") : i; },
                       std::views::iota(0, 100));
    bad.wait();
    EXPECT_FALSE(bad.successful());
    try {
        bad.get();
        FAIL();
    } catch (const mp::RemoteError& error) {
        EXPECT_EQ(error.type_name(), "std::range_error");
    }
    try {
        bad_map.get();
        FAIL();
    } catch (const mp::RemoteError& error) {
        EXPECT_EQ(error.item(), 7U);
    }
    EXPECT_EQ(pool.apply(square, 3), 9);
}

TEST_P(Async, callbacks_run_once_on_a_thread_that_waits) {
    const auto this_thread_id = std::this_thread::get_id();
    int results = 0, errors = 0;
    std::vector<mp::AsyncResult<int>> kept;
    for (int i = 0; i < 10; ++i) {
        kept.push_back(pool.apply_async([](int k) { return k % 2 ? throw 1 : k; }, i));
        kept.back()
            .on_result([&](int value) {
                EXPECT_EQ(value % 2, 0);
                EXPECT_EQ(std::this_thread::get_id(), this_thread_id);
                ++results;
            })
            .on_error([&](std::exception_ptr) { ++errors; });
    }
    EXPECT_EQ(kept[0].get(), 0); // both the caller and the callback have it
    pool.close();
    pool.join(); // delivers results that were never requested
    EXPECT_EQ(results, 5);
    EXPECT_EQ(errors, 5);
}

TEST_P(Async, a_callback_is_called_although_its_result_was_dropped) {
    int called = 0;
    pool.apply_async(square, 3).on_result([&](int value) { called = value; });
    pool.map_async(square, {1, 2}).on_result([&](const std::vector<int>& all) {
        called += static_cast<int>(all.size());
    });
    pool.close();
    pool.join();
    EXPECT_EQ(called, 11);
}

TEST_P(Async, a_callback_that_throws_is_logged_and_stops_nothing) {
    static std::atomic<int> logged;
    logged = 0;
    mp::set_log_hook([](mp::LogLevel, std::string_view text) {
        if (text.find("callback") != text.npos) ++logged;
    });
    auto first = pool.apply_async(square, 3).on_result([](int) { throw std::range_error("oh"); });
    auto second = pool.apply_async(square, 4);
    EXPECT_EQ(second.get(), 16);
    EXPECT_EQ(first.get(), 9);
    EXPECT_EQ(logged, 1);
    mp::set_log_hook(nullptr);
}

TEST_P(Async, a_callback_may_use_the_pool) {
    int sum = 0;
    auto first = pool.apply_async(square, 3);
    first.on_result([&](int nine) { sum = pool.apply(square, nine); });
    EXPECT_EQ(first.get(), 9);
    EXPECT_EQ(sum, 81);
}

TEST_P(AtOnce, cancel_calls_off_what_has_not_begun) {
    const StartBarrier barrier;
    auto held = pool.map_async([task = barrier.task()](int) { return task(); }, {1, 2, 3}, 1);
    barrier.wait_until_begun(3);
    const mp::SharedValue<std::atomic<int>> ran;
    auto task = pool.apply_async([count = ran.span()] { ++count[0]; });
    auto map = pool.map_async([count = ran.span()](int) { ++count[0]; }, {1, 2, 3});
    EXPECT_TRUE(task.cancel());
    EXPECT_TRUE(map.cancel());
    EXPECT_THROW(task.get(), mp::Cancelled);
    EXPECT_THROW(map.get(), mp::Cancelled);
    barrier.open();
    EXPECT_EQ(held.get().size(), 3U);
    EXPECT_EQ(pool.apply(square, 2), 4);
    EXPECT_EQ(*ran, 0);
}

TEST_P(Async, results_that_are_dropped_leave_nothing_behind) {
    for (int round = 0; round < 200; ++round) {
        (void)pool.map_async([](int i) { return std::string(1000, static_cast<char>('a' + i)); },
                             std::views::iota(0, 20));
        (void)pool.apply_async(
            [](int i) { return std::string(100'000, static_cast<char>('a' + i)); }, 1);
    }
    EXPECT_EQ(pool.apply(square, 2), 4);
}

TEST_P(Async, a_result_may_outlive_its_pool) {
    mp::AsyncResult<int> ready, never;
    const StartBarrier barrier;
    {
        mp::Pool other(with(2));
        ready = other.apply_async(square, 4);
        ready.wait();
        if (GetParam() == "processes") never = other.apply_async(barrier.task());
    }
    EXPECT_EQ(ready.get(), 16);
    if (GetParam() == "processes") {
        EXPECT_THROW(never.get(), mp::BrokenPool);
    }
}

TEST_P(Async, what_was_terminated_gives_no_result) {
    auto never = pool.map_async(
        [](int i) {
            std::this_thread::sleep_for(1ms);
            return i;
        },
        std::views::iota(0, 50), 1);
    if (is_serial()) return; // it has finished them all
    pool.terminate();
    EXPECT_THROW(never.get(), mp::BrokenPool);
}

TEST_P(Async, close_lets_what_is_under_way_finish) {
    auto squares = pool.map_async(square, std::views::iota(0, 10'000), 1);
    auto one = pool.apply_async(square, 9);
    pool.close();
    EXPECT_THROW(pool.apply_async(square, 1), std::logic_error);
    pool.join();
    EXPECT_EQ(squares.get()[9999], 9999 * 9999);
    EXPECT_EQ(one.get(), 81);
}

TEST_P(Async, several_threads_may_submit_and_collect) {
    std::vector<std::thread> threads;
    std::atomic<int> wrong = 0;
    for (int t = 0; t < 4; ++t)
        threads.emplace_back([&, t] {
            for (int i = 0; i < 200; ++i) {
                auto one = pool.apply_async(square, t * i);
                auto map = pool.map_async(square, {t, i});
                if (map.get() != std::vector{t * t, i * i}) ++wrong;
                if (one.get() != t * i * t * i) ++wrong;
            }
        });
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(wrong, 0);
}

TEST_P(Async, map_into_writes_where_it_is_told) {
    const mp::SharedArray<double> in(1000), out(1000);
    std::iota(in.begin(), in.end(), 0.0);
    pool.map_into([](double x) { return 2 * x; }, in.span(), out.span());
    EXPECT_EQ(out[999], 1998);

    const std::vector<int> items{1, 2, 3};
    std::vector<int> results(3);
    pool.map_into(square, std::span(items), std::span(results), 1);
    EXPECT_EQ(results, (std::vector{1, 4, 9}));
    EXPECT_THROW(pool.map_into(square, std::span(items), std::span(results).first(2)),
                 std::invalid_argument);
}

TEST_P(AsyncSharing, shared_arrays_made_after_the_pool_are_seen_by_its_workers) {
    const mp::SharedArray<int> late(100);
    pool.map([out = late.span()](int i) { out[static_cast<std::size_t>(i)] = i; },
             std::views::iota(0, 100));
    EXPECT_EQ(std::accumulate(late.begin(), late.end(), 0), 4950);
}

TEST_P(Async, stats_and_trace_cover_tasks_and_lazy_maps) {
    mp::PoolOptions options = with(2);
    options.trace = true;
    mp::Pool traced(options);
    for (int i = 0; i < 10; ++i) traced.apply_async(square, i).get();
    traced.map_async(square, std::views::iota(0, 20)).get();
    int sum = 0;
    for (int value : traced.imap(square, std::views::iota(0, 30), {.chunksize = 4})) sum += value;
    EXPECT_EQ(sum, 8555);
    traced.close();
    traced.join(); // a task's result arrives a moment before it is counted
    std::uint64_t items = 0, spans = 0;
    for (const mp::WorkerStats& worker : traced.stats()) items += worker.items;
    for (const mp::Span& span : traced.trace())
        if (span.kind == mp::Span::Kind::work) spans += span.items;
    EXPECT_EQ(items, 60U);
    EXPECT_EQ(spans, 60U);
}

TEST(ItemSeed, is_the_same_for_an_item_and_differs_between_items_and_seeds) {
    std::set<std::uint64_t> seen;
    for (std::uint64_t seed = 0; seed < 50; ++seed)
        for (std::size_t item = 0; item < 200; ++item) seen.insert(mp::item_seed(seed, item));
    EXPECT_EQ(seen.size(), 10'000U);
    static_assert(mp::item_seed(1, 2) == mp::item_seed(1, 2));
}

TEST_P(Async, item_seed_gives_the_same_numbers_whatever_the_chunks) {
    const auto draw = [](std::size_t i) { return mp::item_seed(42, i); };
    const auto items = std::views::iota(std::size_t{0}, std::size_t{100});
    EXPECT_EQ(pool.map(draw, items, 1), pool.map(draw, items, 33));
}

TEST_P(Async, a_lazy_map_may_be_walked_after_close) {
    const std::vector<int> items{1, 2, 3};
    auto results = pool.imap(square, items);
    pool.close();
    EXPECT_THROW(pool.apply(square, 1), std::logic_error);
    std::vector<int> squares;
    for (int value : results) squares.push_back(value);
    EXPECT_EQ(squares, (std::vector{1, 4, 9}));
    pool.join();
}

TEST_P(Async, a_lazy_map_cannot_be_walked_after_join) {
    const std::vector<int> items(1000, 1);
    auto results = pool.imap(square, items);
    pool.close();
    pool.join();
    if (GetParam() == "serial") return; // needs no worker
    EXPECT_THROW((void)results.begin(), std::logic_error);
}

TEST_P(Async, a_result_may_be_replaced_by_that_of_another_pool) {
    mp::AsyncResult<std::vector<int>> result;
    {
        mp::Pool other(with(2));
        result = other.map_async(square, {1, 2, 3});
    }
    result = pool.map_async(square, {4});
    EXPECT_EQ(result.get(), std::vector{16});
    EXPECT_THROW(result.ready(), std::logic_error);
}

TEST_P(Async, a_pool_may_go_before_its_callbacks_were_called) {
    int called = 0;
    {
        mp::Pool other(with(2));
        other.map_async(square, {1, 2, 3}).on_result([&](const auto&) { ++called; });
        other.apply_async(square, 1).on_error([&](std::exception_ptr) { ++called; });
    }
    EXPECT_LE(called, 2);
}

TEST_P(Async, a_callback_that_comes_late_is_called_all_the_same) {
    auto result = pool.apply_async(square, 3);
    result.on_error([](std::exception_ptr) { FAIL(); });
    result.wait();
    pool.apply(square, 1);
    int seen = 0;
    result.on_result([&](int value) { seen = value; });
    EXPECT_EQ(seen, 9);
    EXPECT_EQ(result.get(), 9);
}

TEST_P(Async, threads_with_callbacks_do_not_hold_each_other_up) {
    std::vector<std::thread> threads;
    std::atomic<int> sum = 0;
    for (int t = 0; t < 4; ++t)
        threads.emplace_back([&] {
            for (int i = 0; i < 100; ++i) {
                auto map = pool.map_async(square, {i, i + 1});
                map.on_result(
                    [&](const std::vector<int>& both) { sum += static_cast<int>(both.size()); });
                (void)map.get();
            }
        });
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(sum, 800);
}

TEST_P(Async, a_serial_pool_in_a_task_leaves_the_task_what_it_is) {
    EXPECT_EQ(pool.apply(
                  [](int i) {
                      mp::PoolOptions serial;
                      serial.backend = "serial";
                      const unsigned before = mp::worker_index();
                      mp::Pool inner(serial);
                      const int nine = inner.apply(square, i);
                      return mp::worker_index() == before ? nine : -1;
                  },
                  3),
              9);
}

} // namespace
