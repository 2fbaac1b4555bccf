// The demonstrations, run as a person or a program runs them. Their measurements depend on the
// machine and the moment, so no test asserts them.

#include <gtest/gtest.h>
#include <mp/mp.hpp>

#include <csignal>
#include <nlohmann/json.hpp>
#include <set>

#include "mpworkshop/sys/affinity.hpp"
#include "support/command.hpp"

using nlohmann::json;
using support::has;
using support::lines_of;
using support::run;
using support::RunningProgram;

namespace {

const support::CommandOptions plain = {.environment = {"LC_ALL=C"}};

/// The smallest run of each.
const std::vector<std::vector<std::string>> small = {
    {"race", "--updates", "10", "--threads", "2"}, {"gil", "--seconds", "0.002", "-p", "2"},
    {"concurrency", "--seconds", "0.002"},         {"chunks", "--seconds", "1e-5", "-p", "2"},
    {"price", "--seconds", "0.001", "-p", "1"},
};

json result_of(std::vector<std::string> arguments) {
    arguments.push_back("--json");
    const auto result = run(arguments);
    EXPECT_EQ(result.status, 0) << result.err;
    const json document = json::parse(result.out);
    EXPECT_EQ(document["exercise"], arguments.front());
    EXPECT_EQ(document["result"]["usable"], mp::process_cpu_count());
    return document["result"];
}

void expect_elapsed(const json& elapsed) {
    EXPECT_GE(elapsed["wall_s"], 0);
    EXPECT_GE(elapsed["cpu_s"], 0);
    EXPECT_GE(elapsed["cpus_busy"], 0);
}

} // namespace

TEST(EveryDemonstration, says_what_it_means_and_what_comes_next_in_80_columns_of_ascii) {
    for (const auto& arguments : small) {
        const auto result = run(arguments, plain);
        EXPECT_EQ(result.status, 0) << result.err;
        EXPECT_EQ(result.err, "");
        const auto lines = lines_of(result.out);
        for (const std::string& line : lines) {
            EXPECT_LT(line.size(), 80U) << line;
            for (const char c : line) EXPECT_TRUE(c >= ' ' && c <= '~') << line;
        }
        ASSERT_FALSE(lines.empty());
        EXPECT_TRUE(has(lines.back(), "Next: mpworkshop "));
        const std::string end = result.out.substr(result.out.rfind("\n\n") + 2);
        const bool busy = end.find("\nOther programs used") != std::string::npos;
        EXPECT_LE(lines_of(end).size(), busy ? 7U : 6U) << end;
    }
}

TEST(EveryDemonstration, prints_its_results_when_quiet_and_one_document_with_json) {
    for (auto arguments : small) {
        const std::size_t lines = lines_of(run(arguments, plain).out).size();
        arguments.push_back("--quiet");
        const auto quiet = run(arguments);
        EXPECT_EQ(quiet.err, "") << arguments.front();
        EXPECT_GE(lines_of(quiet.out).size(), 1U) << arguments.front();
        EXPECT_LT(lines_of(quiet.out).size(), lines) << arguments.front();
        EXPECT_FALSE(has(quiet.out, "Next:"));
        arguments.push_back("--json");
        const auto document = run(arguments);
        EXPECT_EQ(document.err, "") << arguments.front();
        EXPECT_EQ(json::parse(document.out)["partial"], false);
    }
}

TEST(EveryDemonstration, is_interrupted_at_once_with_everything_reaped) {
    // The line after which it computes for a long time.
    const std::vector<std::pair<std::vector<std::string>, const char*>> long_ones = {
        {{"race", "--updates", "1e9"}, "without protection:"},
        {{"gil", "--seconds", "3600"}, "waiting\n"},
        {{"concurrency", "--seconds", "600"}, "alone.\n"},
        {{"chunks", "--seconds", "60", "-p", "2"}, "one is longer\n"},
        {{"price", "--seconds", "60"}, "first.\n"},
    };
    for (const auto& [arguments, line] : long_ones) {
        RunningProgram command(arguments, plain);
        command.wait_for(line);
        command.send(SIGINT);
        const auto result = command.finish();
        EXPECT_EQ(result.status, -SIGINT) << arguments.front();
        EXPECT_TRUE(has(result.out, "\nInterrupted"));
    }
}

