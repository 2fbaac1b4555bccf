// report and gather, as a learner and a facilitator use them.

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "support/command.hpp"

namespace fs = std::filesystem;
using nlohmann::json;
using support::has;

namespace {

class ReportCommand : public testing::Test {
protected:
    support::CommandResult run(const std::vector<std::string>& arguments,
                               std::vector<std::string> environment = {},
                               support::CommandOptions options = {}) const {
        environment.insert(environment.begin(), "XDG_STATE_HOME=" + folder_.file("state"));
        options.environment = std::move(environment);
        return support::run(arguments, std::move(options));
    }
    /// The lines of the record, the oldest first.
    std::vector<json> record() const {
        std::vector<json> lines;
        for (const std::string& line :
             support::lines_of(support::contents(folder_.file("state/mpworkshop/runs.jsonl"))))
            lines.push_back(json::parse(line));
        return lines;
    }

    support::Folder folder_;
};

} // namespace

TEST_F(ReportCommand, writes_a_page_of_what_ran) {
    EXPECT_EQ(run({"cores"}).status, 0);
    EXPECT_EQ(run({"pi-parallel", "1e5", "-p", "2", "--timeline"}).status, 0);
    const std::string path = folder_.file("my page.html");
    const auto result = run({"report", path});
    EXPECT_EQ(result.status, 0) << result.err;
    EXPECT_TRUE(has(result.out, "Written: "));
    EXPECT_EQ(result.err, "");
    const std::string page = support::contents(path);
    EXPECT_TRUE(page.starts_with("<!doctype html>"));
    EXPECT_TRUE(has(page, "pi-parallel"));
    EXPECT_TRUE(has(page, "What each worker did over time"));
    EXPECT_LT(page.size(), 500'000U);
    const auto printed = run({"report", "-"});
    EXPECT_TRUE(printed.out.starts_with("<!doctype html>"));
    EXPECT_TRUE(printed.out.ends_with("</html>\n"));
}

TEST_F(ReportCommand, says_where_a_page_cannot_be_opened) {
    const auto result =
        run({"report", folder_.file("r.html"), "--open"}, {"DISPLAY", "WAYLAND_DISPLAY"});
    EXPECT_EQ(result.status, 0);
    EXPECT_EQ(result.err, "mpworkshop: the page is not opened: there is no desktop here; open the "
                          "file in a browser\n");
}

TEST_F(ReportCommand, opens_the_page_with_xdg_open) {
    const std::string opened = folder_.file("opened"), opener = folder_.file("xdg-open");
    std::ofstream(opener) << "#!/bin/sh\nprintf %s \"$1\" > '" + opened + ".new' && mv '" + opened +
                                 ".new' '" + opened + "'\n";
    fs::permissions(opener, fs::perms::owner_all);
    const auto result = run({"report", folder_.file("r.html"), "--open"},
                            {"DISPLAY=:9", "PATH=" + folder_.path() + ":/usr/bin:/bin"});
    EXPECT_EQ(result.err, "");
    for (int i = 0; i < 1000 && !fs::exists(opened); ++i) usleep(10'000);
    EXPECT_EQ(support::contents(opened), folder_.file("r.html"));
}

TEST_F(ReportCommand, shares_a_file_that_gather_reads) {
    EXPECT_EQ(run({"report", "--share", folder_.file("x.json")}).status, 1); // nothing ran yet
    EXPECT_EQ(run({"cores"}).status, 0);
    const std::string folder = folder_.file("class");
    fs::create_directory(folder);
    EXPECT_EQ(run({"report", "--share", folder + "/a.json", "--for", "Ann & Bob"}).status, 0);
    EXPECT_EQ(run({"report", "--share", folder + "/b.json"}).status, 0);
    EXPECT_EQ(json::parse(support::contents(folder + "/a.json"))["name"], "Ann & Bob");
    std::ofstream(folder + "/broken.json") << "{";
    std::ofstream(folder + "/notes.txt") << "not asked for";
    const std::string page = folder_.file("class.html");
    const auto result = run({"gather", folder, page});
    EXPECT_EQ(result.status, 0) << result.err;
    EXPECT_TRUE(has(result.out, "of 1 learner."));
    EXPECT_EQ(result.err,
              "mpworkshop: left out broken.json: it is broken: no whole JSON document\n");
    EXPECT_TRUE(has(support::contents(page), "broken.json"));
    EXPECT_EQ(run({"reset", "--quiet"}).status, 0);
    EXPECT_EQ(run({"cores"}).status, 0);
    EXPECT_EQ(run({"report", "--share", folder + "/c.json"}).status, 0);
    const json facts = json::parse(run({"gather", folder, page, "--json", "--quiet"}).out);
    EXPECT_EQ(facts["participants"], 2); // the identifier is another one
    EXPECT_EQ(facts["replaced"], 1);
    EXPECT_EQ(facts["left_out"].size(), 1U);
}

TEST_F(ReportCommand, names_each_command_as_it_was_run) {
    const support::CommandOptions typed = {.typed = "/home/learner/mpworkshop"};
    EXPECT_EQ(run({"pi-parallel", "100000", "-p", "2", "--predict", "2", "--seed=7"}).status, 0);
    EXPECT_EQ(run({"starmap", "1,2", "3,4"}).status, 0);
    EXPECT_EQ(run({"compare", "pi-serial 1e4", "pi-serial 2e4", "--runs", "6", "--csv",
                   folder_.file("times.csv")})
                  .status,
              0);
    EXPECT_EQ(run({"--quiet", "time", "--", "/bin/echo", "a secret"}).status, 0);
    const std::string page = run({"report", "-"}, {}, typed).out;
    for (const char* command :
         {"mpworkshop pi-parallel 100000 --processes 2 --predict 2 --seed 7",
          "mpworkshop starmap 1,2 3,4",
          "mpworkshop compare &#39;pi-serial 1e4&#39; &#39;pi-serial 2e4&#39; --runs 6 --csv FILE",
          "mpworkshop time --quiet COMMAND"})
        EXPECT_TRUE(has(page, "<dd>" + std::string(command) + "</dd>"));
    for (const char* never : {"/home/learner", "a secret", "times.csv", "/bin/echo"})
        EXPECT_FALSE(has(page, never)) << never;
}

TEST_F(ReportCommand, names_the_program_plainly_where_nothing_ran) {
    const std::string page = run({"report", "-"}, {}, {.typed = "/home/learner/mpworkshop"}).out;
    EXPECT_TRUE(has(page, "Begin with mpworkshop next."));
    EXPECT_FALSE(has(page, "/home/learner"));
}

TEST_F(ReportCommand, shows_predictions_in_the_words_of_the_terminal) {
    const auto told = run({"race", "--updates", "1000", "--predict", "50"});
    EXPECT_EQ(told.status, 0);
    const std::string said = record().back()["prediction"]["sentence"];
    EXPECT_TRUE(said.starts_with("You said 50 %. It was "));
    EXPECT_TRUE(has(run({"report", "-"}).out, said));
}

TEST_F(ReportCommand, keeps_a_prediction_of_a_benchmark_once) {
    EXPECT_EQ(run({"compare", "pi", "1e4", "--runs", "6", "--predict", "2"}).status, 0);
    EXPECT_EQ(run({"scale", "pi", "1e4", "-p", "1,2", "--runs", "6", "--predict", "2"}).status, 0);
    const std::vector<json> lines = record();
    ASSERT_EQ(lines.size(), 2U);
    for (const json& line : lines) {
        EXPECT_EQ(line["prediction"]["said"], 2);
        EXPECT_FALSE(line["result"].contains("prediction")) << line["name"];
    }
}

TEST_F(ReportCommand, of_a_task_in_two_languages_shows_both) {
    EXPECT_EQ(run({"check", "map", "--run", "false", "--quiet"}).status, 1);
    EXPECT_EQ(record().back()["language"], "a command");
    EXPECT_TRUE(has(run({"report", "-"}).out, "<h3>map, a command</h3>"));
}

TEST_F(ReportCommand, to_standard_output_says_so_once_it_is_there) {
    EXPECT_EQ(run({"cores"}).status, 0);
    const auto page = run({"report", "-"});
    EXPECT_TRUE(has(page.err, "The page went to standard output."));
    EXPECT_FALSE(has(page.err, "Written"));
    EXPECT_TRUE(has(run({"report", "-", "--share"}).err, "The file went to standard output"));
    const auto full = run({"report", "-"}, {}, {.output = "/dev/full"});
    EXPECT_EQ(full.status, 1);
    EXPECT_EQ(full.err, "mpworkshop: error: cannot write the output: No space left on device; "
                        "send it to where there is space\n");
}

TEST_F(ReportCommand, on_a_full_disk_says_to_free_space) {
    EXPECT_EQ(run({"report", "/dev/full"}).err,
              "mpworkshop: error: cannot write /dev/full: No space left on device; make room "
              "there, or use a folder on another disk\n");
}

TEST_F(ReportCommand, gather_leaves_out_what_is_no_regular_file) {
    EXPECT_EQ(run({"cores"}).status, 0);
    const std::string folder = folder_.file("class");
    fs::create_directories(folder + "/folder.json");
    ASSERT_EQ(::mkfifo((folder + "/fifo.json").c_str(), 0600), 0);
    EXPECT_EQ(run({"report", "--share", folder + "/good.json"}).status, 0);
    fs::create_symlink(folder + "/good.json", folder + "/link.json");
    const auto result = run({"gather", folder, folder + "/fifo.json", folder_.file("class.html")});
    EXPECT_EQ(result.status, 0);
    EXPECT_TRUE(has(result.out, "of 1 learner."));
    const std::string fifo = "mpworkshop: left out fifo.json: it is no regular file\n";
    EXPECT_EQ(result.err,
              fifo + "mpworkshop: left out folder.json: it is no regular file\n" + fifo);
}

TEST_F(ReportCommand, refuses_what_makes_no_sense) {
    support::expect_refused({"report", "--for", "Ann"}, "--for does nothing without --share", 2);
    support::expect_refused({"report", "--share", "--open"}, "takes the place of", 2);
    support::expect_refused({"report", "--share", "--for", std::string(81, 'x')},
                            "--for: the name is longer than 80 bytes", 2);
    support::expect_refused({"report", "/proc/nonexistent/x.html"},
                            "cannot write /proc/nonexistent/x.html", 1);
    support::expect_refused({"gather"}, "gather: the shared files are missing", 2);
    support::expect_refused({"gather", "x.html"}, "gather: the shared files are missing", 2);
    support::expect_refused({"gather", "no/such", folder_.file("x.html")},
                            "there is no no/such; give files of report --share", 1);
    support::expect_refused({"gather", "/dev/null", "/proc/nonexistent/x.html"},
                            "cannot write /proc/nonexistent/x.html", 1);
    const auto nothing = run({"gather", "/dev/null", folder_.file("x.html")});
    EXPECT_EQ(nothing.status, 1);
    EXPECT_TRUE(has(nothing.err, "none of these is a file of report --share"));
    EXPECT_FALSE(fs::exists(folder_.file("x.html")));
}
