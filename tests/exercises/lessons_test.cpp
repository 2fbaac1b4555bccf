// The seven subcommands, run as a person or a program runs them.

#include <gtest/gtest.h>
#include <mp/mp.hpp>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <numbers>
#include <set>

#include "support/command.hpp"
#include "support/folder.hpp"
#include "support/sanitizers.hpp"

using nlohmann::json;
using support::has;
using support::run;

namespace {

json document(std::vector<std::string> arguments, support::CommandOptions options = {}) {
    arguments.push_back("--json");
    const auto result = run(arguments, std::move(options));
    EXPECT_EQ(result.status, 0) << result.err;
    return json::parse(result.out);
}

std::set<std::string> timings_of(const json& document) {
    std::set<std::string> names;
    for (const json& timing : document["timings"]) {
        names.insert(timing["name"]);
        EXPECT_GE(timing["wall_s"], 0);
        EXPECT_GE(timing["cpu_s"], 0);
    }
    return names;
}

} // namespace

TEST(EveryExercise, writes_one_document_and_nothing_else) {
    for (const auto& arguments :
         std::vector<std::vector<std::string>>{{"cores"},
                                               {"threads-io", "--seconds", "0.01"},
                                               {"process-demo"},
                                               {"map"},
                                               {"starmap"},
                                               {"pi-serial", "1e5"},
                                               {"pi-parallel", "1e5"}}) {
        auto words = arguments;
        words.insert(words.begin(), {"--json", "--seed", "11"});
        const auto result = run(words);
        EXPECT_EQ(result.status, 0) << result.err;
        const json document = json::parse(result.out);
        EXPECT_EQ(document["exercise"], arguments.front());
        EXPECT_EQ(document["schema"], "mpworkshop-run-1");
        EXPECT_EQ(document["partial"], false);
        EXPECT_EQ(document["options"]["seed"], 11);
        EXPECT_EQ(document["machine"]["cpus"], mp::cpu_count());
        EXPECT_TRUE(timings_of(document).contains("total"));
        EXPECT_EQ(result.err, "");
        words.push_back("--quiet");
        EXPECT_EQ(run(words).err, "");
    }
}

TEST(Cores, tells_what_the_engine_counts) {
    const json result = document({"cores"})["result"];
    EXPECT_EQ(result["online"], mp::cpu_count());
    EXPECT_EQ(result["affinity"], mp::affinity_cpu_count());
    EXPECT_EQ(result["usable"], mp::process_cpu_count());
    EXPECT_TRUE(result["physical"].is_null() || result["physical"] >= 1);
    EXPECT_TRUE(result["cgroup_quota"].is_null() || result["cgroup_quota"] > 0);
}

TEST(ThreadsIo, says_first_how_long_it_will_take) {
    const auto result = run({"threads-io", "--seconds", "0.01"});
    EXPECT_EQ(result.out.rfind("8 tasks of 10.0 ms: 80.0 ms in a loop, then about 10.0 ms", 0), 0U)
        << result.out;
}

TEST(ThreadsIo, prints_a_line_as_each_task_ends_in_order_in_the_loop) {
    const auto result = run({"threads-io", "--seconds", "0.01", "--tasks", "3"});
    const std::string loop = result.out.substr(0, result.out.find("One thread each:"));
    const std::string threads = result.out.substr(loop.size());
    std::size_t last = 0;
    for (const char* line :
         {"\n  task 1 ended after ", "\n  task 2 ended after ", "\n  task 3 ended after "}) {
        EXPECT_TRUE(has(threads, line));
        ASSERT_TRUE(has(loop, line));
        EXPECT_GT(loop.find(line), last);
        last = loop.find(line);
    }
}

TEST(ThreadsIo, times_the_loop_and_the_threads) {
    for (const char* io : {"sleep", "disk"}) {
        const json found =
            document({"threads-io", "--seconds", "0.01", "--tasks", "2", "--io", io});
        EXPECT_EQ(timings_of(found), (std::set<std::string>{"loop", "threads", "total"}));
        EXPECT_EQ(found["result"], (json{{"tasks", 2}, {"seconds", 0.01}, {"io", io}}));
    }
}

TEST(ThreadsIo, gets_pages_from_its_own_server) {
    const auto result = run({"threads-io", "--seconds", "0.01", "--tasks", "20", "--io", "web"});
    EXPECT_EQ(result.status, 0) << result.err;
    EXPECT_TRUE(has(result.out, "http://127.0.0.1:"));
    EXPECT_TRUE(has(result.out, "task 20 ended"));
}

