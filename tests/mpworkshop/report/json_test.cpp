#include "mpworkshop/report/json.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

using namespace mpworkshop;

namespace {

const Command exercise = {
    .name = "demo", .summary = "", .about = "", .example = "", .plan = nullptr};

nlohmann::ordered_json document(const Outcome& outcome, bool complete = true) {
    static std::uint64_t count = 5;
    CommandRequest request{.command = &exercise,
                           .plan = {.options = {input::count("-n,--count", "", count)}, .run = {}}};
    request.settings.seed = 42;
    return nlohmann::ordered_json::parse(report::json(request, outcome, complete));
}

} // namespace

TEST(Json, has_its_parts_in_a_fixed_order) {
    std::vector<std::string> keys;
    const auto json = document({});
    for (const auto& [key, value] : json.items()) keys.push_back(key);
    EXPECT_EQ(keys, (std::vector<std::string>{"schema", "exercise", "partial", "so_far", "options",
                                              "machine", "result", "prediction", "timings",
                                              "other_programs", "workers"}));
    EXPECT_EQ(json["exercise"], "demo");
    EXPECT_EQ(json["options"], (nlohmann::ordered_json{{"count", 5}, {"seed", 42}}));
    EXPECT_EQ(json["timings"].size(), 0U);
    EXPECT_TRUE(json["workers"].is_array());
}

TEST(Json, writes_every_kind_of_value) {
    Outcome outcome;
    outcome.result = Value::object({{"nothing", Value()},
                                    {"truth", true},
                                    {"number", -3},
                                    {"large", std::uint64_t{1} << 53},
                                    {"real", 0.1},
                                    {"text", "a\"b"},
                                    {"list", std::vector<double>{1, 2.5}},
                                    {"maybe", std::optional<double>()},
                                    {"mixed", Value::List{1, "x"}}});
    EXPECT_EQ(
        document(outcome)["result"].dump(),
        R"({"nothing":null,"truth":true,"number":-3,"large":9007199254740992,"real":0.1,"text":"a\"b",)"
        R"("list":[1.0,2.5],"maybe":null,"mixed":[1,"x"]})");
}

TEST(Json, writes_timings_and_workers) {
    Outcome outcome;
    outcome.timings = {{"total", 1.5, 2.5}};
    mp::WorkerStats worker;
    worker.pid = 7;
    worker.items = 3;
    worker.busy_seconds = 0.5;
    worker.wait_seconds = 0.25;
    worker.longest[0].seconds = 0.25;
    worker.longest[1].seconds = 0.125;
    outcome.workers = {worker};
    EXPECT_EQ(document(outcome)["timings"].dump(),
              R"([{"name":"total","wall_s":1.5,"cpu_s":2.5}])");
    EXPECT_EQ(
        document(outcome)["workers"].dump(),
        R"([{"index":0,"pid":7,"tasks":3,"restarts":0,"busy_s":0.5,"start_s":0.0,)"
        R"("init_s":0.0,"wait_s":0.25,"cpu_s":null,"ready_s":null,"longest_chunks_s":[0.25,0.125]}])");
    outcome.workers[0].cpu_seconds = 0.375;
    outcome.workers[0].ready_seconds = 0;
    EXPECT_EQ(document(outcome)["workers"][0]["cpu_s"], 0.375);
    EXPECT_EQ(document(outcome)["workers"][0]["ready_s"], 0);
    outcome.workers[0].rank = 4;
    outcome.workers[0].host = "node2";
    EXPECT_EQ(document(outcome)["workers"][0]["rank"], 4);
    EXPECT_EQ(document(outcome)["workers"][0]["host"], "node2");
}

TEST(Json, has_what_other_programs_took_or_null) {
    Outcome outcome;
    EXPECT_TRUE(document(outcome)["other_programs"].is_null());
    outcome.others = {.used = 1.25, .of = 2};
    EXPECT_EQ(document(outcome)["other_programs"].dump(), R"({"cpus_used":1.25,"of_cpus":2})");
}

TEST(Json, marks_what_was_interrupted) {
    Outcome outcome;
    outcome.so_far = "half";
    EXPECT_EQ(document(outcome)["partial"], false);
    EXPECT_EQ(document(outcome, false)["partial"], true);
    EXPECT_EQ(document(outcome, false)["so_far"], "half");
}

TEST(Json, survives_bytes_that_are_no_text) {
    Outcome outcome;
    outcome.result = "\xff\xfe";
    EXPECT_TRUE(document(outcome)["result"].is_string());
}
