// Every backend must pass these, and `serial` is the reference for the rest.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <ctime>
#include <list>
#include <map>
#include <mp/mp.hpp>
#include <numeric>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "mp/conformance.hpp"

namespace {

using namespace std::string_literals;

INSTANTIATE_TEST_SUITE_P(Backend, Conformance, testing::ValuesIn(tested_backends()),
                         [](const auto& test) { return test.param; });
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(Sharing);
INSTANTIATE_TEST_SUITE_P(Backend, Sharing, testing::ValuesIn(sharing_backends()),
                         [](const auto& test) { return test.param; });

double to_celsius(double f) { return (f - 32) * 5 / 9; }

TEST_P(Conformance, map_returns_results_in_the_order_of_the_items) {
    const std::vector<double> items{32, 50, 212};
    EXPECT_EQ(pool.map(to_celsius, items), (std::vector<double>{0, 10, 100}));
}

TEST_P(Conformance, map_equals_the_plain_loop_for_every_size_and_chunksize) {
    for (std::size_t size : {1U, 2U, 3U, 7U, 64U, 1000U, 4097U})
        for (std::size_t chunksize :
             {std::size_t{0}, std::size_t{1}, std::size_t{3}, size, size + 1, ~std::size_t{0}}) {
            std::vector<std::size_t> expected(size);
            for (std::size_t i = 0; i < size; ++i) expected[i] = i * i;
            EXPECT_EQ(pool.map([](std::size_t i) { return i * i; },
                               std::views::iota(std::size_t{0}, size), chunksize),
                      expected)
                << size << " items, chunksize " << chunksize;
        }
}

TEST_P(Conformance, an_empty_input_gives_an_empty_result) {
    EXPECT_TRUE(pool.map(to_celsius, std::vector<double>{}).empty());
    EXPECT_TRUE(pool.map(to_celsius, std::vector<double>{}, 1).empty());
    EXPECT_TRUE(
        pool.map([](const std::string& s) { return s; }, std::vector<std::string>{}).empty());
}

TEST_P(Conformance, map_takes_every_kind_of_range) {
    const auto twice = [](int i) { return 2 * i; };
    const std::vector<int> expected{2, 4, 6};
    EXPECT_EQ(pool.map(twice, {1, 2, 3}), expected);
    EXPECT_EQ(pool.map(twice, std::list{1, 2, 3}), expected);
    EXPECT_EQ(pool.map(twice, std::set{1, 2, 3}), expected);
    EXPECT_EQ(pool.map(twice, std::array{1, 2, 3}), expected);
    EXPECT_EQ(pool.map(twice, std::views::iota(1, 4)), expected);
    std::istringstream text("1 2 3");
    EXPECT_EQ(pool.map(twice, std::views::istream<int>(text)), expected);
    const std::vector<bool> bits{true, false};
    EXPECT_EQ(pool.map([](bool b) { return !b; }, bits), (std::vector<bool>{false, true}));
}

TEST_P(Conformance, starmap_spreads_tuples_pairs_and_arrays) {
    const auto product = [](int a, int b) { return a * b; };
    EXPECT_EQ(pool.starmap(product, std::vector<std::pair<int, int>>{{1, 3}, {5, 9}}),
              (std::vector{3, 45}));
    EXPECT_EQ(pool.starmap(product, std::vector<std::tuple<int, int>>{{2, 3}, {4, 5}}),
              (std::vector{6, 20}));
    EXPECT_EQ(pool.starmap(product, {std::array{10, 30}, std::array{5, 7}}),
              (std::vector{300, 35}));
}

TEST_P(Conformance, apply_runs_a_function_once_with_its_arguments) {
    EXPECT_EQ(pool.apply([](int a, double b) { return a * b; }, 3, 0.5), 1.5);
    EXPECT_EQ(pool.apply([](const std::string& a, const std::string& b) { return a + b; },
                         std::string("x"), "y"s),
              "xy");
}

struct Point {
    double x, y;
    bool operator==(const Point&) const = default;
};

struct Named {
    std::string name;
    std::vector<int> numbers;
    template <class Archive> void serialize(Archive& archive) { archive(name, numbers); }
    bool operator==(const Named&) const = default;
};

TEST_P(Conformance, values_of_many_types_arrive_as_they_were_sent) {
    const auto same = []<class T>(mp::Pool& via, std::vector<T> items) {
        EXPECT_EQ(via.map([](const T& item) { return item; }, items), items);
    };
    same(pool,
         std::vector<std::string>{"", "one", std::string(100'000, 'x'), std::string("a\0b", 3)});
    same(pool, std::vector<std::vector<double>>{{}, {1, 2}, std::vector<double>(10'000, 3.5)});
    same(pool, std::vector<std::map<std::string, std::vector<int>>>{{{"a", {1}}, {"b", {}}}, {}});
    same(pool, std::vector<std::optional<std::string>>{std::nullopt, "here"});
    same(pool, std::vector<std::tuple<int, std::string>>{{1, "one"}, {2, "two"}});
    same(pool, std::vector<std::pair<int, double>>{{1, 0.5}});
    same(pool, std::vector<Point>{{1, 2}, {3, 4}});
    same(pool, std::vector<std::vector<Point>>{{{1, 2}}, {}});
    same(pool, std::vector<Named>{{"n", {1, 2, 3}}, {}});
    same(pool, std::vector<std::optional<int>>{1, std::nullopt});
    same(pool, std::vector<std::variant<int, std::string>>{7, "seven"});
}

TEST_P(Sharing, a_function_that_returns_nothing_runs_for_every_item) {
    mp::SharedArray<int> seen(100);
    pool.map([out = seen.span()](int i) { out[static_cast<std::size_t>(i)] = i + 1; },
             std::views::iota(0, 100));
    for (int i = 0; i < 100; ++i) EXPECT_EQ(seen[static_cast<std::size_t>(i)], i + 1);
    pool.apply([out = seen.span()] { out[0] = -1; });
    EXPECT_EQ(seen[0], -1);
}

TEST_P(Conformance, an_exception_arrives_with_its_words_type_and_item) {
    try {
        pool.map([](int i) { return i == 5 ? throw std::out_of_range("five is too many") : i; },
                 std::views::iota(0, 10));
        FAIL() << "nothing was thrown";
    } catch (const mp::RemoteError& error) {
        EXPECT_STREQ(error.what(), "five is too many");
        EXPECT_EQ(error.type_name(), "std::out_of_range");
        EXPECT_EQ(error.item(), 5U);
        EXPECT_GT(error.pid(), 0);
    }
}

TEST_P(Sharing, all_items_run_and_then_the_lowest_failing_one_throws) {
    for (std::size_t chunksize : {0U, 1U, 7U, 1000U}) {
        mp::SharedArray<std::atomic<int>> runs(200);
        try {
            pool.map(
                [out = runs.span()](std::size_t i) {
                    out[i] += 1;
                    if (i % 50 == 49) throw std::runtime_error(std::to_string(i));
                },
                std::views::iota(std::size_t{0}, std::size_t{200}), chunksize);
            FAIL() << "nothing was thrown";
        } catch (const mp::RemoteError& error) {
            EXPECT_EQ(error.item(), 49U);
            EXPECT_STREQ(error.what(), "49");
        }
        for (const auto& count : runs) EXPECT_EQ(count, 1);
    }
}

struct Evil : std::exception {
    const char* what() const noexcept override { return nullptr; }
};

TEST_P(Conformance, what_is_thrown_need_not_be_a_well_behaved_exception) {
    const auto words_of = [&](auto function) -> std::string {
        try {
            pool.apply(function);
        } catch (const mp::RemoteError& error) {
            return error.type_name() + ": " + error.what();
        }
        return "nothing";
    };
    EXPECT_EQ(words_of([] { throw 42; }), "int: an exception that is no std::exception");
    EXPECT_EQ(words_of([] { throw "just text"; }), "char const*: just text");
    EXPECT_EQ(words_of([] { throw Evil(); }), "(anonymous namespace)::Evil: ");
    EXPECT_EQ(words_of([] { throw std::runtime_error(std::string(50'000, 'y')); }),
              "std::runtime_error: " + std::string(50'000, 'y'));
}

TEST_P(Conformance, a_pool_goes_on_after_an_exception) {
    for (int round = 0; round < 20; ++round) {
        EXPECT_THROW(
            pool.map([](int i) { return i < 0 ? i : throw std::runtime_error("no"); }, {1, 2, 3}),
            mp::RemoteError);
        EXPECT_EQ(pool.map([](int i) { return i + 1; }, {1, 2, 3}), (std::vector{2, 3, 4}));
    }
}

TEST_P(Conformance, an_exception_while_a_result_is_packed_is_that_items_error) {
    struct Unpackable {
        void serialize(mp::OutputArchive&) { throw std::runtime_error("will not be packed"); }
        void serialize(mp::InputArchive&) {}
        std::string text;
    };
    EXPECT_THROW(pool.map([](int) { return Unpackable{}; }, {1, 2}), mp::RemoteError);
    EXPECT_EQ(pool.map([](int i) { return i; }, {1}), std::vector{1});
}

TEST_P(Sharing, the_initializer_runs_first_in_every_worker) {
    mp::SharedValue<std::atomic<int>> runs;
    mp::PoolOptions options = with(3);
    options.initializer = [count = runs.span()] { count[0] += 1; };
    mp::Pool initialized(options);
    EXPECT_EQ(*runs, GetParam() == "serial" ? 1 : 3);
}

TEST_P(Conformance, an_initializer_that_throws_makes_the_constructor_throw) {
    mp::PoolOptions options = with(2);
    options.initializer = [] { throw std::domain_error("not today"); };
    try {
        mp::Pool never(options);
        FAIL() << "nothing was thrown";
    } catch (const mp::RemoteError& error) {
        EXPECT_STREQ(error.what(), "not today");
        EXPECT_EQ(error.type_name(), "std::domain_error");
    }
}

TEST_P(Conformance, stats_count_every_item_once) {
    pool.map([](int i) { return i; }, std::views::iota(0, 1234));
    pool.map([](int i) { return i; }, std::views::iota(0, 100), 1);
    std::uint64_t items = 0;
    unsigned index = 0;
    for (const mp::WorkerStats& worker : pool.stats()) {
        EXPECT_EQ(worker.index, index++);
        EXPECT_GT(worker.pid, 0);
        EXPECT_GE(worker.busy_seconds, 0);
        items += worker.items;
    }
    EXPECT_EQ(items, 1334U);
}

TEST_P(Conformance, worker_index_is_below_the_number_of_workers) {
    for (unsigned index :
         pool.map([](int) { return mp::worker_index(); }, std::views::iota(0, 100), 1))
        EXPECT_LT(index, 3U);
    EXPECT_EQ(mp::worker_index(), 0U);
}

TEST_P(Conformance, a_capture_by_reference_is_refused) {
    int local = 1;
    EXPECT_THROW(pool.map([&local](int i) { return i + local; }, {1, 2}), std::invalid_argument);
    int* pointer = &local;
    EXPECT_THROW(pool.apply([pointer] { return *pointer; }), std::invalid_argument);
    EXPECT_EQ(pool.map([local](int i) { return i + local; }, {1, 2}), (std::vector{2, 3}));
}

TEST_P(Conformance, a_large_closure_is_sent_whole) {
    std::array<int, 1000> numbers;
    std::iota(numbers.begin(), numbers.end(), 0);
    EXPECT_EQ(pool.map([numbers](std::size_t i) { return numbers[i]; },
                       {std::size_t{0}, std::size_t{999}}),
              (std::vector{0, 999}));
}

TEST_P(Conformance, after_close_the_pool_takes_no_work_and_joins) {
    pool.close();
    EXPECT_THROW(pool.map([](int i) { return i; }, {1}), std::logic_error);
    EXPECT_NO_THROW(pool.join());
    EXPECT_NO_THROW(pool.join());
    EXPECT_NO_THROW(pool.close());
}

TEST_P(Conformance, after_terminate_the_pool_takes_no_work_and_joins) {
    pool.terminate();
    EXPECT_THROW(pool.map([](int i) { return i; }, {1}), std::logic_error);
    EXPECT_NO_THROW(pool.join());
}

TEST_P(Conformance, join_before_close_is_refused) { EXPECT_THROW(pool.join(), std::logic_error); }

TEST_P(Sharing, a_task_that_uses_its_own_pool_is_refused) {
    try {
        pool.apply([] { pool_under_test().map([](int i) { return i; }, {1}); });
        FAIL() << "nothing was thrown";
    } catch (const mp::RemoteError& error) {
        EXPECT_EQ(error.type_name(), "std::logic_error");
    }
}

TEST_P(Conformance, several_threads_may_use_one_pool) {
    std::vector<std::thread> threads;
    std::atomic<int> wrong{0};
    for (int t = 0; t < 4; ++t)
        threads.emplace_back([&, t] {
            for (int round = 0; round < 20; ++round) {
                const auto results =
                    pool.map([t](int i) { return i * 10 + t; }, std::views::iota(0, 50));
                for (int i = 0; i < 50; ++i)
                    if (results[static_cast<std::size_t>(i)] != i * 10 + t) ++wrong;
            }
        });
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(wrong, 0);
}

TEST_P(Conformance, an_interrupt_ends_a_map) {
    mp::interrupt();
    EXPECT_THROW(pool.map([](int i) { return i; }, std::views::iota(0, 100'000), 1);
                 while (true) pool.map([](int i) { return std::sqrt(i); },
                                       std::views::iota(0, 100'000'000), 1),
                 mp::Interrupted);
    mp::clear_interrupt();
}

TEST_P(Conformance, one_worker_is_enough_and_many_are_not_too_many) {
    for (unsigned processes : {1U, 2U, 17U}) {
        mp::Pool sized(with(processes));
        EXPECT_EQ(sized.processes(), with(processes).processes);
        for (int round = 0; round < 40; ++round)
            EXPECT_EQ(sized.map([](int i) { return -i; }, {1, 2, 3}), (std::vector{-1, -2, -3}));
    }
}

TEST(Pool, an_unknown_backend_is_refused_by_name) {
    try {
        mp::Pool pool({.backend = "quantum"});
        FAIL() << "nothing was thrown";
    } catch (const std::invalid_argument& error) {
        EXPECT_NE(std::string(error.what()).find("'quantum'"), std::string::npos);
        EXPECT_NE(std::string(error.what()).find("processes"), std::string::npos);
    }
}

TEST(Pool, zero_workers_are_refused) { EXPECT_THROW(mp::Pool pool(0), std::invalid_argument); }

TEST(Pool, the_default_is_one_worker_for_each_usable_cpu) {
    EXPECT_EQ(mp::Pool().processes(), mp::process_cpu_count());
}

TEST_P(Conformance, stats_tell_where_each_workers_time_went) {
    const auto begin = std::chrono::steady_clock::now();
    mp::PoolOptions options = with(2);
    options.initializer = [] { std::atomic_signal_fence(std::memory_order_seq_cst); };
    mp::Pool timed(options);
    timed.map([](int i) { return i; }, std::views::iota(0, 1000));
    const std::chrono::duration<double> all = std::chrono::steady_clock::now() - begin;
    std::uint64_t items = 0;
    for (const mp::WorkerStats& worker : timed.stats()) {
        items += worker.items;
        EXPECT_GE(worker.start_seconds, 0);
        EXPECT_GE(worker.init_seconds, 0);
        EXPECT_GE(worker.wait_seconds, 0);
        EXPECT_LE(worker.busy_seconds + worker.start_seconds + worker.init_seconds, all.count());
        EXPECT_TRUE(
            std::ranges::is_sorted(worker.longest, std::greater{}, &mp::ChunkTime::seconds));
        EXPECT_EQ(worker.longest[0].items, 0U); // known only with a trace
        if (worker.items != 0) {
            EXPECT_GT(worker.longest[0].seconds, 0);
        }
    }
    EXPECT_EQ(items, 1000U);
}

TEST_P(Conformance, stats_tell_what_workers_computed_and_no_more_than_time_passed) {
    const auto begin = std::chrono::steady_clock::now();
    mp::PoolOptions options = with(2);
    options.trace = true; // serial reports it only with a trace
    mp::Pool timed(options);
    const auto until_used = [](double seconds) {
        const std::clock_t end = std::clock() + std::clock_t(seconds * CLOCKS_PER_SEC);
        while (std::clock() < end) continue;
        return 0;
    };
    timed.map(until_used, std::vector<double>(4, 0.02), 1);
    timed.close();
    timed.join();
    const std::chrono::duration<double> all = std::chrono::steady_clock::now() - begin;
    double computed = 0;
    for (const mp::WorkerStats& worker : timed.stats()) {
        if (worker.rank >= 0 && !worker.cpu_seconds)
            GTEST_SKIP() << "a rank without worker processes does not tell its CPU time";
        ASSERT_TRUE(worker.cpu_seconds.has_value());
        computed += *worker.cpu_seconds;
        EXPECT_LE(*worker.cpu_seconds + worker.ready_seconds.value_or(0), all.count());
    }
    EXPECT_GE(computed, 0.03);
}

TEST_P(Conformance, a_trace_tells_what_each_span_computed) {
    mp::PoolOptions options = with(2);
    options.trace = true;
    mp::Pool traced(options);
    traced.map([](int i) { return i; }, std::views::iota(0, 100), 7);
    for (const mp::Span& span : traced.trace()) {
        EXPECT_GE(span.cpu_seconds.value_or(0), 0);
        EXPECT_GE(span.ready_seconds.value_or(0), 0);
        double last_end = span.begin_seconds;
        for (const mp::TimeRange& ready : span.ready) {
            EXPECT_LE(last_end, ready.begin_seconds + 1e-9);
            EXPECT_LT(ready.begin_seconds, ready.end_seconds);
            last_end = ready.end_seconds;
        }
        EXPECT_LE(last_end, span.end_seconds + 1e-9);
    }
}

TEST_P(Conformance, a_trace_accounts_for_every_item_once_and_its_times_are_in_order) {
    mp::PoolOptions options = with(3);
    options.trace = true;
    mp::Pool traced(options);
    for (int round = 0; round < 2; ++round)
        traced.map([](int i) { return i; }, std::views::iota(0, 100), 7);

    std::vector<std::set<std::size_t>> seen(2);
    std::map<unsigned, double> last_end;
    for (const mp::Span& span : traced.trace()) {
        EXPECT_LE(last_end[span.worker], span.begin_seconds + 1e-9);
        EXPECT_LE(span.begin_seconds, span.end_seconds);
        last_end[span.worker] = span.end_seconds;
        if (span.kind != mp::Span::Kind::work) continue;
        EXPECT_EQ(span.chunks, 1U);
        ASSERT_TRUE(span.job == 1 || span.job == 2);
        for (std::size_t item = span.first; item < span.first + span.items; ++item)
            EXPECT_TRUE(seen[span.job - 1].insert(item).second) << item;
    }
    for (const auto& items : seen) EXPECT_EQ(items.size(), 100U);
    for (const mp::WorkerStats& worker : traced.stats()) {
        EXPECT_EQ(worker.longest[0].items != 0, worker.items != 0) << worker.index;
    }
}

TEST_P(Conformance, a_pool_without_trace_has_none) {
    pool.map([](int i) { return i; }, {1, 2, 3});
    EXPECT_TRUE(pool.trace().empty());
}

} // namespace