TEST(ProcessDemo, brings_the_answers_back_from_three_processes) {
    const json result = document({"process-demo", "--values", "2,4,9"})["result"];
    EXPECT_EQ(result["mean"], 5.0);
    EXPECT_EQ(result["product"], 72.0);
    EXPECT_TRUE((std::set<double>{2, 4, 9}.contains(result["choice"])));
    ASSERT_EQ(result["processes"].size(), 3U);
    std::set<int> pids;
    for (const json& process : result["processes"]) {
        EXPECT_EQ(process["exitcode"], 0);
        pids.insert(int(process["pid"]));
    }
    EXPECT_EQ(pids.size(), 3U);
    EXPECT_EQ(result["processes"][0]["name"], "mean");
}

TEST(ProcessDemo, shows_what_was_given_with_all_its_digits) {
    const auto result = run({"process-demo", "--values", "16777217"});
    EXPECT_TRUE(has(result.out, "The list: 16777217."));
    for (const char* line :
         {"\n  mean       16777217   changes 1\n", "\n  product    16777217   changes 1\n",
          "\n  choice     16777217   changes 1\n"})
        EXPECT_TRUE(has(result.out, line));
}

TEST(ProcessDemo, shows_whole_lines_from_children_of_one_parent_then_done) {
    const auto result = run({"process-demo"});
    const std::string parent = result.out.substr(result.out.find("program: process ") + 17);
    const std::string number = parent.substr(0, parent.find('.'));
    const std::size_t done = result.out.find("\nDone\n");
    for (const char* name : {"\n  mean ", "\n  product ", "\n  choice "}) {
        const std::size_t line = result.out.find(name);
        ASSERT_LT(line, done) << result.out;
        const std::string second = result.out.substr(result.out.find('\n', line + 1) + 1);
        EXPECT_TRUE(second.starts_with("    process "));
        EXPECT_TRUE(has(second.substr(0, second.find('\n')), ", parent " + number)) << second;
    }
    EXPECT_TRUE(has(result.out, "Here, in the parent: changes 0."));
}

TEST(ProcessDemo, shows_that_copied_generators_repeat_each_other_and_seeded_ones_do_not) {
    const auto rolls = [](const char* which) {
        const json result = document({"process-demo", "--seed", "5"})["result"];
        const auto all = result[which].get<std::vector<int>>();
        return std::pair(std::vector(all.begin(), all.begin() + 5),
                         std::vector(all.begin() + 5, all.end()));
    };
    const auto copied = rolls("dice_copied");
    EXPECT_EQ(copied.first, copied.second);
    const auto seeded = rolls("dice_seeded");
    EXPECT_NE(seeded.first, seeded.second);
    EXPECT_EQ(seeded, rolls("dice_seeded"));
}

TEST(ProcessDemo, chooses_the_same_again_with_the_same_seed) {
    const auto choice = [] {
        return document({"process-demo", "--seed", "3"})["result"]["choice"];
    };
    EXPECT_EQ(choice(), choice());
}

TEST(Map, converts_random_temperatures_in_order) {
    const json found = document({"map", "--count", "100", "--min", "-40", "--max", "212"});
    const auto fahrenheit = found["result"]["fahrenheit"].get<std::vector<double>>();
    const auto celsius = found["result"]["celsius"].get<std::vector<double>>();
    ASSERT_EQ(fahrenheit.size(), 100U);
    ASSERT_EQ(celsius.size(), 100U);
    for (std::size_t i = 0; i < 100; ++i) {
        EXPECT_GE(fahrenheit[i], -40);
        EXPECT_LE(fahrenheit[i], 212);
        EXPECT_DOUBLE_EQ(celsius[i], (fahrenheit[i] - 32) * 5 / 9);
    }
    EXPECT_EQ(timings_of(found), (std::set<std::string>{"input", "start", "work", "collect", "loop",
                                                        "print", "total"}));
}

TEST(Map, gives_the_same_with_the_same_seed_whatever_the_workers) {
    const auto numbers = [](std::vector<std::string> more) {
        std::vector<std::string> arguments = {"map", "--seed", "5", "--quiet"};
        arguments.insert(arguments.end(), more.begin(), more.end());
        return run(arguments).out;
    };
    const std::string expected = numbers({"--backend", "serial"});
    EXPECT_EQ(numbers({"-p", "1"}), expected);
    EXPECT_EQ(numbers({"-p", "3", "--chunksize", "7"}), expected);
    EXPECT_EQ(numbers({"-p", "2", "--backend", "threads"}), expected);
}

