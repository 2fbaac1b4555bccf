#include "mp_mpi/remote_stats.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <mp/mp.hpp>
#include <vector>

namespace {

using namespace mp_mpi;

constexpr std::int64_t second = 1'000'000'000;
const std::vector<Endpoint> endpoints = {{.rank = 1, .host = "n1", .workers = 1, .same_host = true},
                                         {.rank = 2, .host = "n2", .workers = 2}};

WireWorkerStats worker(std::uint32_t index, std::uint64_t items, double busy_seconds) {
    return {.worker = index,
            .pid = static_cast<std::int32_t>(100 + index),
            .items = items,
            .restarts = 0,
            .busy_seconds = busy_seconds,
            .start_seconds = 0.25,
            .init_seconds = 0.5,
            .longest = {}};
}

WireSpan span(mp::Span::Kind kind, std::uint32_t index, std::int64_t begin_ns,
              std::uint64_t first) {
    return {.kind = kind,
            .worker = index,
            .entry = {.begin_ns = begin_ns,
                      .end_ns = begin_ns + second,
                      .first = first,
                      .items = 1,
                      .job = 1,
                      .chunks = 1,
                      .pid = 7}};
}

Message answer(const std::vector<WireWorkerStats>& workers, const std::vector<WireSpan>& spans,
               Header header = {}) {
    Message made(header);
    put_all(made, workers);
    put_all(made, spans);
    return made;
}

// A pool of three workers at two endpoints, both of which have opened it.
class Opened {
public:
    explicit Opened(bool trace, std::int64_t ahead_ns = 0) : stats(endpoints, trace) {
        stats.asked(1, 0);
        stats.asked(2, 1);
        const std::int64_t now = now_ns();
        opened(0, now, {worker(0, 0, 0)}, {});
        opened(1, now + ahead_ns, {worker(1, 0, 0), worker(2, 0, 0)},
               {span(mp::Span::Kind::start, 1, now + ahead_ns, 0),
                span(mp::Span::Kind::start, 2, now + ahead_ns, 0)});
    }
    void ran(std::size_t endpoint, const std::vector<WireWorkerStats>& workers,
             const std::vector<WireSpan>& spans) {
        Message made = answer(workers, spans);
        Reader from(made);
        stats.ran(endpoint, from);
    }
    RemoteStats stats;

private:
    void opened(std::size_t endpoint, std::int64_t at_ns,
                const std::vector<WireWorkerStats>& workers, const std::vector<WireSpan>& spans) {
        Message made = answer(workers, spans, {.begin_ns = at_ns, .end_ns = at_ns});
        Reader from(made);
        stats.opened(endpoint, made.header(), from);
    }
};

TEST(RemoteStats, nothing_is_known_of_who_has_not_answered) {
    RemoteStats stats(endpoints, true);
    stats.asked(1, 0);
    EXPECT_TRUE(stats.stats().empty());
    EXPECT_TRUE(stats.trace().empty());
}

TEST(RemoteStats, workers_have_the_rank_and_host_of_their_endpoint) {
    const Opened pool(false);
    const std::vector<mp::WorkerStats> all = pool.stats.stats();
    ASSERT_EQ(all.size(), 3U);
    for (unsigned i = 0; i < 3; ++i) {
        EXPECT_EQ(all[i].index, i);
        EXPECT_EQ(all[i].rank, i == 0 ? 1 : 2);
        EXPECT_EQ(all[i].host, i == 0 ? "n1" : "n2");
        EXPECT_EQ(all[i].pid, static_cast<pid_t>(100 + i));
        EXPECT_GE(all[i].start_seconds, 0.25);
        EXPECT_EQ(all[i].init_seconds, 0.5);
    }
}

TEST(RemoteStats, an_answer_without_statistics_leaves_the_last) {
    Opened pool(false);
    pool.ran(1, {worker(1, 10, 0), worker(2, 20, 0)}, {});
    pool.ran(1, {}, {});
    EXPECT_EQ(pool.stats.stats()[2].items, 20U);
    EXPECT_EQ(pool.stats.stats()[0].items, 0U);
}

TEST(RemoteStats, who_was_busy_all_the_time_has_not_waited) {
    Opened pool(false);
    pool.ran(0, {worker(0, 1, 1e6)}, {});
    EXPECT_EQ(pool.stats.stats()[0].wait_seconds, 0);
}

TEST(RemoteStats, a_trace_has_the_spans_of_all_by_worker) {
    Opened pool(true);
    const std::int64_t now = now_ns();
    pool.ran(1, {},
             {span(mp::Span::Kind::work, 2, now, 30), span(mp::Span::Kind::work, 1, now, 20)});
    pool.ran(0, {}, {span(mp::Span::Kind::work, 0, now, 10)});
    const std::vector<mp::Span> all = pool.stats.trace();
    ASSERT_EQ(all.size(), 5U);
    EXPECT_EQ(all[0].first, 10U);
    for (const unsigned worker : {1U, 2U}) {
        EXPECT_EQ(all[2 * worker - 1].kind, mp::Span::Kind::start);
        EXPECT_EQ(all[2 * worker - 1].worker, worker);
        EXPECT_EQ(all[2 * worker].first, 10 * (worker + 1));
        EXPECT_EQ(all[2 * worker].rank, 2);
    }
}

TEST(RemoteStats, another_hosts_clock_is_set_right) {
    constexpr std::int64_t hour = 3600 * second;
    Opened pool(true, hour);
    pool.ran(1, {}, {span(mp::Span::Kind::work, 1, now_ns() + hour, 0)});
    for (const mp::Span& each : pool.stats.trace()) EXPECT_LT(each.begin_seconds, 60);
    EXPECT_LT(pool.stats.stats()[1].start_seconds, 60);
}

} // namespace
