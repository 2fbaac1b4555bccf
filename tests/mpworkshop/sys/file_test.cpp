#include "mpworkshop/sys/file.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <mp/mp.hpp>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>

#include "support/command.hpp"
#include "support/folder.hpp"

namespace fs = std::filesystem;
namespace sys = mpworkshop::sys;
using support::contents;
using support::has;

namespace {

class ResultFile : public testing::Test {
protected:
    std::string complaint(const std::string& text) const {
        try {
            sys::write_file(path_, text);
        } catch (const std::runtime_error& error) {
            return error.what();
        }
        return "";
    }
    struct stat about() const {
        struct stat found = {};
        EXPECT_EQ(::stat(path_.c_str(), &found), 0);
        return found;
    }
    std::size_t files() const {
        return std::size_t(std::distance(fs::directory_iterator(folder_.path()), {}));
    }

    support::Folder folder_;
    std::string path_ = folder_.file("a.csv");
};

/// While this object exists, a file can hold two bytes at most.
class FullDisk {
public:
    FullDisk() {
        std::signal(SIGXFSZ, SIG_IGN);
        ::getrlimit(RLIMIT_FSIZE, &before_);
        const rlimit none = {2, before_.rlim_max};
        ::setrlimit(RLIMIT_FSIZE, &none);
    }
    ~FullDisk() { ::setrlimit(RLIMIT_FSIZE, &before_); }
    FullDisk(const FullDisk&) = delete;
    FullDisk& operator=(const FullDisk&) = delete;

private:
    rlimit before_ = {};
};

} // namespace

TEST_F(ResultFile, has_the_mode_that_the_umask_leaves) {
    for (const mode_t mask : {mode_t{0022}, mode_t{0077}, mode_t{0002}}) {
        const mode_t before = ::umask(mask);
        sys::write_file(path_, "text");
        ::umask(before);
        EXPECT_EQ(about().st_mode & 0777U, 0666U & ~mask);
        fs::remove(path_);
    }
}

TEST_F(ResultFile, keeps_its_mode_its_owner_and_the_link_to_it) {
    const std::string link = folder_.file("link");
    std::ofstream(path_) << "a longer text, which was there before";
    fs::create_symlink("a.csv", link);
    ASSERT_EQ(::chmod(path_.c_str(), 0640), 0);
    const bool root = ::geteuid() == 0;
    if (root) ASSERT_EQ(::chown(path_.c_str(), 12345, 12345), 0);
    sys::write_file(link, "text");
    EXPECT_EQ(contents(path_), "text");
    EXPECT_TRUE(fs::is_symlink(link));
    EXPECT_EQ(about().st_mode & 0777U, 0640U);
    if (root) EXPECT_EQ(about().st_uid, 12345U);
    EXPECT_EQ(files(), 2U);
}

TEST_F(ResultFile, stays_as_it_was_until_the_new_one_is_whole) {
    sys::write_file(path_, "before");
    std::string why;
    {
        const FullDisk full;
        why = complaint("text");
    }
    EXPECT_TRUE(has(why, "cannot write " + path_ + ": File too large"));
    EXPECT_EQ(contents(path_), "before");
    EXPECT_EQ(files(), 1U);
}

TEST_F(ResultFile, that_was_not_there_is_not_left_half_written) {
    std::string why;
    {
        const FullDisk full;
        why = complaint("text");
    }
    EXPECT_TRUE(has(why, "cannot write " + path_));
    EXPECT_EQ(files(), 0U);
}

TEST_F(ResultFile, is_written_in_place_where_it_has_a_second_name) {
    std::ofstream(path_) << "a longer text, which was there before";
    fs::create_hard_link(path_, folder_.file("second"));
    sys::write_file(path_, "text");
    EXPECT_EQ(contents(folder_.file("second")), "text");
}

TEST_F(ResultFile, is_made_where_a_link_leads) {
    fs::create_symlink("a.csv", folder_.file("link"));
    sys::write_file(folder_.file("link"), "text");
    EXPECT_EQ(contents(path_), "text");
    EXPECT_TRUE(fs::is_symlink(folder_.file("link")));
}