TEST(Map, reads_standard_input_whatever_its_line_ends) {
    EXPECT_EQ(run({"map", "--input", "-", "--quiet"}, {.input = "32\r\n212\r\n-40"}).out,
              "  32.0 F =    0.0 C\n 212.0 F =  100.0 C\n -40.0 F =  -40.0 C\n");
    const auto empty = run({"map", "--input", "-", "--quiet"});
    EXPECT_EQ(empty.status, 0);
    EXPECT_EQ(empty.out, "");
}

TEST(Map, converts_a_million_lines) {
    // Under the address sanitizer, a second becomes half a minute.
    const std::size_t count = support::address_sanitizer ? 50'000 : 1'000'000;
    std::string lines;
    for (std::size_t i = 0; i < count; ++i) lines += "50\n";
    const auto result = run({"map", "--input", "-", "--quiet"}, {.input = std::move(lines)});
    EXPECT_EQ(result.status, 0);
    EXPECT_EQ(result.out.size(), 20 * count);
    EXPECT_EQ(result.out.substr(result.out.size() - 20), "  50.0 F =   10.0 C\n");
}

TEST(Map, shows_what_was_given_with_all_its_digits_and_no_more) {
    EXPECT_EQ(run({"map", "--input", "-", "--quiet"},
                  {.input = "98.65\n1e308\n-1e308\n1e-300\n16777217\n"})
                  .out,
              " 98.65 F =   37.0 C\n"
              "1e+308 F = 5.55556e+307 C\n"
              "-1e+308 F = -5.55556e+307 C\n"
              "1e-300 F =  -17.8 C\n"
              "16777217.0 F = 9320658.3 C\n");
    const json celsius =
        document({"map", "--input", "-"}, {.input = "1.7e308"})["result"]["celsius"];
    EXPECT_NEAR(celsius[0].get<double>() / 1.7e308, 5.0 / 9, 1e-15);
}

TEST(Map, makes_finite_temperatures_of_any_range) {
    for (const auto& [min, max] : std::vector<std::pair<std::string, std::string>>{
             {"-1e308", "1e308"},
             {"-1.7976931348623157e308", "1.7976931348623157e308"},
             {"1.7e308", "1.7e308"},
             {"-1e308", "-1e307"}}) {
        const json found =
            document({"map", "--count", "1000", "--min", min, "--max", max})["result"];
        for (const json& fahrenheit : found["fahrenheit"]) {
            ASSERT_TRUE(fahrenheit.is_number()) << min;
            EXPECT_GE(fahrenheit.get<double>(), std::stod(min));
            EXPECT_LE(fahrenheit.get<double>(), std::stod(max));
        }
        for (const json& celsius : found["celsius"]) ASSERT_TRUE(celsius.is_number()) << min;
    }
    EXPECT_LT(run({"map", "--min", "-1e308", "--max", "1e308", "--quiet"}).out.size(), 50U * 40);
}

TEST(Map, says_who_won_and_what_follows) {
    const std::string out = run({"map"}).out;
    EXPECT_TRUE(has(out, "\nThe loop won"));
    // On one CPU no call is long enough.
    EXPECT_EQ(has(out, "on idle CPUs a pool pays when one call takes ") ||
                  has(out, "How long a call must take before a pool pays is unclear: "),
              mp::process_cpu_count() > 1);
}

TEST(Map, counts_what_each_worker_did) {
    const json workers = document({"map", "-p", "3"})["workers"];
    ASSERT_EQ(workers.size(), 3U);
    int tasks = 0;
    for (const json& worker : workers) {
        EXPECT_GT(worker["pid"], 0);
        EXPECT_GE(worker["busy_s"], 0);
        tasks += int(worker["tasks"]);
    }
    EXPECT_EQ(tasks, 50);
}

TEST(Starmap, multiplies_the_pairs_of_the_command_line_or_of_a_file) {
    EXPECT_EQ(document({"starmap"})["result"]["products"], (json{3, 45, 6, 20, 300, 35}));
    EXPECT_EQ(document({"starmap", "2,3", "-4,0.5"})["result"],
              (json{{"pairs", {{2, 3}, {-4, 0.5}}}, {"products", {6, -2}}}));
    EXPECT_EQ(run({"starmap", "--input", "-", "--quiet"}, {.input = "1 3\r\n5,9"}).out,
              "1 x 3 = 3\n5 x 9 = 45\n");
}

