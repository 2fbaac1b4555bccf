#include "mpworkshop/page/shared_file.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fstream>
#include <mp/mp.hpp>
#include <nlohmann/json.hpp>

#include "mpworkshop/page/class_page.hpp"
#include "mpworkshop/page/run_page.hpp"
#include "support/command.hpp"

namespace page = mpworkshop::page;
namespace record = mpworkshop::record;
using SharedJson = nlohmann::json;
using support::has;

namespace {

SharedJson line(const std::string& name, SharedJson facts = SharedJson::object()) {
    SharedJson document = {{"schema", "mpworkshop-record-1"},
                           {"id", "0123456789abcdef"},
                           {"kind", "run"},
                           {"name", name},
                           {"time", "2026-01-31T12:00:00Z"},
                           {"complete", true},
                           {"machine", {{"cpus", 4}, {"usable", 4}, {"build", "Release"}}}};
    document.update(facts);
    return document;
}

record::Record record_of(const std::vector<SharedJson>& lines) {
    record::Record record;
    std::string text;
    for (const SharedJson& each : lines)
        text += each.dump(-1, ' ', false, SharedJson::error_handler_t::replace) + "\n";
    record::read_lines(text, record);
    return record;
}

SharedJson row(const char* workers, double speedup) {
    return {{"workers", workers},
            {"speedup", speedup},
            {"speedup_low", speedup * 0.9},
            {"speedup_high", speedup * 1.1}};
}

SharedJson scale() {
    return line("scale", {{"result",
                           {{"rows", {row("1", 0.9), row("2", 1.9), row("4", 3.5), row("8", 3.6)}},
                            {"amdahl_serial_share", 0.05}}}});
}

std::vector<SharedJson> a_few_runs() {
    return {line("race"), scale(),
            line("map",
                 {{"prediction",
                   {{"question", "How many times as fast?"},
                    {"unit", "times as fast"},
                    {"said", 2.5},
                    {"was", 0.01},
                    {"sentence", "You said 2.5 times as fast. It was 100 times as slow."}}},
                  {"other_programs", {{"cpus_used", 1.5}, {"of_cpus", 4}}},
                  {"timings",
                   {{{"name", "work"}, {"wall_s", 0.25}}, {{"name", "total"}, {"wall_s", 0.5}}}}}),
            line("pi", {{"kind", "check"},
                        {"passed", true},
                        {"code", "int secret;"},
                        {"findings", {"it builds", {{"name", "right"}, {"verdict", "ok"}}}}})};
}

SharedJson shared() {
    return SharedJson::parse(page::shared_document(record_of(a_few_runs()), "Ann"));
}

std::string complaint(const SharedJson& document) {
    try {
        page::read_shared(document.dump());
    } catch (const std::runtime_error& error) {
        return error.what();
    }
    return "";
}

} // namespace

TEST(SharedFile, is_read_back_without_code) {
    const std::string text = page::shared_document(record_of(a_few_runs()), "Ann");
    EXPECT_FALSE(has(text, "secret"));
    const page::Participant ann = page::read_shared(text);
    EXPECT_EQ(ann.id, "0123456789abcdef");
    EXPECT_EQ(ann.name, "Ann");
    EXPECT_EQ(ann.usable, 4U);
    EXPECT_EQ(ann.done, (std::set<std::string>{"race", "scale", "map"}));
    EXPECT_EQ(ann.tasks, (std::map<std::string, bool>{{"pi", true}}));
    ASSERT_EQ(ann.predictions.size(), 1U);
    EXPECT_EQ(ann.predictions[0].predicted, 2.5);
    ASSERT_TRUE(ann.best);
    EXPECT_EQ(ann.best->workers, 4U); // 8 would have no CPU each
    EXPECT_EQ(ann.best->ratio, 3.5);
    EXPECT_EQ(page::needs_help(ann), "busy: other programs used 1.5 CPUs");
    EXPECT_EQ(page::read_shared(page::shared_document(record_of({line("map")}), "")).name, "");
}

TEST(SharedFile, of_something_else_is_refused_in_words) {
    EXPECT_EQ(complaint(shared()), "");
    const auto with = [](const char* member, const SharedJson& value) {
        SharedJson document = shared();
        document[member] = value;
        return complaint(document);
    };
    EXPECT_EQ(with("schema", "mpworkshop-share-2"), "a later version of mpworkshop wrote it");
    EXPECT_EQ(with("schema", "mpworkshop-run-1"), "it is no file of report --share");
    EXPECT_EQ(with("id", "0123"), "its identifier is broken");
    EXPECT_EQ(with("id", "0123456789ABCDEF"), "its identifier is broken");
    EXPECT_EQ(with("written", 7), "it does not say when it was written");
    EXPECT_EQ(with("name", std::string(81, 'x')), "its text 'name' is too long");
    EXPECT_EQ(with("machine", {{"usable", 0}, {"cpus", 1}}), "its number 'usable' is out of range");
    EXPECT_EQ(with("machine", {{"usable", 1}, {"cpus", 1e300}}),
              "its number 'cpus' is out of range");
    EXPECT_EQ(with("runs", {1}), "one of its lines is no line of a record");
    EXPECT_EQ(with("runs", SharedJson(300, line("map"))), "it has too many lines");
    EXPECT_EQ(complaint(SharedJson::array()), "it is no file of report --share");
    EXPECT_THROW(page::read_shared("{"), std::runtime_error);
    EXPECT_THROW(page::read_shared(std::string(1 << 20, ' ') + "{}"), std::runtime_error);
}