TEST(EveryDemonstration, works_on_one_cpu) {
    const mpworkshop::sys::CpuAffinityGuard one(
        std::vector{mpworkshop::sys::usable_cpus().front()});
    for (const auto& arguments : small) {
        EXPECT_EQ(run(arguments).status, 0) << arguments.front();
    }
    for (const auto& arguments : {small[1], small[3]})
        EXPECT_TRUE(has(run(arguments, plain).out, "With one CPU")) << arguments.front();
    EXPECT_TRUE(has(run(small[0]).out, "Only one CPU may be used here"));
    const json runs = result_of(small[2])["runs"];
    ASSERT_EQ(runs.size(), 1U);
    EXPECT_EQ(runs[0]["cpus"], 1);
}

TEST(EveryDemonstration, refuses_what_it_cannot_do) {
    const std::vector<std::pair<std::vector<std::string>, const char*>> bad = {
        {{"race", "--threads", "0"}, "--threads: '0' is too small"},
        {{"race", "--threads", "1001"}, "--threads: '1001' is too large"},
        {{"race", "--updates", "0"}, "--updates: '0' is too small"},
        {{"gil", "--processes", "x"}, "--processes: 'x' is not a number"},
        {{"gil", "--seconds", "0"}, "--seconds: '0' is out of range"},
        {{"concurrency", "--tasks", "17"}, "--tasks: '17' is too large"},
        {{"chunks", "--tasks", "0"}, "--tasks: '0' is too small"},
        {{"chunks", "--seconds", "nan"}, "--seconds: 'nan' is not a finite number"},
        {{"price", "--seconds", "-1"}, "--seconds: '-1' is out of range"},
        {{"pricee"}, "did you mean price?"},
    };
    for (const auto& [arguments, complaint] : bad) {
        const auto result = run(arguments);
        EXPECT_EQ(result.status, 2) << complaint;
        EXPECT_EQ(result.out, "");
        EXPECT_TRUE(has(result.err, complaint));
    }
}

TEST(EveryDemonstration, has_help_with_its_options_and_an_example) {
    for (const auto& arguments : small) {
        const auto result = run({arguments.front(), "--help"});
        EXPECT_EQ(result.status, 0);
        EXPECT_TRUE(has(result.out, "Try: mpworkshop " + arguments.front()));
        EXPECT_TRUE(has(result.out, arguments[1]));
        for (const std::string& line : lines_of(result.out)) EXPECT_LT(line.size(), 80U) << line;
    }
    EXPECT_TRUE(has(run({"--help"}).out, "\nExercises, in the order of the story:\n  race "));
}

TEST(Race, shows_step_by_step_how_one_update_is_lost) {
    const auto result = run(small[0], plain);
    EXPECT_TRUE(has(result.out, "  T1         T2\n"
                                "  load 1\n"
                                "             load 1\n"
                                "  store 2\n"
                                "             store 2\n"
                                "\n"
                                "The count is 2, and 3 references exist: one update is lost."));
    const json order = result_of(small[0])["unlucky_order"];
    EXPECT_EQ(order["expected"], 3);
    EXPECT_EQ(order["counted"], 2);
    ASSERT_EQ(order["steps"].size(), 4U);
    EXPECT_EQ(order["steps"][1], (json{{"thread", 2}, {"step", "load"}, {"value", 1}}));
}

