#include "mpworkshop/sys/line_log.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <map>
#include <mp/mp.hpp>

#include "support/command.hpp"
#include "support/subprocess.hpp"

namespace fs = std::filesystem;
using mpworkshop::sys::LineLog;
using support::has;

namespace {

class RunLog : public testing::Test {
protected:
    LineLog log(std::size_t largest = LineLog::largest_file) const {
        return {path_, older_, largest};
    }
    void add(const std::string& line) const {
        log().append([&](std::string_view) { return line; });
    }
    std::string complaint(const std::function<void()>& use) const {
        try {
            use();
        } catch (const std::runtime_error& error) {
            return error.what();
        }
        return "";
    }

    support::Folder folder_;
    std::string path_ = folder_.file("a/runs.jsonl"), older_ = folder_.file("a/runs.1.jsonl");
};

/// From here on flock() fails with this code, as on a file system that cannot lock.
void refuse_locks(unsigned code) {
    sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_flock, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | code),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    const sock_fprog program = {static_cast<unsigned short>(std::size(filter)), filter};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
        _exit(support::skipped);
}

} // namespace

TEST_F(RunLog, keeps_lines_in_order_for_its_user_alone) {
    EXPECT_EQ(log().read(), "");
    EXPECT_FALSE(fs::exists(folder_.file("a")));
    add("one\n");
    log().append([](std::string_view end) {
        EXPECT_EQ(end, "one\n");
        return std::string("two\nthree\n");
    });
    EXPECT_EQ(log().read(), "one\ntwo\nthree\n");
    struct stat about = {};
    ASSERT_EQ(stat(path_.c_str(), &about), 0);
    EXPECT_EQ(about.st_mode & 0777U, 0600U);
}

TEST_F(RunLog, puts_a_full_file_aside_and_keeps_two) {
    for (int i = 0; i < 10; ++i)
        log(20).append([&](std::string_view) { return "line " + std::to_string(i) + "\n"; });
    EXPECT_EQ(support::contents(older_), "line 6\nline 7\n");
    EXPECT_EQ(log(20).read(), "line 6\nline 7\nline 8\nline 9\n");
    fs::remove(path_);
    log(20).append([](std::string_view end) {
        EXPECT_EQ(end, "line 6\nline 7\n"); // of the older file
        return std::string("line 10\n");
    });
}

TEST_F(RunLog, ends_the_line_of_a_writer_that_was_killed) {
    add("one\n");
    std::ofstream(path_, std::ios::app) << "half a li";
    add("two\n");
    EXPECT_EQ(log().read(), "one\nhalf a li\ntwo\n");
}

TEST_F(RunLog, is_changed_and_removed_as_a_whole) {
    for (int i = 0; i < 3; ++i)
        log(14).append([&](std::string_view) { return "line " + std::to_string(i) + "\n"; });
    log(14).rewrite([](std::string_view text) { return "<" + std::string(text) + ">"; });
    EXPECT_EQ(support::contents(older_) + support::contents(path_), "<line 0\nline 1\n><line 2\n>");
    log().clear();
    EXPECT_TRUE(fs::is_empty(folder_.file("a")));
    log().clear();
    log().rewrite([](std::string_view text) { return std::string(text); });
    EXPECT_TRUE(fs::is_empty(folder_.file("a")));
}

TEST_F(RunLog, loses_no_line_of_twenty_programs_that_put_files_aside) {
    constexpr int programs = 20, lines = 50;
    const LineLog small = log(3000);
    std::vector<pid_t> children;
    for (int program = 0; program < programs; ++program) {
        const pid_t child = fork();
        if (child == 0) {
            try {
                for (int i = 0; i < lines; ++i)
                    small.append([&](std::string_view) {
                        return std::to_string(program) + " " + std::to_string(i) + "\n";
                    });
            } catch (...) {
                _exit(1);
            }
            _exit(0);
        }
        children.push_back(child);
    }
    for (const pid_t child : children) {
        int status = 0;
        ASSERT_EQ(waitpid(child, &status, 0), child);
        EXPECT_EQ(status, 0);
    }
    // Some 5,300 bytes: the two files hold them all, each whole and once, each program's in order.
    std::map<int, int> next;
    const auto all = support::lines_of(small.read());
    for (const std::string& line : all) {
        int program = -1, i = -1;
        ASSERT_EQ(sscanf(line.c_str(), "%d %d", &program, &i), 2) << line;
        EXPECT_EQ(next[program]++, i);
    }
    EXPECT_TRUE(fs::exists(older_));
    EXPECT_EQ(all.size(), std::size_t(programs * lines));
    EXPECT_EQ(next.size(), std::size_t(programs));
}

