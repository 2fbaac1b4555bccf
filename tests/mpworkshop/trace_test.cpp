#include "mpworkshop/kit/trace.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sys/resource.h>
#include <thread>

#include "support/command.hpp"
#include "support/folder.hpp"
#include "support/subprocess.hpp"

using namespace mpworkshop;
using support::has;

namespace {

std::vector<mp::Span> spans() {
    using Kind = mp::Span::Kind;
    const auto span = [](Kind kind, unsigned worker, double begin, double end,
                         std::size_t first = 0, std::size_t items = 0) {
        return mp::Span{.kind = kind,
                        .worker = worker,
                        .pid = 11 + pid_t(worker),
                        .begin_seconds = begin,
                        .end_seconds = end,
                        .job = items != 0 ? 1U : 0U,
                        .first = first,
                        .items = items,
                        .chunks = items != 0 ? 1U : 0U};
    };
    return {span(Kind::start, 0, 0.0, 1.0), span(Kind::init, 0, 1.0, 1.5),
            span(Kind::work, 0, 2.0, 3.0, 0, 10), span(Kind::work, 1, 2.5, 4.0, 10, 1)};
}

std::size_t lanes_in(const std::string& trace) {
    const auto events = nlohmann::json::parse(trace)["traceEvents"];
    return std::size_t(std::ranges::count_if(
        events, [](const auto& event) { return event["name"] == "thread_name"; }));
}

} // namespace

TEST(Lanes, are_one_for_each_worker_with_its_waiting_between_its_work) {
    const auto lanes = mp::trace_lanes(spans());
    ASSERT_EQ(lanes.size(), 2U);
    EXPECT_EQ(lanes[0].name, "worker 0");
    EXPECT_EQ(lanes[1].pid, 12);
    std::string told;
    for (const TraceBar& bar : lanes[0].bars) told += bar.name + "; ";
    EXPECT_EQ(told, "start; initializer; wait; items 0 to 9; wait; ");
    EXPECT_EQ(lanes[0].bars.back().end_seconds, 4.0);
    EXPECT_EQ(lanes[1].bars[0].name, "item 10");
}

TEST(Lanes, name_the_rank_and_its_host) {
    auto over_ranks = spans();
    for (mp::Span& span : over_ranks) {
        span.rank = int(span.worker) + 1;
        span.host = "node7";
    }
    EXPECT_EQ(mp::trace_lanes(over_ranks)[1].name, "worker 1, rank 2 on node7");
}

TEST(TraceFile, is_a_chrome_trace_with_a_thread_for_each_lane_and_times_in_microseconds) {
    const auto document = nlohmann::json::parse(mp::chrome_trace("map", mp::trace_lanes(spans())));
    double work = 0;
    int threads = 0;
    for (const auto& event : document["traceEvents"]) {
        if (event["name"] == "thread_name") ++threads;
        if (event["ph"] == "X" && event["cat"] == "work") work += event["dur"].get<double>();
    }
    EXPECT_EQ(threads, 2);
    EXPECT_DOUBLE_EQ(work, 2.5e6);
}

TEST(Lanes, show_waits_for_a_cpu_within_the_work) {
    auto loaded = spans();
    loaded[2].cpu_seconds = 0.625;
    loaded[2].ready_seconds = 0.375;
    loaded[2].ready = {{2.25, 2.5}, {2.75, 2.875}};
    const auto lanes = mp::trace_lanes(loaded);
    std::string told;
    for (const TraceBar& bar : lanes[0].bars) told += bar.name + "; ";
    EXPECT_EQ(told, "start; initializer; wait; items 0 to 9; waiting for a CPU; waiting for a CPU; "
                    "wait; ");
    EXPECT_EQ(lanes[0].bars.back().begin_seconds, 3.0);
    const auto drawn = gantt_lanes(lanes);
    EXPECT_EQ(drawn[0].bars[4].kind, BarKind::ready);

    const auto document = nlohmann::json::parse(mp::chrome_trace("map", lanes));
    int waits = 0;
    for (const auto& event : document["traceEvents"]) {
        if (event["ph"] == "X" && event["cat"] == "ready") ++waits;
        if (event["name"] != "items 0 to 9") continue;
        EXPECT_EQ(event["args"]["cpu_ms"], 625);
        EXPECT_EQ(event["args"]["ready_ms"], 375);
    }
    EXPECT_EQ(waits, 2);
}

TEST(TraceFile, of_a_run_holds_each_item_once) {
    const support::Folder folder;
    const std::string path = folder.file("trace.json");
    for (const char* backend : {"serial", "threads", "processes"}) {
        const auto result = support::run({"map", "--count", "20", "-p", "2", "--chunksize", "3",
                                          "--backend", backend, "--trace", path});
        ASSERT_EQ(result.status, 0) << result.err;
        const auto document = nlohmann::json::parse(support::contents(path));
        std::size_t items = 0;
        for (const auto& event : document["traceEvents"]) {
            if (event.value("cat", "") != "work") continue;
            std::size_t first = 0, last = 0;
            const auto name = event["name"].get<std::string>();
            if (std::sscanf(name.c_str(), "items %zu to %zu", &first, &last) == 2)
                items += last - first + 1;
            else if (name.starts_with("item "))
                ++items;
        }
        EXPECT_EQ(items, 20U) << backend;
    }
}

