#include "mpworkshop/benchmark/verdict.hpp"

#include <gtest/gtest.h>

#include "support/command.hpp"

using namespace mpworkshop;
using namespace mpworkshop::benchmark;
using support::has;

namespace {

Result of(const char* name, const std::vector<double>& seconds) {
    Result result{{.name = name}};
    for (const double each : seconds) result.samples.push_back({each, each, {}});
    return result;
}

const Conditions quiet_place = {0.2, 2, "Release", sys::CpusUsed{0.01, 2}};
const Conditions busy_place = {0.2, 2, "Release", sys::CpusUsed{1.1, 2}};

std::string verdict_of(const stats::Speedup& speedup, const Conditions& where = quiet_place) {
    return verdict("A", "B", speedup, where);
}

stats::Speedup from_six(double ratio, double low, double high) {
    return {ratio, 6, stats::Interval{low, high}};
}

} // namespace

TEST(Verdict, names_the_faster_one_whichever_it_is_with_its_interval) {
    EXPECT_EQ(verdict_of(from_six(1.92, 1.85, 1.97)),
              "B is 1.92 times as fast as A (95 % interval: 1.85 to 1.97).");
    EXPECT_EQ(verdict_of(from_six(0.5, 0.4, 0.625)),
              "A is 2.00 times as fast as B (95 % interval: 1.60 to 2.50).");
}

TEST(Verdict, on_a_busy_machine_is_about_that_moment) {
    EXPECT_EQ(verdict_of(from_six(1.2, 1.15, 1.25), busy_place),
              "B was 1.20 times as fast as A (95 % interval: 1.15 to 1.25), while other programs "
              "used 1.1 of the 2 CPUs.");
}

TEST(Verdict, is_that_there_is_no_difference_only_where_the_interval_is_narrow_around_1) {
    EXPECT_EQ(verdict_of(from_six(1.0, 0.97, 1.04)),
              "There is no measurable difference between A and B (95 % interval: 0.97 to 1.04).");
    for (const auto& [low, high] : {std::pair(0.94, 1.04), {0.97, 1.06}, {0.5, 2.0}})
        EXPECT_FALSE(has(verdict_of(from_six(1, low, high)), "no measurable difference"));
}

TEST(Verdict, is_withheld_where_the_interval_has_room_for_none_and_for_much) {
    EXPECT_EQ(verdict_of(from_six(1.92, 0.97, 2.14)),
              "B was 1.92 times as fast as A, but the 95 % interval is 0.97 to 2.14: 6 runs of "
              "each are too few; raise --runs or --budget.");
    EXPECT_EQ(verdict_of(from_six(1.92, 0.97, 2.14), busy_place),
              "B was 1.92 times as fast as A, but the 95 % interval is 0.97 to 2.14: other "
              "programs used 1.1 of the 2 CPUs meanwhile; end them, or raise --runs or --budget.");
}

TEST(Verdict, that_is_withheld_says_how_much_longer_a_slower_one_took) {
    EXPECT_EQ(verdict_of(from_six(0.4, 0.2, 1.6)),
              "B took 2.50 times as long as A, but the 95 % interval is 0.62 to 5.00: 6 runs of "
              "each are too few; raise --runs or --budget.");
}

TEST(Verdict, takes_six_pairs_however_busy_the_machine_is) {
    EXPECT_EQ(verdict_of({9, 1, std::nullopt}),
              "Whether A or B is faster is unclear: one run of each is too few; give --runs 6 or "
              "more, or a larger --budget.");
    EXPECT_EQ(verdict_of({9, 5, std::nullopt}, busy_place),
              "Whether A or B is faster is unclear: 5 runs of each are too few; give --runs 6 or "
              "more, or a larger --budget.");
    EXPECT_EQ(verdict("A", "B", std::nullopt, quiet_place), "");
}

TEST(Cautions, are_none_on_a_quiet_machine_with_enough_work) {
    EXPECT_TRUE(cautions({of("a", {1, 1, 1.01}), of("b", {0.5, 0.5, 0.51})}, quiet_place).empty());
    EXPECT_TRUE(cautions({of("a", {})}, {std::nullopt, 2, "Release"}).empty());
}

