// Words on the command line: numbers that look like options, values that look like lists, and words
// that would have no effect.

#include <gtest/gtest.h>

#include "support/command.hpp"

using support::expect_refused;
using support::has;
using support::run;

namespace {

std::string products(std::vector<std::string> pairs) {
    pairs.insert(pairs.begin(), {"starmap", "--quiet", "--backend", "serial"});
    const auto result = run(pairs);
    EXPECT_EQ(result.status, 0) << result.err;
    return result.out;
}

} // namespace

TEST(CommandLine, takes_negative_numbers_for_values) {
    EXPECT_EQ(products({"-.5,3"}), "-0.5 x 3 = -1.5\n");
    EXPECT_EQ(products({"-5,-3", "-1e-3,2"}), "-5 x -3 = 15\n-0.001 x 2 = -0.002\n");
    EXPECT_EQ(run({"map", "--quiet", "--count", "1", "--min", "-.5", "--max=-.5"}).out,
              "  -0.5 F =  -18.1 C\n");
    EXPECT_TRUE(has(run({"process-demo", "--values", "-.5"}).out, "The list: -0.5."));
    expect_refused({"pi-serial", "-.5"}, "STEPS: '-.5' is not a number", 2);
    expect_refused({"map", "-.5"}, "map: '-.5' is one argument too many", 2);
}

TEST(CommandLine, takes_all_words_after_two_dashes_for_values) {
    const auto result = run({"pi-serial", "10", "--", "1000"});
    EXPECT_EQ(result.status, 0) << result.err;
    EXPECT_TRUE(has(result.out, "        10  3."));
    EXPECT_TRUE(has(result.out, "       1e3  3."));
    EXPECT_EQ(products({"--", "-5,3", "2,3"}), "-5 x 3 = -15\n2 x 3 = 6\n");
    EXPECT_EQ(run({"--", "map", "--count", "3"}).status, 2);
    expect_refused({"pi-serial", "--", "--json"}, "STEPS: '--json' is not a number", 2);
    expect_refused({"map", "--", "--count"}, "map: '--count' is one argument too many", 2);
}

TEST(CommandLine, takes_pairs_and_lists_as_python_writes_them) {
    EXPECT_EQ(products({"(1,3)", "(-5, 0.5)", "[2,3]", " 4 , 5 "}),
              "1 x 3 = 3\n-5 x 0.5 = -2.5\n2 x 3 = 6\n4 x 5 = 20\n");
    for (const char* values : {"[1, 3, 5]", "(1,3,5)"})
        EXPECT_TRUE(has(run({"process-demo", "--values", values}).out, "The list: 1, 3, 5."));
    EXPECT_TRUE(has(run({"process-demo", "--values=[1,3,5]"}).out, "The list: 1, 3, 5."));
    for (const char* pair : {"(1,3", "(1,3]", "((1,3))", "(1,3,5)", "()", "(1)"})
        expect_refused({"starmap", pair}, "is not a pair of finite numbers", 2);
    expect_refused({"pi-serial", "[1]"}, "STEPS: '[1]' is not a number", 2);
    expect_refused({"pi-serial", "++"}, "STEPS: '++' is not a number", 2);
    expect_refused({"[map"}, "there is no subcommand '[map'", 2);
}

TEST(CommandLine, explains_a_subcommand_after_help) {
    EXPECT_EQ(run({"help", "map"}).out, run({"map", "--help"}).out);
    EXPECT_EQ(run({"help", "map"}).status, 0);
    EXPECT_EQ(run({"help"}).out, run({"--help"}).out);
    EXPECT_EQ(run({"--quiet", "help", "source"}).out, run({"source", "--help"}).out);
    expect_refused({"help", "mpa"}, "there is no subcommand 'mpa'; did you mean map?", 2);
    expect_refused({"help", "map", "starmap"}, "'starmap' is one argument too many", 2);
    expect_refused({"hepl"}, "did you mean help?", 2);
}

TEST(CommandLine, refuses_what_would_have_no_effect) {
    expect_refused({"starmap", "9,9", "--input", "/dev/null"},
                   "starmap: --input takes the place of PAIRS; give only one of them", 2);
    for (const char* option : {"--count", "--min", "--max"})
        expect_refused({"map", option, "5", "--input", "/dev/null"},
                       ("map: --input takes the place of " + std::string(option)).c_str(), 2);
    expect_refused({"map", "--plugin", "x.so"}, "--plugin does nothing without --backend mpi", 2);
    expect_refused({"scale", "pi", "--launcher", "x"}, "--launcher does nothing without --backend",
                   2);
    expect_refused({"compare", "pi", "--runs", "3", "--budget", "5"},
                   "compare: --runs takes the place of --budget", 2);
    for (const char* words : {"-p2", "--backend=threads"})
        expect_refused({"compare", "cores", "cores", words},
                       "--processes and --backend are for compare pi", 2);
}

TEST(CommandLine, refuses_a_value_that_a_flag_does_not_take) {
    for (const char* flag : {"--quiet", "--json", "--verbose", "--version", "--help", "--timeline"})
        for (const char* value : {"=banana", "=true", "=", "=0"})
            expect_refused(
                {"map", flag + std::string(value)},
                ("map: " + std::string(flag) + " takes no value; write " + flag + " alone").c_str(),
                2);
    expect_refused({"--quiet=banana", "map"}, "--quiet takes no value", 2);
    expect_refused({"compare", "pi", "--python=3"}, "--python takes no value", 2);
    expect_refused({"map", "-v=1"}, "-v takes no value", 2);
    expect_refused({"map", "--count="}, "--count: '' is empty", 2);
    expect_refused({"map", "--count=", "5"}, "--count: '' is empty", 2);
}