TEST(Starmap, shows_what_was_given_with_all_its_digits_and_no_more) {
    EXPECT_EQ(run({"starmap", "1000001,1", "16777217,16777217", "0.1,3", "1e308,1",
                   "0.1234567890123456,1e-300", "--quiet"})
                  .out,
              "1000001 x 1 = 1000001\n"
              "16777217 x 16777217 = 281475010265089\n"
              "0.1 x 3 = 0.3\n"
              "1e+308 x 1 = 1e+308\n"
              "0.1234567890123456 x 1e-300 = 1.23456789012346e-301\n");
}

TEST(PiSerial, reports_steps_pi_and_error) {
    const json found = document({"pi-serial", "1e5"});
    EXPECT_EQ(found["result"]["steps"], 100'000);
    EXPECT_NEAR(found["result"]["pi"], std::numbers::pi, 1e-10);
    EXPECT_EQ(found["result"]["error"], std::abs(double(found["result"]["pi"]) - std::numbers::pi));
    EXPECT_TRUE(timings_of(found).contains("work"));
}

TEST(PiSerial, makes_a_table_of_several_steps) {
    const auto result = run({"pi-serial", "1e3", "1e4", "12345"});
    for (const char* cell : {"     steps  pi ", "       1e3  3.1415927", "       1e4  3.14159265",
                             "     12345  3.14159265"})
        EXPECT_TRUE(has(result.out, cell));
    const json found = document({"pi-serial", "1e3", "1e4"})["result"];
    EXPECT_EQ(found["steps"], 10'000);
    EXPECT_EQ(found["runs"].size(), 2U);
    EXPECT_EQ(found["runs"][0]["steps"], 1000);
}

TEST(PiParallel, shows_partial_sums_that_add_up_to_pi) {
    const auto result = run({"pi-parallel", "1e6", "-p", "3"});
    double sum = 0;
    for (const char* rank : {"rank 0 ", "rank 1 ", "rank 2 "}) {
        ASSERT_TRUE(has(result.out, rank));
        const std::size_t number =
            result.out.find("partial sum ", result.out.find(std::string("\n  ") + rank)) + 12;
        sum += std::stod(result.out.substr(number));
    }
    EXPECT_NEAR(sum, std::numbers::pi, 1e-11);
    EXPECT_TRUE(has(result.out, "Next: mpworkshop price"));
}

TEST(PiParallel, gives_the_same_bits_whoever_is_first) {
    for (const char* split : {"cyclic", "blocks"}) {
        const auto result = [&](const char* backend) {
            return document({"pi-parallel", "1234567", "-p", "4", "--split", split, "--backend",
                             backend})["result"];
        };
        const json expected = result("serial");
        EXPECT_LT(expected["error"], 1e-12);
        EXPECT_EQ(result("processes"), expected);
        EXPECT_EQ(result("threads"), expected);
    }
}

TEST(Pi, says_what_its_kernel_does_and_leaves_it_out_with_plain) {
    for (const char* name : {"pi-serial", "pi-parallel"}) {
        EXPECT_TRUE(
            has(run({name, "1e4"}).out, "\nBy a vectorized loop with a compensated sum; --plain"));
        const auto plain = run({name, "1e4", "--plain"});
        EXPECT_EQ(plain.status, 0) << plain.err;
        EXPECT_FALSE(has(plain.out, "vectorized"));
        EXPECT_TRUE(has(plain.out, "error 8.3e-10"));
    }
    double sum = 0; // the lesson's loop, digit for digit
    for (int i = 0; i < 12345; ++i) {
        const double x = (i + 0.5) / 12345;
        sum += 4 / (1 + x * x);
    }
    EXPECT_EQ(document({"pi-serial", "12345", "--plain"})["result"]["pi"], sum / 12345);
    support::expect_refused({"pi-parallel", "--plain", "--split", "blocks"}, "takes the place of",
                            2);
}

TEST(InPython, has_the_same_results_and_timings) {
    if (run({"cores"}).status == 0 && run({"map", "--python"}).status != 0)
        GTEST_SKIP() << "there is no python3";
    const std::set<std::string> pool = {"python", "start", "work", "collect", "total"};
    for (const auto& [words, timings] :
         std::vector<std::pair<std::vector<std::string>, std::set<std::string>>>{
             {{"map", "--seed", "5", "-p", "2"},
              {"input", "python", "start", "work", "collect", "loop", "print", "total"}},
             {{"map", "--seed", "5", "--only", "loop"},
              {"input", "python", "loop", "print", "total"}},
             {{"starmap", "1e200,1e200", "3,5", "--only", "pool"},
              {"input", "python", "start", "work", "collect", "print", "total"}},
             {{"pi-parallel", "1e4", "-p", "2"}, pool},
             {{"pi-serial", "1e4"}, {"python", "work", "total"}}}) {
        auto in_python = words;
        in_python.emplace_back("--python");
        const json found = document(in_python), expected = document(words);
        EXPECT_EQ(timings_of(found), timings) << words.front();
        if (words.front().starts_with("pi"))
            EXPECT_NEAR(found["result"]["pi"], expected["result"]["pi"], 1e-12);
        else
            EXPECT_EQ(found["result"], expected["result"]) << words.front();
    }
    const auto threads = run({"threads-io", "--python", "--tasks", "2", "--seconds", "0.01"});
    for (const char* line :
         {"\nloop:\n  task 1 ended after ", "\nthreads took ", "\nloop  ", "Threads: "})
        EXPECT_TRUE(has(threads.out, line));
}

TEST(InPython, is_one_sentence_where_there_is_no_python) {
    for (const char* name : {"map", "starmap", "threads-io", "pi-serial", "pi-parallel"}) {
        const auto result = run({name, "--python"}, {.environment = {"PATH=/proc/none"}});
        EXPECT_EQ(result.status, 1);
        EXPECT_EQ(result.err,
                  "mpworkshop: error: --python needs python3, which is not there; install it "
                  "(apt install python3), or leave --python out\n");
    }
    support::expect_refused({"map", "--python", "--backend", "threads"}, "takes the place of", 2);
}

TEST(PiParallel, needs_no_step_for_every_worker) {
    const json found = document({"pi-parallel", "3", "-p", "5"});
    EXPECT_NEAR(found["result"]["pi"], 3.1508492, 1e-6);
    EXPECT_EQ(found["workers"].size(), 5U);
    EXPECT_EQ(timings_of(found), (std::set<std::string>{"start", "work", "collect", "total"}));
}

// A share, and not a time: in one of several runs the parts are measured without a pause between
// them.
TEST(TimingsOfManyInputs, add_up_to_the_total) {
    if (support::address_sanitizer)
        GTEST_SKIP() << "what the sanitizer does between the rows is no part of the program";
    const support::Folder folder;
    const std::string pairs = folder.file("pairs");
    std::ofstream(pairs) << [] {
        std::string lines;
        for (int i = 0; i < 200'000; ++i) lines += "3 5\n";
        return lines;
    }();
    for (const auto& words : std::vector<std::vector<std::string>>{{"map", "--count", "1000000"},
                                                                   {"starmap", "--input", pairs},
                                                                   {"pi-serial", "1e9"},
                                                                   {"pi-parallel", "1e9"}}) {
        double best = 0;
        bool busy = false;
        for (int attempt = 0; attempt < 20 && best < 0.98; ++attempt) {
            const json found = document(words);
            double parts = 0, total = 0;
            for (const json& timing : found["timings"])
                (timing["name"] == "total" ? total : parts) += timing["wall_s"].get<double>();
            best = std::max(best, parts / total);
            const json& others = found["other_programs"];
            busy = busy || (others.is_object() && others["cpus_used"].get<double>() >= 0.1);
        }
        if (best < 0.98 && busy) GTEST_SKIP() << "other programs took the CPUs between the rows";
        EXPECT_GE(best, 0.98) << words.front();
        EXPECT_LE(best, 1) << words.front();
    }
}

TEST(Map, of_many_shows_the_first_and_the_last_lines_on_a_terminal) {
    const std::vector<std::string> many = {"map", "--count", "1000", "--quiet", "--seed", "1"};
    const auto all = support::lines_of(run(many).out);
    EXPECT_EQ(all.size(), 1000U); // in a pipe
    const auto shown = support::lines_of(run(many, {.screen = 80}).out);
    ASSERT_EQ(shown.size(), 16U);
    EXPECT_EQ(shown.front(), all.front() + "\r");
    EXPECT_EQ(shown[10], "... 985 lines left out; --all shows them\r");
    EXPECT_EQ(shown.back(), all.back() + "\r");
    EXPECT_TRUE(has(run({"map", "--count", "100015", "--quiet"}, {.screen = 80}).out,
                    "... 100,000 lines left out; "));
    EXPECT_EQ(
        support::lines_of(run({"map", "--count", "1000", "--quiet", "--all"}, {.screen = 80}).out)
            .size(),
        1000U);
    EXPECT_EQ(support::lines_of(run({"map", "--quiet"}, {.screen = 80}).out).size(), 50U);
}

TEST(Map, counts_the_time_to_print_by_itself) {
    EXPECT_TRUE(timings_of(document({"map", "--count", "1000"})).contains("print"));
}