TEST(Cautions, name_each_reason_to_doubt) {
    const auto one = [](const std::vector<Result>& result, const Conditions& where) {
        const auto found = cautions(result, where);
        return found.size() == 1 ? found[0] : std::to_string(found.size()) + " cautions";
    };
    const Result good = of("a", {1, 1, 1});
    EXPECT_TRUE(
        has(one({good}, {3.1, 2, "Release"}), "on average 3.1 processes wanted its 2 CPUs"));
    EXPECT_EQ(one({good}, {3.1, 2, "Release", sys::CpusUsed{0.1, 2}}), "0 cautions")
        << "they have ended";
    EXPECT_EQ(one({good}, busy_place),
              "Other programs used 1.1 of the 2 CPUs meanwhile; end them.");
    EXPECT_EQ(one({good}, {2.4, 2, "Release"}), "0 cautions");
    EXPECT_TRUE(has(one({good}, {0.1, 2, "Debug"}), "debug build"));
    EXPECT_TRUE(has(one({good, of("map", {1, 1.2, 1.4})}, quiet_place),
                    "The times of 'map' scatter by 17 %"));
    EXPECT_TRUE(has(one({good, of("b", {0.02, 0.02})}, quiet_place), "20.0 ms is too little work"));
}

TEST(Cautions, name_a_command_that_waited_for_a_cpu) {
    const auto with = [](unsigned workers, std::optional<double> ready_s) {
        Result result = of("pi-parallel 1e9 -p 2", {1, 1, 1});
        result.command.workers = workers;
        for (auto& sample : result.samples) sample.cpu_s = 1, sample.ready_s = ready_s;
        return cautions({result}, quiet_place);
    };
    EXPECT_EQ(with(2, 1.0), std::vector<std::string>{
                                "'pi-parallel 1e9 -p 2' was ready to compute, but without a CPU, "
                                "for 50 % of the time that it wanted one."});
    EXPECT_EQ(with(1, 0.2).size(), 1U);
    EXPECT_TRUE(with(2, 0.15).empty());
    EXPECT_TRUE(with(2, std::nullopt).empty());
    EXPECT_TRUE(with(4, 1.0).empty()) << "they take turns, as there are two CPUs";
    EXPECT_TRUE(with(0, 1.0).empty()) << "it may be the same";
}

TEST(Cautions, name_a_budget_that_was_too_small_for_a_verdict) {
    const Alternation alternation = {.budget_s = 2.5};
    Results results;
    results.rounds = 3;
    EXPECT_EQ(note_of_budget(results, alternation), "");
    results.out_of_budget = true;
    EXPECT_EQ(all_cautions(results, alternation, quiet_place),
              std::vector<std::string>{"The budget of 2.5 s ended after 3 runs of each, of the 6 "
                                       "that a verdict takes: give less work, or raise "
                                       "--budget."});
    results.rounds = 0;
    EXPECT_EQ(note_of_budget(results, alternation),
              "The budget of 2.5 s ended before each command was measured once: give less work, or "
              "raise --budget.");
    results.has_warm_ups = true;
    EXPECT_EQ(note_of_budget(results, alternation),
              "The budget of 2.5 s ended before each command was measured once; the times of some "
              "are those of warm-ups: give less work, or raise --budget.");
}

TEST(PythonVerdict, is_told_where_six_pairs_agree_and_withheld_elsewhere) {
    const auto work_of = [](const std::vector<double>& seconds) {
        Result result;
        for (const double each : seconds) result.samples.push_back({each, each, each});
        return result;
    };
    const Result cpp = work_of({0.5, 0.51, 0.5, 0.5, 0.49, 0.5});
    EXPECT_EQ(python_verdict(cpp, work_of({0.5, 0.5, 0.5, 0.5, 0.5, 0.5}), 0.01),
              " The sum of A would take it about 50.0 s, 100 times as long as C++.");
    EXPECT_EQ(python_verdict(cpp, work_of({0.5, 0.5, 0.5, 0.5, 0.5}), 0.01), "");
    EXPECT_EQ(python_verdict(cpp, work_of({0.5, 0.7, 0.5, 0.5, 1.5, 0.5}), 0.01), "");
}
