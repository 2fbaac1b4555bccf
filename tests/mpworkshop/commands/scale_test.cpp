#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>

#include "support/command.hpp"
#include "support/folder.hpp"
#include "support/sanitizers.hpp"

using support::has;
using support::run;
using support::RunningProgram;

TEST(Scale, shows_a_row_for_each_number_of_workers_and_a_plot) {
    // With a sanitizer a fork takes fifty times as long.
    const std::string many = support::address_sanitizer ? "100" : "1000";
    const auto result =
        run({"scale", "pi", "1e6", "-p", "1," + many + ",2", "--runs", "1", "--warmup", "0"});
    EXPECT_EQ(result.status, 0) << result.err;
    EXPECT_TRUE(has(result.out, "Strong scaling: 1e6 steps"));
    for (const char* part :
         {"\nserial  ", "\n1       ", "\n2", "ideal", "efficiency", "Karp-Flatt",
          "* oversubscribed: ", "processes: . ideal, * measured", "Next: mpworkshop time -- "})
        EXPECT_TRUE(has(result.out, part));
    EXPECT_TRUE(has(result.out, "\n" + many + " *  "));
}

TEST(Scale, of_weak_kind_gives_each_worker_as_many_steps) {
    const auto result = run({"scale", "pi", "1000", "--weak", "--processes", "1,2", "--backend",
                             "threads", "--runs", "1", "--csv", "-"});
    EXPECT_EQ(result.status, 0) << result.err;
    EXPECT_TRUE(has(result.err, "Weak scaling: 1e3 steps for each thread"));
    EXPECT_TRUE(has(result.out, "gustafson"));
    EXPECT_TRUE(has(result.out, "\nserial,1000,1,"));
    EXPECT_TRUE(has(result.out, "\n2,2000,1,"));
}

TEST(Scale, exports_every_sample) {
    const auto result =
        run({"scale", "pi", "1000", "-p", "1,2", "--runs", "3", "--json", "--quiet"});
    EXPECT_EQ(result.err, "");
    EXPECT_TRUE(has(result.out, "\"schema\": \"mpworkshop-scale-1\""));
    EXPECT_TRUE(has(result.out, "\"scaling\": \"strong\""));
    std::size_t samples = 0;
    for (std::size_t at = 0; (at = result.out.find("\"wall_s\"", at)) != std::string::npos; ++at)
        ++samples;
    EXPECT_EQ(samples, 9U);
}

TEST(Scale, draws_a_picture_of_each_kind) {
    for (const auto& [ending, begin] : std::vector<std::pair<std::string, std::string>>{
             {"svg", "<?xml"}, {"png", "\x89PNG"}, {"pdf", "%PDF"}}) {
        const std::string path =
            testing::TempDir() + "scale_test_" + std::to_string(getpid()) + "." + ending;
        const auto result =
            run({"scale", "pi", "1000", "-p", "1,2", "--runs", "1", "--plot", path});
        if (result.err.find("neither is there") != std::string::npos)
            GTEST_SKIP() << "there is no rsvg-convert and no chromium";
        EXPECT_EQ(result.status, 0) << result.err;
        EXPECT_TRUE(has(result.out, "Drawn: "));
        EXPECT_EQ(support::contents(path).substr(0, begin.size()), begin);
        std::filesystem::remove(path);
    }
}

TEST(Scale, without_a_converter_says_what_to_install_before_it_begins) {
    const auto result = run({"scale", "pi", "1000", "--plot", "/tmp/x.png"},
                            {.environment = {"PATH=/proc/nonexistent"}});
    EXPECT_EQ(result.status, 1);
    EXPECT_EQ(result.out, "");
    EXPECT_EQ(result.err,
              "mpworkshop: error: --plot makes PNG and PDF with rsvg-convert or chromium, and "
              "neither is there; give a name that ends in .svg, or install one (apt install "
              "librsvg2-bin)\n");
}

TEST(Scale, complains_about_a_file_before_a_missing_program) {
    const auto complaint = [](const std::vector<std::string>& words) {
        return run(words, {.environment = {"PATH=/proc/nonexistent"}}).err;
    };
    EXPECT_TRUE(has(complaint({"scale", "pi", "--plot", "x.gif"}), "does not end in .svg"));
    EXPECT_TRUE(has(complaint({"scale", "pi", "--plot", "/proc/nonexistent/x.svg"}),
                    "cannot write /proc/nonexistent/x.svg"));
    EXPECT_TRUE(has(complaint({"scale", "pi", "--backend", "mpi", "--plot", "x.gif"}),
                    "does not end in .svg"));
}

TEST(Scale, refuses_what_makes_no_sense) {
    support::expect_refused({"scale"}, "scale takes pi; write scale pi", 2);
    support::expect_refused({"scale", "map"}, "scale takes pi, not 'map'", 2);
    support::expect_refused({"scale", "pi", "1e6", "x"}, "'x' is one argument too many", 2);
    support::expect_refused({"scale", "pi", "0"}, "STEPS: '0' is too small", 2);
    support::expect_refused({"scale", "pi", "9007199254740992", "--weak", "-p", "1,2"},
                            "STEPS: '9007199254740992' is too large", 2);
    support::expect_refused({"scale", "pi", "-p", "1,,2"}, "--processes: '' is empty", 2);
    support::expect_refused({"scale", "pi", "-p", "0,1"}, "--processes: '0' is too small", 2);
    support::expect_refused({"scale", "pi", "-p", "1,x"}, "--processes: 'x' is not a number", 2);
    support::expect_refused({"scale", "pi", "--plot", "x.gif"},
                            "does not end in .svg, .png or .pdf", 2);
    support::expect_refused({"scale", "pi", "--plot", ""}, "--plot: the name is empty", 2);
    support::expect_refused({"scale", "pi", "--plot", "/proc/nonexistent/x.svg"},
                            "cannot write /proc/nonexistent/x.svg", 1);
    support::expect_refused({"scale", "pi", "--backend", "x"}, "--backend: there is no 'x'", 2);
}

TEST(Scale, interrupted_shows_what_was_measured_and_leaves_nothing_behind) {
    RunningProgram command({"scale", "pi", "1e15", "-p", "1,2"});
    command.wait_for("Whole commands:");
    command.send(SIGINT);
    const auto result = command.finish();
    EXPECT_EQ(result.status, -SIGINT);
    EXPECT_TRUE(has(result.out, "Interrupted"));
}
