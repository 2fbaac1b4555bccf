// What only a pool over other ranks does. The tests are selected by their names, which end in
// "mpi".

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstring>
#include <map>
#include <mp/mp.hpp>
#include <numeric>
#include <set>
#include <string>
#include <thread>
#include <unistd.h>
#include <vector>

namespace {

mp::PoolOptions options(unsigned processes = 0) {
    mp::PoolOptions made;
    made.processes = processes;
    made.backend = "mpi";
    return made;
}

double twice(double x) { return 2 * x; }
double thrice(double x) { return 3 * x; }

TEST(Ranks, every_other_rank_is_a_worker_mpi) {
    mp::Pool pool(options());
    EXPECT_EQ(pool.processes(), mp::default_processes("mpi"));
    std::set<pid_t> pids;
    // Enough items for every worker to have some.
    for (const pid_t pid : pool.map(
             [](int) {
                 std::this_thread::sleep_for(std::chrono::milliseconds(5));
                 return mp::this_process::pid();
             },
             std::views::iota(0U, 4 * pool.processes()), 1))
        pids.insert(pid);
    EXPECT_EQ(pids.size(), pool.processes());
    EXPECT_FALSE(pids.contains(mp::this_process::pid()));
    for (const mp::WorkerStats& worker : pool.stats()) {
        EXPECT_TRUE(pids.contains(worker.pid));
        EXPECT_EQ(worker.rank, static_cast<int>(worker.index) + 1);
        EXPECT_FALSE(worker.host.empty());
    }
}

TEST(Ranks, functions_captured_in_functions_are_found_there_mpi) {
    mp::Pool pool(options());
    double (*const chosen)(double) = thrice;
    const char* const word = "constant";
    EXPECT_EQ(pool.map(twice, {1.0, 2.0}), (std::vector{2.0, 4.0}));
    EXPECT_EQ(pool.map([chosen](double x) { return chosen(x); }, {1.0, 2.0}),
              (std::vector{3.0, 6.0}));
    EXPECT_EQ(pool.apply([word] { return std::string(word); }), "constant");
    EXPECT_EQ(pool.map(static_cast<double (*)(double)>(std::cbrt), {8.0}), (std::vector{2.0}));
}

TEST(Ranks, an_error_says_whose_it_is_mpi) {
    mp::Pool pool(options());
    try {
        pool.map([](int i) { return i == 3 ? throw std::range_error("three") : i; },
                 std::views::iota(0, 5), 1);
        FAIL() << "nothing was thrown";
    } catch (const mp::RemoteError& error) {
        EXPECT_EQ(error.item(), 3U);
        EXPECT_GE(error.rank(), 1);
        EXPECT_LE(error.rank(), static_cast<int>(pool.processes()));
        std::array<char, 256> host{};
        gethostname(host.data(), host.size());
        EXPECT_EQ(error.host(), host.data());
    }
    try {
        pool.apply_async([] { throw std::domain_error("no"); }).get();
        FAIL() << "nothing was thrown";
    } catch (const mp::RemoteError& error) {
        EXPECT_GE(error.rank(), 1);
        EXPECT_EQ(error.type_name(), "std::domain_error");
    }
}

TEST(Ranks, memory_of_this_machine_is_refused_mpi) {
    mp::Pool pool(options());
    const mp::SharedArray<int> seen(10);
    EXPECT_THROW(pool.map([out = seen.span()](std::size_t i) { out[i] = 1; },
                          std::views::iota(std::size_t{0}, std::size_t{10})),
                 std::invalid_argument);
    EXPECT_THROW(pool.apply([out = seen.span()] { return out[0]; }), std::invalid_argument);
    mp::PoolOptions wrong = options();
    wrong.initializer = [out = seen.span()] { out[0] = 1; };
    EXPECT_THROW(mp::Pool never(wrong), std::invalid_argument);
    EXPECT_EQ(pool.map(twice, {1.0}), (std::vector{2.0}));
}

TEST(Ranks, more_workers_than_ranks_are_refused_mpi) {
    try {
        mp::Pool never(options(mp::default_processes("mpi") + 1));
        FAIL() << "nothing was thrown";
    } catch (const std::invalid_argument& error) {
        EXPECT_NE(std::strstr(error.what(), "more ranks"), nullptr) << error.what();
    }
    EXPECT_THROW(mp::Pool never({.backend = "mpi", .task_timeout = std::chrono::seconds(1)}),
                 std::invalid_argument);
    EXPECT_THROW(mp::Pool never({.backend = "mpi", .maxtasksperchild = 5}), std::invalid_argument);
}

int initialized = 0;

TEST(Ranks, the_initializer_runs_in_each_mpi) {
    mp::PoolOptions with = options();
    with.initializer = [] { ++initialized; };
    for (int round = 1; round <= 3; ++round) {
        mp::Pool pool(with);
        for (const int count :
             pool.map([](int) { return initialized; }, std::views::iota(0, 20), 1))
            EXPECT_EQ(count, round); // ranks stay while pools come and go
    }
    EXPECT_EQ(initialized, 0);
}

TEST(Ranks, several_pools_share_them_mpi) {
    mp::Pool one(options()), two(options(1));
    auto squares = one.map_async([](int i) { return i * i; }, std::views::iota(0, 1000), 3);
    auto cubes = two.map_async([](int i) { return i * i * i; }, std::views::iota(0, 1000), 3);
    EXPECT_EQ(cubes.get()[9], 729);
    EXPECT_EQ(squares.get()[999], 998001);
}

TEST(Ranks, what_has_not_begun_is_called_off_mpi) {
    mp::Pool pool(options());
    const auto slow = [](int i) {
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
        return i;
    };
    auto map = pool.map_async(slow, std::views::iota(0, 10'000), 1);
    auto task = pool.apply_async(slow, 1);
    EXPECT_TRUE(task.cancel());
    EXPECT_TRUE(map.cancel());
    EXPECT_THROW(map.get(), mp::Cancelled);
    EXPECT_THROW(task.get(), mp::Cancelled);
    EXPECT_EQ(pool.apply(slow, 7), 7);
}

TEST(Ranks, large_items_and_results_arrive_whole_mpi) {
    mp::Pool pool(options());
    std::vector<std::vector<double>> items(4, std::vector<double>(1 << 20));
    for (auto& item : items) std::iota(item.begin(), item.end(), double(&item - items.data()));
    const auto results = pool.map([](const std::vector<double>& x) { return x; }, items, 1);
    EXPECT_EQ(results, items);
    const std::string text(50'000'000, 'z');
    EXPECT_EQ(pool.apply([](const std::string& s) { return s; }, text), text);
}

TEST(Ranks, an_item_has_the_same_random_numbers_everywhere_mpi) {
    const auto draw = [](std::size_t i) { return mp::item_seed(7, i); };
    const auto items = std::views::iota(std::size_t{0}, std::size_t{100});
    EXPECT_EQ(mp::Pool(options()).map(draw, items),
              mp::Pool({.backend = "serial"}).map(draw, items));
}

TEST(Ranks, a_trace_has_a_lane_for_each_mpi) {
    mp::PoolOptions traced = options();
    traced.trace = true;
    mp::Pool pool(traced);
    pool.map([](int) { std::this_thread::sleep_for(std::chrono::milliseconds(5)); },
             std::views::iota(0U, 4 * pool.processes()), 1);
    std::map<int, std::size_t> items;
    for (const mp::Span& span : pool.trace()) {
        EXPECT_EQ(span.rank, static_cast<int>(span.worker) + 1);
        EXPECT_FALSE(span.host.empty());
        EXPECT_GE(span.end_seconds, span.begin_seconds);
        if (span.kind == mp::Span::Kind::work) items[span.rank] += span.items;
    }
    EXPECT_EQ(items.size(), pool.processes());
}

TEST(Ranks, a_task_cannot_make_a_pool_over_ranks_mpi) {
    mp::Pool pool(options());
    EXPECT_THROW(pool.apply([] { return mp::Pool({.backend = "mpi"}).processes(); }),
                 mp::RemoteError);
    EXPECT_THROW(mp::Ranks again, std::logic_error);
    EXPECT_EQ(pool.map(twice, {1.0}), (std::vector{2.0}));
}

TEST(Ranks, a_long_item_holds_up_nobody_elses_long_answer_mpi) {
    mp::Pool pool(options());
    const auto answers = pool.map(
        [](int i) {
            if (i % 7 == 3) std::this_thread::sleep_for(std::chrono::milliseconds(100));
            return std::string(3'000'000, static_cast<char>('a' + i % 26));
        },
        std::views::iota(0, 40), 1);
    for (int i = 0; i < 40; ++i)
        EXPECT_EQ(answers[static_cast<std::size_t>(i)],
                  std::string(3'000'000, static_cast<char>('a' + i % 26)));
}

TEST(Ranks, many_maps_may_wait_to_be_collected_mpi) {
    mp::Pool pool(options());
    std::vector<mp::AsyncResult<std::vector<int>>> maps;
    for (int i = 0; i < 2000; ++i)
        maps.push_back(pool.map_async([i](int j) { return i + j; }, {1, 2, 3}, 1));
    for (int i = 0; i < 2000; ++i)
        ASSERT_EQ(maps[static_cast<std::size_t>(i)].get(), (std::vector{i + 1, i + 2, i + 3}));
}

TEST(Ranks, a_task_may_make_a_pool_of_its_own_mpi) {
    mp::Pool pool(options());
    const auto sums = pool.map(
        [](int n) {
            mp::Pool inner({.processes = 2, .backend = "threads"});
            const auto parts = inner.map([](int i) { return i; }, std::views::iota(0, n));
            return std::accumulate(parts.begin(), parts.end(), 0);
        },
        {10, 20});
    EXPECT_EQ(sums, (std::vector{45, 190}));
}

} // namespace
