// report and gather, as a learner and a facilitator use them.

#include <gtest/gtest.h>
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
                               std::vector<std::string> environment = {}) const {
        environment.insert(environment.begin(), "XDG_STATE_HOME=" + folder_.file("state"));
        return support::run(arguments, {.environment = std::move(environment)});
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