TEST(Class, counts_the_last_file_of_a_person_and_names_what_it_leaves_out) {
    page::Class all;
    SharedJson first = shared(), second = shared(), other = shared();
    first["name"] = "Ann at first";
    second["written"] = "2999-01-01T00:00:00Z";
    other["id"] = "fedcba9876543210";
    other["name"] = "<script>alert(1)</script>";
    for (const SharedJson& each : {second, first, other}) all.add(each.dump(), "a.json");
    all.add("garbage", "broken.json");
    all.add_file("/proc/nonexistent/x.json");
    ASSERT_EQ(all.participants().size(), 2U);
    EXPECT_EQ(all.participants()[0].name, "Ann");
    EXPECT_EQ(all.replaced(), 1U);
    ASSERT_EQ(all.left_out().size(), 2U);
    EXPECT_EQ(all.left_out()[0].file, "broken.json");
    const std::string html = all.page();
    EXPECT_FALSE(has(html, "<script"));
    EXPECT_TRUE(has(html, "&lt;script&gt;alert(1)&lt;/script&gt;"));
    EXPECT_TRUE(has(html, "broken.json"));
    EXPECT_TRUE(has(html, "it is broken: no whole JSON document"));
    EXPECT_TRUE(has(html, "2 of 2"));
}

TEST(Class, names_machines_that_need_help) {
    const auto help = [](const SharedJson& machine) {
        SharedJson document = shared();
        document["machine"] = machine;
        document["runs"] = SharedJson::array();
        return page::needs_help(page::read_shared(document.dump()));
    };
    EXPECT_EQ(help({{"usable", 2}, {"cpus", 2}, {"build", "Release"}}), "");
    EXPECT_EQ(help({{"usable", 1}, {"cpus", 2}, {"build", "Debug"}}),
              "Debug build: timings tell little; one CPU: no speedup is possible");
}

TEST(RunPage, has_the_numbers_of_the_record_and_every_picture) {
    const std::string html = page::run_page(record_of(a_few_runs()));
    for (const char* part :
         {"<td>0.25</td>", "<th scope=\"row\">4</th><td>3.5</td>", "Amdahl, 5 % serial",
          "<p>How many times as fast? You said 2.5 times as fast. It was 100 times as slow.</p>",
          "int secret;", "it builds", "right: ok",
          "Other programs used 1.5 of the 4 CPUs meanwhile.", "lang=\"en\"", "default-src 'none'"})
        EXPECT_TRUE(has(html, part));
    EXPECT_FALSE(has(html, "<script"));
    EXPECT_FALSE(has(html, "http-equiv=\"refresh\""));
    EXPECT_TRUE(has(page::run_page({}), "Nothing ran here yet."));
}

TEST(Class, ends_when_it_is_interrupted) {
    const support::Folder folder;
    std::ofstream(folder.file("a.json")) << shared();
    page::Class all;
    mp::interrupt();
    EXPECT_THROW(all.add_file(folder.file("a.json")), mp::Interrupted);
    mp::clear_interrupt();
    EXPECT_TRUE(all.left_out().empty());
}

namespace {

SharedJson predicted(const char* name, const char* unit, double said, SharedJson was,
                     const char* words) {
    return line(name, {{"prediction",
                        {{"question", "How much?"},
                         {"unit", unit},
                         {"said", said},
                         {"was", std::move(was)},
                         {"sentence", words}}}});
}

} // namespace