TEST(Race, claims_a_loss_where_one_was_counted_and_nowhere_else) {
    const json result = result_of({"race", "--updates", "20000", "--threads", "3"});
    EXPECT_EQ(result["threads"], 3);
    EXPECT_EQ(result["updates"], 20'000);
    EXPECT_GE(result["attempts"].size(), 5U);
    EXPECT_LE(result["attempts"].size(), 20U);
    std::uint64_t lost = 0;
    for (const json& attempt : result["attempts"]) {
        EXPECT_EQ(attempt["expected"], 60'000);
        EXPECT_EQ(attempt["counted"].get<int>() + attempt["lost"].get<int>(), 60'000);
        EXPECT_GE(attempt["lost"], 0);
        lost += attempt["lost"].get<std::uint64_t>();
    }
    EXPECT_EQ(result["loss_seen"], lost > 0);

    const auto alone = run({"race", "--updates", "20000", "--threads", "1"}, plain);
    EXPECT_TRUE(has(alone.out, "One thread alone loses nothing"));
    EXPECT_TRUE(has(alone.out, "No loss was seen this time"));
    EXPECT_FALSE(result_of({"race", "--updates", "20000", "--threads", "1"})["loss_seen"]);
}

TEST(Race, counts_every_update_with_every_cure) {
    const json result = result_of({"race", "--updates", "12345", "--threads", "4"});
    ASSERT_EQ(result["cures"].size(), 4U);
    const char* names[] = {"mutex", "atomic", "adjacent", "padded"};
    for (std::size_t i = 0; i < 4; ++i) {
        const json& cure = result["cures"][i];
        EXPECT_EQ(cure["name"], names[i]);
        EXPECT_EQ(cure["counted"], 4 * 12'345);
        EXPECT_EQ(cure["expected"], 4 * 12'345);
        EXPECT_GT(cure["update_ns"], 0);
    }
    EXPECT_GT(result["careless_ns"], 0);
    EXPECT_GT(result["false_sharing"], 0);
}

TEST(Race, does_not_talk_of_prices_after_a_few_updates) {
    EXPECT_TRUE(has(run(small[0], plain).out, "Too few updates to say what one takes"));
    EXPECT_EQ(run({"race", "--updates", "20000"}, plain).out.find("Too few updates"),
              std::string::npos);
}

TEST(Gil, measures_computing_and_waiting_in_three_ways) {
    const json result = result_of({"gil", "-p", "3", "--seconds", "0.01"});
    EXPECT_EQ(result["tasks"], 3);
    EXPECT_EQ(result["seconds"], 0.01);
    for (const char* way : {"threads_locked", "threads_free", "processes"}) {
        expect_elapsed(result[way]["computing"]);
        expect_elapsed(result[way]["waiting"]);
        EXPECT_GE(result[way]["waiting"]["wall_s"], 0.01) << way; // no task wakes up too early
    }
    const auto text = run({"gil", "-p", "3", "--seconds", "0.01"}, plain);
    for (const char* row : {"  threads, one lock ", "  threads, no lock ", "  processes, a lock "})
        EXPECT_TRUE(has(text.out, row));
    EXPECT_TRUE(has(run({"gil", "-p", "1", "--seconds", "0.01"}, plain).out, "One task alone"));
}

TEST(Concurrency, tells_when_each_task_ran) {
    const json result = result_of({"concurrency", "--tasks", "3", "--seconds", "0.005"});
    const bool two = mpworkshop::sys::usable_cpus().size() > 1 && mp::process_cpu_count() > 1;
    ASSERT_EQ(result["runs"].size(), two ? 2U : 1U);
    for (std::size_t i = 0; i < result["runs"].size(); ++i) {
        const json& each = result["runs"][i];
        EXPECT_EQ(each["cpus"], i + 1);
        expect_elapsed(each);
        ASSERT_EQ(each["ran"].size(), 3U);
        double first = 1;
        for (const json& task : each["ran"]) {
            ASSERT_FALSE(task.empty());
            double last = 0;
            for (const json& bar : task) {
                EXPECT_LE(last, bar[0]);
                EXPECT_LE(bar[0], bar[1]);
                last = bar[1];
            }
            EXPECT_LE(last, each["wall_s"]);
            first = std::min(first, task[0][0].get<double>());
        }
        EXPECT_EQ(first, 0);
    }
}

TEST(Concurrency, draws_both_timelines_in_one_chart) {
    const auto result = run({"concurrency", "--seconds", "0.005"}, plain);
    EXPECT_TRUE(has(result.out, "\n1 CPU, task 1 "));
    EXPECT_TRUE(has(result.out, "\n1 CPU, task 2 "));
    EXPECT_TRUE(has(result.out, "+--"));
    EXPECT_TRUE(has(result.out, "\n# working"));
    const auto blocks =
        run({"concurrency", "--seconds", "0.005"}, {.environment = {"LC_ALL=C.UTF-8"}});
    EXPECT_TRUE(has(blocks.out, "█ working"));
    const auto narrow =
        run({"concurrency", "--seconds", "0.005"}, {.environment = {"LC_ALL=C", "COLUMNS=40"}});
    for (const std::string& line : lines_of(narrow.out)) {
        if (line.find("CPU, task ") != line.npos) {
            EXPECT_LT(line.size(), 40U) << line;
        }
    }
}

TEST(Chunks, goes_from_one_at_a_time_to_all_at_once) {
    const json result =
        result_of({"chunks", "--tasks", "11", "--seconds", "1e-5", "--processes", "2"});
    EXPECT_EQ(result["tasks"], 11);
    EXPECT_EQ(result["processes"], 2);
    const std::vector<std::pair<int, int>> expected = {{1, 11}, {2, 6}, {4, 3}, {8, 2}, {11, 1}};
    for (const char* work : {"alike", "skewed"}) {
        ASSERT_EQ(result[work].size(), expected.size());
        for (std::size_t i = 0; i < expected.size(); ++i) {
            const json& each = result[work][i];
            EXPECT_EQ(each["chunksize"], expected[i].first);
            EXPECT_EQ(each["chunks"], expected[i].second);
            EXPECT_GT(each["wall_s"], 0);
            EXPECT_GE(each["idle"], 0);
            EXPECT_GE(each["ready"], 0);
            EXPECT_LE(double(each["idle"]) + double(each["ready"]), 1 + 1e-9);
        }
    }
    for (const char* extreme : {"skewed_best", "skewed_worst"})
        EXPECT_TRUE((std::set<int>{1, 2, 4, 8, 11}.contains(result[extreme].get<int>())));
}

TEST(Chunks, leaves_one_worker_without_work_when_all_are_in_one_chunk) {
    const json result = result_of({"chunks", "--tasks", "4", "--seconds", "0.002", "-p", "2"});
    EXPECT_GE(result["alike"].back()["idle"], 0.5 - 1e-9);
    EXPECT_GE(result["skewed"].back()["idle"], 0.5 - 1e-9);
}

TEST(Chunks, draws_the_slowest_and_the_fastest) {
    const auto result = run(small[3], plain);
    EXPECT_TRUE(has(result.out, "\nOne is longer, the slowest: chunksize "));
    EXPECT_TRUE(has(result.out, "\nOne is longer, the fastest: chunksize "));
    EXPECT_TRUE(has(result.out, "\nworker 0 "));
    EXPECT_TRUE(has(result.out, "\nworker 1 "));
    const auto one = run({"chunks", "--tasks", "1", "--seconds", "1e-5", "-p", "2"}, plain);
    EXPECT_EQ(one.out.find("the slowest"), std::string::npos);
    EXPECT_TRUE(has(one.out, "One task cannot be divided."));
    EXPECT_TRUE(has(run({"chunks", "--seconds", "1e-5", "-p", "1"}, plain).out,
                    "One worker does everything itself"));
}

TEST(Price, lists_ten_things_the_cheapest_first) {
    const json result = result_of(small[4]);
    EXPECT_EQ(result["processes"], 1);
    std::set<std::string> names;
    double last = 0;
    for (const json& price : result["prices"]) {
        names.insert(price["name"]);
        EXPECT_GE(price["median_s"], last);
        last = price["median_s"];
        EXPECT_LE(price["least_s"], price["median_s"]);
        EXPECT_GE(price["most_s"], price["median_s"]);
        EXPECT_GE(price["samples"], 6);
        EXPECT_GT(price["function_calls"], 0);
        if (price["name"] == "call") {
            EXPECT_EQ(price["function_calls"], 1);
        }
    }
    EXPECT_EQ(names, (std::set<std::string>{"call", "atomic", "lock", "contended_lock", "map_item",
                                            "pipe", "task", "task_asleep", "thread", "process"}));
}

TEST(Price, says_what_follows_for_chunks_and_for_pools) {
    const auto result = run(small[4], plain);
    const bool chunks_told = result.out.find("you lose less than 1 %.") != std::string::npos;
    EXPECT_NE(chunks_told, result.out.find("is unclear") != std::string::npos) << result.out;
    EXPECT_TRUE(has(result.out, "  a process, started and joined "));
}