TEST(TraceFile, that_is_there_stays_until_the_new_one_is_whole) {
    const support::Folder folder;
    const std::string path = folder.file("trace.json");
    std::ofstream(path) << "before";
    {
        support::RunningProgram command({"pi-parallel", "1e15", "-p", "2", "--trace", path});
        while (support::children_of(command.pid()).empty()) std::this_thread::yield();
        EXPECT_EQ(support::contents(path), "before");
        command.send(SIGKILL);
        command.finish();
    }
    EXPECT_EQ(support::contents(path), "before");
    const auto full = support::run({"map", "--trace", path}, {.before = [] {
                                       std::signal(SIGXFSZ, SIG_IGN);
                                       const rlimit little = {100, 100};
                                       ::setrlimit(RLIMIT_FSIZE, &little);
                                   }});
    EXPECT_EQ(full.status, 1);
    EXPECT_TRUE(has(full.out, " C\n"));
    EXPECT_TRUE(has(full.err, "cannot write " + path));
    EXPECT_EQ(support::contents(path), "before");
}

TEST(TraceFile, that_cannot_be_written_is_refused_before_any_work) {
    const auto result = support::run({"map", "--trace", "/nowhere/at/all.json"});
    EXPECT_EQ(result.status, 1);
    EXPECT_TRUE(has(result.err, "cannot write /nowhere/at/all.json"));
    EXPECT_FALSE(has(result.out, " C\n"));
}

TEST(TraceOfAnyProgram, is_written_when_it_ends_with_all_its_pools) {
    const support::Folder folder;
    const std::string path = folder.file("trace.json");
    const auto result = support::run({"map", "--count", "8", "-p", "2", "--quiet"},
                                     {.environment = {"MP_TRACE=" + path}});
    EXPECT_EQ(result.status, 0) << result.err;
    EXPECT_EQ(result.err, "");
    const auto document = nlohmann::json::parse(support::contents(path));
    int items = 0;
    for (const auto& event : document["traceEvents"]) {
        if (event.value("cat", "") != "work") continue;
        EXPECT_GE(event["ts"], 0);
        std::size_t first = 0, last = 0;
        const auto name = event["name"].get<std::string>();
        items += std::sscanf(name.c_str(), "items %zu to %zu", &first, &last) == 2
                     ? int(last - first + 1)
                     : int(name.starts_with("item "));
    }
    EXPECT_EQ(lanes_in(support::contents(path)), 2U);
    EXPECT_EQ(items, 8);
    // After its result a run measures with a second pool.
    support::run({"map", "--count", "8", "-p", "2"}, {.environment = {"MP_TRACE=" + path}});
    EXPECT_TRUE(has(support::contents(path), "\"pool 2, worker 1 ("));
}

TEST(TraceOfAnyProgram, has_the_workers_of_every_backend) {
    const support::Folder folder;
    const std::string path = folder.file("trace.json");
    for (const auto& [backend, lanes] : {std::pair("threads", 2U), std::pair("serial", 1U)}) {
        const auto result = support::run({"starmap", "--quiet", "-p", "2", "--backend", backend},
                                         {.environment = {"MP_TRACE=" + path}});
        EXPECT_EQ(result.status, 0) << result.err;
        EXPECT_EQ(lanes_in(support::contents(path)), lanes) << backend;
    }
}

TEST(TraceOfAnyProgram, that_cannot_be_written_is_one_line_on_standard_error) {
    const auto result =
        support::run({"map", "--quiet"}, {.environment = {"MP_TRACE=/nowhere/at/all.json"}});
    EXPECT_EQ(result.status, 0);
    EXPECT_EQ(result.err, "mp: cannot write the timeline to /nowhere/at/all.json: No such file or "
                          "directory; see MP_TRACE\n");
}

TEST(Timeline, has_a_lane_for_each_worker_or_task) {
    const auto pool = support::run({"pi-parallel", "1e6", "-p", "3", "--timeline"});
    for (const char* lane : {"\nworker 0 ", "\nworker 1 ", "\nworker 2 "})
        EXPECT_TRUE(has(pool.out, lane)) << pool.out;
    const auto threads =
        support::run({"threads-io", "--tasks", "2", "--seconds", "0.01", "--timeline"});
    for (const char* lane : {"\ntask 1 ", "\ntask 2 "}) EXPECT_TRUE(has(threads.out, lane));
    EXPECT_FALSE(has(support::run({"pi-parallel", "1e6", "--timeline", "--quiet"}).out, "worker"));
}