TEST(Class, of_a_thousand_is_below_500_KB) {
    SharedJson one = SharedJson::parse(page::shared_document(
        record_of({scale(), predicted("race", "%", 50, 1, "a"), predicted("map", "s", 50, 1, "b"),
                   predicted("starmap", "times as fast", 2, 3, "c")}),
        "A learner with quite a long name"));
    one["machine"]["cpu"] = "AMD EPYC 7763 64-Core Processor with Radeon";
    page::Class all;
    for (int i = 0; i < 1000; ++i) {
        one["id"] = fmt::format("{:016x}", i);
        one["machine"]["build"] = i % 2 == 0 ? "Debug" : "Release";
        one["runs"][0]["prediction"]["was"] = 1 + i % 99;
        for (SharedJson& line : one["runs"])
            if (line["name"] == "scale") line["result"]["rows"][1]["speedup"] = 3 + i * 0.001;
        all.add(one.dump(), "a.json");
        all.add("broken", fmt::format("a file with quite a long name, number {}.json", i));
    }
    ASSERT_EQ(all.participants().size(), 1000U);
    const std::string html = all.page();
    EXPECT_LT(html.size(), 500'000U);
    // All have four usable CPUs, and the best speedup is that of row 1 or, at least, of row 2.
    EXPECT_TRUE(
        has(html, "<th scope=\"row\">4</th><td>1000</td><td>3.5</td><td>3.5</td><td>3.999"));
    EXPECT_TRUE(has(html, "<th scope=\"row\">starmap</th><td>1000</td><td>2</td><td>1000</td>"));
    EXPECT_TRUE(has(html, "And 800 more.")); // files that are broken
    EXPECT_TRUE(has(html, "And 300 more.")); // debug builds
}

TEST(RunPage, shows_a_prediction_that_cannot_be_told) {
    const record::Record record =
        record_of({predicted("map", "times as fast", 2, nullptr,
                             "You said 2 times as fast. What it was cannot be "
                             "told: the machine is busy.")});
    const std::string html = page::run_page(record);
    EXPECT_TRUE(has(html, "What it was cannot be told: the machine is busy."));
    EXPECT_TRUE(has(html, "<td>2</td><td>cannot be told</td>"));
    EXPECT_FALSE(has(html, "Prediction and measurement: speedup</title>")); // there is no dot
}

TEST(RunPage, draws_the_predictions_of_each_unit_apart) {
    const std::string html = page::run_page(
        record_of({predicted("map", "times as fast", 2, 3, "a"),
                   predicted("starmap", "times as fast", 4, 3, "b"),
                   predicted("race", "%", 50, 0, "c"), predicted("pi-parallel", "s", 1, 2, "d")}));
    for (const char* title :
         {"Prediction and measurement: speedup", "Prediction and measurement: percent",
          "Prediction and measurement: seconds"})
        EXPECT_TRUE(has(html, title + std::string("</title>")));
    EXPECT_TRUE(has(html, "both axes are logarithmic"));
    const std::string percent = page::run_page(record_of({predicted("race", "%", 50, 0, "c")}));
    EXPECT_TRUE(has(percent, "Prediction and measurement: percent</title>"));
    EXPECT_FALSE(has(percent, "logarithmic")); // so that 0 % has its place
}

TEST(RunPage, shows_a_task_in_each_language) {
    const auto check = [](const char* language, bool passed, const char* code) {
        return line(
            "map", {{"kind", "check"}, {"language", language}, {"passed", passed}, {"code", code}});
    };
    const record::Record record =
        record_of({check("C++", true, "int main"), check("Python", false, "import mp")});
    const std::string html = page::run_page(record);
    for (const char* part : {"<h3>map, C++</h3>", "<h3>map, Python</h3>", "int main", "import mp"})
        EXPECT_TRUE(has(html, part));
    const page::Participant person = page::read_shared(page::shared_document(record, ""));
    EXPECT_EQ(person.tasks, (std::map<std::string, bool>{{"map", true}})); // in one of them
}

TEST(RunPage, shows_hostile_texts_as_text_and_stays_small) {
    const std::string evil = "</script></svg></style>\"'><img src=x onerror=alert(1)>\xe2\x80\xae";
    std::vector<SharedJson> lines;
    for (const auto* command : mpworkshop::all_commands())
        for (int i = 0; i < 60; ++i)
            lines.push_back(line(
                command->name,
                {{"meaning", evil},
                 {"timings",
                  {{{"name", evil}, {"wall_s", 1}},
                   {{"name", "b"}, {"wall_s", 1e300}},
                   {{"name", "c"}, {"wall_s", 2}}}},
                 {"result",
                  {{"verdict", evil},
                   {evil, evil},
                   {"cautions", {evil, 1, {}}},
                   {"rows",
                    {{{"run", evil}, {"command", evil}, {"median_s", 1}},
                     5,
                     row("-3", 1),
                     row("2", -1),
                     row("nan", 1),
                     row("2", 2)}},
                   {"cures", {{{"name", evil}, {"update_ns", 3}}}}}},
                 {"timeline",
                  {{"seconds", 1},
                   {"lanes", SharedJson(12, {{"name", evil.substr(0, 30)},
                                             {"parts", std::string(20, 'w') + "rsirsirsi"}})}}},
                 {"machine", {{"cpu", evil}, {"usable", 1e300}}}}));
    const record::Record record = record_of(lines);
    EXPECT_EQ(record.lines.size(), lines.size());
    for (const std::string& html :
         {page::run_page(record), [&] {
              page::Class all;
              SharedJson document = SharedJson::parse(page::shared_document(record, "A"));
              document["machine"] = {{"cpu", evil}, {"usable", 2}, {"cpus", 2}};
              all.add(document.dump(), evil);
              EXPECT_EQ(all.participants().size(), 1U);
              return all.page();
          }()}) {
        for (const char* never : {"<img", "<script", "</script", "\xe2\x80\xae"})
            EXPECT_FALSE(has(html, never)) << never;
        EXPECT_TRUE(has(html, "&lt;img src=x onerror=alert(1)&gt;"));
        EXPECT_LT(html.size(), 500'000U);
    }
}
