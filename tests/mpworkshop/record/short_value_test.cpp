#include "mpworkshop/record/short_value.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "mpworkshop/record/timeline.hpp"
#include "mpworkshop/report/json.hpp"

using mpworkshop::Value;
namespace record = mpworkshop::record;
namespace report = mpworkshop::report;

TEST(ShortValue, has_no_path_but_keeps_words_with_a_slash) {
    for (const auto& [given, kept] : std::vector<std::pair<const char*, const char*>>{
             {"map --input /home/ann/x.csv", "map --input (path)"},
             {"map --input=/home/ann/x", "map (path)"},
             {"'~/x' ./x ../x a/b.csv", "(path) (path) (path) (path)"},
             {"projects/ann", "(path)"},
             {"I/O takes 1/2 of it, 3 km/s", "I/O takes 1/2 of it, 3 km/s"},
             {"two\n words ", "two\n words "}})
        EXPECT_EQ(record::without_paths(given), kept);
}

TEST(ShortValue, has_short_lists_texts_and_numbers_and_no_private_member) {
    const Value value = Value::object({{"pi", 3.14159265358979},
                                       {"host", "node1"},
                                       {"pid", 17},
                                       {"all", std::vector<double>(100, 1)},
                                       {"text", std::string(299, 'x') + "\xc3\xa9\xc3\xa9"},
                                       {"none", HUGE_VAL},
                                       {"count", std::uint64_t{12345678901}}});
    const Value kept = record::shortened(value, {.items = 3});
    EXPECT_EQ(report::json_line(kept), "{\"pi\":3.14159,\"all\":[1.0,1.0,1.0],\"text\":\"" +
                                           std::string(299, 'x') +
                                           "...\",\"none\":null,\"count\":12345678901}");
}

TEST(ShortValue, ends_at_a_depth) {
    Value deep = 1;
    for (int i = 0; i < 100; ++i) deep = Value(Value::List{deep});
    EXPECT_EQ(report::json_line(record::shortened(
                  Value(Value::List{1, Value(Value::List{Value(Value::List{2})})}), {.depth = 2})),
              "[1,null]");
    EXPECT_EQ(report::json_line(record::shortened(deep, {.depth = 2})), "null");
}

TEST(Json, is_read_back_and_refused_where_it_is_broken_or_too_deep) {
    const auto again = [](const std::string& text) {
        const auto value = report::parse_json(text);
        return value ? report::json_line(*value) : "refused";
    };
    for (const char* text : {"null", "true", "-1", "1.5", "\"x\\u0000\\\"\"", "[]", "[1,[2,{}]]",
                             "{\"a\":{\"b\":[1,null]},\"c\":\"\"}"})
        EXPECT_EQ(again(text), text);
    for (const char* text : {"", "{", "[1,]", "{\"a\":}", "nul", "1 2", "1e999", "\"\xff\"", "NaN"})
        EXPECT_EQ(again(text), "refused") << text;
    EXPECT_EQ(again(std::string(32, '[') + std::string(32, ']')).size(), 64U);
    EXPECT_EQ(again(std::string(33, '[') + std::string(33, ']')), "refused");
    EXPECT_EQ(again(std::string(1'000'000, '[')), "refused");
}

TEST(RecordedTimeline, says_what_each_lane_did_most_of_the_time) {
    using mpworkshop::BarKind;
    const std::vector<mpworkshop::GanttLane> lanes = {
        {"a", {{1, 2, BarKind::start}, {2, 5, BarKind::work}, {3, 4, BarKind::ready}}},
        {"b", {{2, 3, BarKind::wait}, {3, 5, BarKind::work}}}};
    const auto timeline = record::timeline_of(lanes);
    EXPECT_EQ(timeline.seconds, 4);
    ASSERT_EQ(timeline.lanes.size(), 2U);
    const auto times = [](char mark) { return std::string(20, mark); };
    EXPECT_EQ(timeline.lanes[0].parts, times('s') + times('w') + times('r') + times('w'));
    EXPECT_EQ(timeline.lanes[1].parts, times(' ') + times('i') + times('w') + times('w'));
    const auto back =
        record::timeline_from(*report::parse_json(report::json_line(record::as_value(timeline))));
    EXPECT_EQ(back.lanes[0].parts, timeline.lanes[0].parts);
    EXPECT_EQ(back.lanes[1].name, "b");
}

TEST(RecordedTimeline, of_something_else_is_empty) {
    for (const char* text :
         {"null", "{}", "{\"seconds\":-1,\"lanes\":[]}",
          "{\"seconds\":1,\"lanes\":[{\"name\":\"a\",\"parts\":\"<script>\"},{\"name\":\"b\","
          "\"parts\":\"\"},7]}"})
        EXPECT_TRUE(record::timeline_from(*report::parse_json(text)).lanes.empty()) << text;
    EXPECT_TRUE(record::timeline_of({}).lanes.empty());
}