TEST_F(RunLog, of_a_writer_killed_at_any_moment_has_whole_lines_of_all_others) {
    const std::string mine(1000, 'x');
    std::size_t written = 0;
    for (int i = 0; i < 100; ++i) {
        const pid_t child = fork();
        if (child == 0)
            while (true) add(mine + "\n");
        usleep(useconds_t(37 * i)); // another moment each time
        kill(child, SIGKILL);
        ASSERT_EQ(waitpid(child, nullptr, 0), child);
        add("whole\n");
        ++written;
    }
    const auto all = support::lines_of(log().read());
    EXPECT_EQ(std::size_t(std::ranges::count(all, "whole")), written);
    for (const std::string& line : all)
        EXPECT_TRUE(line == "whole" || mine.starts_with(line)) << line;
}

TEST_F(RunLog, on_a_full_disk_is_as_it_was) {
    add("before\n");
    std::signal(SIGXFSZ, SIG_IGN);
    rlimit limit = {};
    getrlimit(RLIMIT_FSIZE, &limit);
    const rlimit little = {10, limit.rlim_max}; // three bytes more
    setrlimit(RLIMIT_FSIZE, &little);
    const std::string why = complaint([&] { add("a line\n"); });
    setrlimit(RLIMIT_FSIZE, &limit);
    EXPECT_TRUE(has(why, "cannot write " + path_)) << why;
    EXPECT_EQ(log().read(), "before\n");
}

TEST_F(RunLog, on_a_full_file_system_is_as_it_was) {
    if (geteuid() != 0) GTEST_SKIP() << "only root mounts a small disk";
    const std::string disk = folder_.file("disk");
    fs::create_directory(disk);
    if (mount("none", disk.c_str(), "tmpfs", 0, "size=16k") != 0)
        GTEST_SKIP() << "this machine does not permit mounts";
    path_ = disk + "/runs.jsonl";
    older_ = disk + "/runs.1.jsonl";
    const std::string line = std::string(999, 'x') + "\n";
    std::string why;
    std::size_t written = 0;
    for (; why.empty() && written < 100; ++written) why = complaint([&] { add(line); });
    const std::string all = log().read();
    umount(disk.c_str());
    EXPECT_TRUE(has(why, "No space left on device")) << why;
    EXPECT_EQ(all.size() % line.size(), 0U);
    EXPECT_EQ(all.size() / line.size(), written - 1);
}

TEST_F(RunLog, is_refused_where_something_else_stands) {
    fs::create_directories(path_);
    EXPECT_EQ(complaint([&] { add("x\n"); }),
              "cannot read " + path_ + ": it is not a regular file");
    EXPECT_EQ(complaint([&] { log().read(); }),
              "cannot read " + path_ + ": it is not a regular file");
    EXPECT_TRUE(has(complaint([&] { log().clear(); }), "cannot remove " + path_));
    fs::remove(path_);
    ASSERT_EQ(mkfifo(path_.c_str(), 0600), 0);
    EXPECT_EQ(complaint([&] { add("x\n"); }),
              "cannot read " + path_ + ": it is not a regular file");
}

TEST_F(RunLog, far_too_large_is_put_aside_and_read_in_part) {
    add("x\n");
    fs::resize_file(path_, std::uintmax_t{1} << 36); // with a hole
    EXPECT_LE(log().read().size(), LineLog::largest_file + LineLog::longest_line);
    add("y\n");
    EXPECT_EQ(support::contents(path_), "y\n");
}

TEST_F(RunLog, that_cannot_be_locked_is_read_but_not_written) {
    add("one\n");
    for (const unsigned code : {unsigned(ENOLCK), unsigned(EOPNOTSUPP)}) {
        const pid_t child = fork();
        if (child == 0) {
            refuse_locks(code);
            const std::string why = complaint([&] { add("two\n"); });
            const bool good = has(why, "cannot lock " + path_ + ": ") && log().read() == "one\n";
            _exit(good ? 0 : 1);
        }
        int status = 0;
        ASSERT_EQ(waitpid(child, &status, 0), child);
        if (WEXITSTATUS(status) == support::skipped) GTEST_SKIP() << "no seccomp here";
        EXPECT_EQ(status, 0);
    }
    EXPECT_EQ(log().read(), "one\n");
}

TEST_F(RunLog, waits_for_a_lock_but_not_for_ever) {
    add("one\n");
    const int file = open(path_.c_str(), O_RDONLY | O_CLOEXEC);
    ASSERT_EQ(flock(file, LOCK_EX), 0);
    EXPECT_EQ(complaint([&] { add("two\n"); }),
              "cannot lock " + path_ + ": another program holds it");
    close(file);
    EXPECT_EQ(log().read(), "one\n");
}
