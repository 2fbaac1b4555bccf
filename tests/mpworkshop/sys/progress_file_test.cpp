#include "mpworkshop/sys/progress_file.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include "support/command.hpp"

namespace fs = std::filesystem;
namespace sys = mpworkshop::sys;

namespace {

class ProgressFile : public testing::Test {
protected:
    std::string complaint(void (*use)(const std::string&)) const {
        try {
            use(path_);
        } catch (const std::runtime_error& error) {
            return error.what();
        }
        return "";
    }
    static void read(const std::string& path) { sys::read_progress(path); }
    static void write(const std::string& path) { sys::write_progress(path, "text"); }

    /// The files in the folder of the file, including itself.
    std::size_t files() const {
        const fs::directory_iterator all(fs::path(path_).parent_path());
        return std::size_t(std::distance(fs::begin(all), fs::end(all)));
    }

    support::Folder folder_;
    std::string path_ = folder_.path() + "/a/b/ran.txt";
};

} // namespace

TEST_F(ProgressFile, is_empty_before_it_is_written_and_holds_what_was_written_last) {
    EXPECT_EQ(sys::read_progress(path_), "");
    sys::write_progress(path_, "first, and longer\n");
    sys::write_progress(path_, "second\n");
    EXPECT_EQ(sys::read_progress(path_), "second\n");
    EXPECT_EQ(files(), 1U);
    sys::remove_progress(path_);
    EXPECT_EQ(sys::read_progress(path_), "");
    sys::remove_progress(path_);
}

TEST_F(ProgressFile, can_be_read_by_its_user_alone) {
    umask(0);
    sys::write_progress(path_, "text");
    struct stat about = {};
    ASSERT_EQ(stat(path_.c_str(), &about), 0);
    EXPECT_EQ(about.st_mode & 0777U, 0600U);
    ASSERT_EQ(stat((folder_.path() + "/a").c_str(), &about), 0);
    EXPECT_EQ(about.st_mode & 0777U, 0700U);
}

TEST_F(ProgressFile, is_rid_of_what_a_killed_writer_left_by_the_next) {
    sys::write_progress(path_, "first");
    const auto beside = [&](const std::string& name, std::chrono::seconds age) {
        std::ofstream(path_ + name) << "half";
        fs::last_write_time(path_ + name, fs::file_time_type::clock::now() - age);
    };
    beside(".1234-0", std::chrono::hours(1));
    beside(".5-12", std::chrono::seconds(0)); // another may be writing it
    beside(".notours", std::chrono::hours(1));
    sys::write_progress(path_, "second");
    EXPECT_FALSE(fs::exists(path_ + ".1234-0"));
    EXPECT_TRUE(fs::exists(path_ + ".5-12"));
    EXPECT_TRUE(fs::exists(path_ + ".notours"));
    EXPECT_EQ(files(), 3U);
}

TEST_F(ProgressFile, of_root_in_a_folder_of_another_user_is_that_users) {
    if (geteuid() != 0) GTEST_SKIP() << "only root writes where another user does";
    ASSERT_EQ(chown(folder_.path().c_str(), 12345, 12345), 0);
    for (int i = 0; i < 2; ++i) {
        sys::write_progress(path_, "text");
        for (fs::path each = path_; each != folder_.path(); each = each.parent_path()) {
            struct stat about = {};
            ASSERT_EQ(stat(each.c_str(), &about), 0);
            EXPECT_EQ(about.st_uid, 12345U) << each;
            EXPECT_EQ(about.st_gid, 12345U) << each;
        }
    }
    EXPECT_EQ(files(), 1U);
}

TEST_F(ProgressFile, stays_as_it_was_when_the_disk_is_full) {
    sys::write_progress(path_, "before");
    std::signal(SIGXFSZ, SIG_IGN);
    rlimit limit = {};
    getrlimit(RLIMIT_FSIZE, &limit);
    const rlimit none = {2, limit.rlim_max};
    setrlimit(RLIMIT_FSIZE, &none);
    const std::string why = complaint(write);
    setrlimit(RLIMIT_FSIZE, &limit);
    EXPECT_TRUE(support::has(why, "cannot write " + path_));
    EXPECT_EQ(sys::read_progress(path_), "before");
    EXPECT_EQ(files(), 1U);
}

TEST_F(ProgressFile, is_refused_where_a_folder_or_a_pipe_stands_and_nothing_is_left) {
    fs::create_directories(path_);
    EXPECT_EQ(complaint(write), "cannot write " + path_ + ": Is a directory");
    EXPECT_EQ(complaint(read), "cannot read " + path_ + ": it is not a regular file");
    EXPECT_EQ(files(), 1U);
    fs::remove(path_);
    ASSERT_EQ(mkfifo(path_.c_str(), 0600), 0);
    EXPECT_EQ(complaint(read), "cannot read " + path_ + ": it is not a regular file");
}

TEST_F(ProgressFile, is_refused_where_a_file_stands_in_the_way_of_its_folder) {
    std::ofstream(folder_.path() + "/a") << "in the way";
    EXPECT_EQ(complaint(write), "cannot write " + path_ + ": Not a directory");
    EXPECT_EQ(complaint(read), "cannot read " + path_ + ": Not a directory");
    path_ = "/proc/mpworkshop/ran.txt";
    EXPECT_TRUE(support::has(complaint(write), "cannot make the folder /proc/mpworkshop: "));
}

TEST_F(ProgressFile, is_refused_when_it_is_far_too_large_to_be_ours) {
    fs::create_directories(fs::path(path_).parent_path());
    std::ofstream(path_) << std::string((1 << 20) + 1, '\n');
    EXPECT_TRUE(support::has(complaint(read), "too large"));
}

TEST_F(ProgressFile, is_never_seen_half_written) {
    const std::string texts[] = {std::string(20'000, 'a'), std::string(30'000, 'b')};
    sys::write_progress(path_, texts[0]);
    std::atomic<int> writing = 2;
    {
        std::vector<std::jthread> writers;
        for (const std::string& text : texts)
            writers.emplace_back([&] {
                for (int i = 0; i < 50; ++i) sys::write_progress(path_, text);
                --writing;
            });
        do {
            const std::string seen = sys::read_progress(path_);
            ASSERT_TRUE(seen == texts[0] || seen == texts[1]) << seen.size();
        } while (writing > 0);
    }
    EXPECT_EQ(files(), 1U);
}

TEST_F(ProgressFile, stands_where_the_environment_says) {
    setenv("XDG_STATE_HOME", "/x", 1);
    setenv("HOME", "/h", 1);
    EXPECT_EQ(sys::progress_path(), "/x/mpworkshop/ran.txt");
    for (const char* no_path : {"", "relative"}) {
        setenv("XDG_STATE_HOME", no_path, 1);
        EXPECT_EQ(sys::progress_path(), "/h/.local/state/mpworkshop/ran.txt");
    }
    unsetenv("XDG_STATE_HOME");
    setenv("HOME", "", 1);
    EXPECT_EQ(sys::progress_path(), "");
    unsetenv("HOME");
    EXPECT_EQ(sys::progress_path(), "");
}

TEST_F(ProgressFile, tells_without_writing_whether_it_could_be_written) {
    EXPECT_EQ(sys::why_no_progress(path_), "");
    EXPECT_TRUE(fs::is_empty(folder_.path()));
    fs::create_directories(path_);
    EXPECT_EQ(sys::why_no_progress(path_), path_ + " is a folder");
    EXPECT_EQ(sys::why_no_progress("/dev/null/mpworkshop/ran.txt"), "/dev/null is not a folder");
}