TEST_F(ResultFile, may_be_a_device_but_not_a_full_one) {
    sys::write_file("/dev/null", "text");
    path_ = "/dev/full";
    EXPECT_TRUE(has(complaint("text"), "cannot write /dev/full: No space left on device"));
    EXPECT_TRUE(fs::is_character_file("/dev/null"));
}

TEST_F(ResultFile, that_is_a_pipe_without_a_reader_is_refused_at_once) {
    ASSERT_EQ(::mkfifo(path_.c_str(), 0600), 0);
    EXPECT_EQ(complaint("text"),
              "cannot write " + path_ + ": no program reads this pipe; start its reader first");
    const int reader = ::open(path_.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    EXPECT_EQ(complaint("text"), "");
    char buffer[10] = {};
    EXPECT_EQ(::read(reader, buffer, sizeof buffer), 4);
    ::close(reader);
    EXPECT_TRUE(fs::is_fifo(path_));
}

TEST_F(ResultFile, by_the_name_of_standard_output_stands_after_what_was_printed) {
    const std::string out = folder_.file("out");
    std::ofstream(out) << "before\n";
    const auto result = support::run(
        {"compare", "cores", "cores", "--runs", "1", "--warmup", "0", "--csv", "/dev/stdout"},
        {.before = [&out] {
            ::dup2(::open(out.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC), STDOUT_FILENO);
        }});
    EXPECT_EQ(result.status, 0) << result.err;
    const std::string all = contents(out);
    EXPECT_EQ(all.rfind("before\nWhole commands", 0), 0U) << all;
    EXPECT_GT(all.find("\nrun,command,"), all.find("median"));
    EXPECT_TRUE(has(all, "\nB,cores,,1,"));
}

TEST(Input, that_is_a_device_is_refused_unless_it_ends_at_once) {
    EXPECT_EQ(sys::read_all("/dev/null"), "");
    for (const char* device : {"/dev/zero", "/dev/urandom", "/dev/full"})
        support::expect_refused({"map", "--input", device},
                                "it is a device, whose data may never end", 1);
    const auto through_standard_input = support::run(
        {"map", "--input", "-"},
        {.before = [] { ::dup2(::open("/dev/zero", O_RDONLY | O_CLOEXEC), STDIN_FILENO); }});
    EXPECT_EQ(through_standard_input.status, 1);
    EXPECT_TRUE(has(through_standard_input.err, "cannot read standard input: it is a device"));
}

TEST(Input, is_refused_beyond_a_size_and_not_read_to_the_end) {
    const support::Folder folder;
    const std::string path = folder.file("numbers");
    std::ofstream(path) << "1\n2\n";
    EXPECT_EQ(sys::read_all(path, 4), "1\n2\n");
    EXPECT_THROW(sys::read_all(path, 3), std::runtime_error);
    // A file that has only a size.
    ASSERT_EQ(::truncate(path.c_str(), off_t(1) << 40), 0);
    support::expect_refused({"map", "--input", path},
                            "it has more than 1,073,741,824 bytes; give a part of it", 1);
    // A file without size or end.
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    const pid_t writer = ::fork();
    if (writer == 0) {
        std::signal(SIGPIPE, SIG_DFL);
        ::close(ends[0]);
        for (;;)
            if (::write(ends[1], "50\n", 3) < 0) ::_exit(1);
    }
    ::close(ends[1]);
    EXPECT_THROW(sys::read_all("/proc/self/fd/" + std::to_string(ends[0]), 1 << 20),
                 std::runtime_error);
    ::kill(writer, SIGKILL);
    ::waitpid(writer, nullptr, 0);
    ::close(ends[0]);
}

TEST(Output, on_a_full_disk_advises_to_make_room) {
    try {
        sys::write_file("/dev/full", "text");
        ADD_FAILURE() << "it was written";
    } catch (const std::runtime_error& error) {
        EXPECT_TRUE(has(error.what(), "make room there, or use a folder on another disk"));
        EXPECT_FALSE(has(error.what(), "give another file")) << error.what();
    }
}

TEST(Input, of_a_closed_standard_input_is_not_advised) {
    const auto result =
        support::run({"map", "--input", "-"}, {.before = [] { ::close(STDIN_FILENO); }});
    EXPECT_EQ(result.status, 1);
    EXPECT_EQ(result.err, "mpworkshop: error: cannot read standard input: it is closed; give a "
                          "file instead, or open it, as in < FILE\n");
}
