#include "mpworkshop/sys/file_changes.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include "support/folder.hpp"

namespace fs = std::filesystem;
using mpworkshop::sys::Change;
using mpworkshop::sys::FileChanges;

namespace {

class Changes : public testing::TestWithParam<FileChanges::Notice> {
protected:
    Changes() { save("before"); }

    void save(const std::string& text) const { std::ofstream(file()) << text; }
    std::string file() const { return folder_.file("file.py"); }

    support::Folder folder_;
};

/// A terminal on standard input, at whose keyboard the test sits.
class PseudoTerminal {
public:
    PseudoTerminal() : keyboard_(::posix_openpt(O_RDWR | O_NOCTTY)), before_(::dup(STDIN_FILENO)) {
        if (keyboard_ < 0 || ::grantpt(keyboard_) != 0 || ::unlockpt(keyboard_) != 0) return;
        const int screen = ::open(::ptsname(keyboard_), O_RDWR | O_NOCTTY);
        works_ = screen >= 0 && ::dup2(screen, STDIN_FILENO) >= 0;
        ::close(screen);
    }
    ~PseudoTerminal() {
        ::dup2(before_, STDIN_FILENO);
        ::close(before_);
        ::close(keyboard_);
    }
    PseudoTerminal(const PseudoTerminal&) = delete;
    PseudoTerminal& operator=(const PseudoTerminal&) = delete;

    bool works() const { return works_; }
    void type(char key) const { EXPECT_EQ(::write(keyboard_, &key, 1), 1); }

private:
    int keyboard_, before_;
    bool works_ = false;
};

} // namespace

TEST_P(Changes, are_told_after_a_save_and_after_a_rename) {
    FileChanges changes(folder_.path(), "file.py", GetParam());
    save("after");
    EXPECT_EQ(changes.wait(), Change::saved);
    std::ofstream(folder_.file("new")) << "renamed";
    fs::rename(folder_.file("new"), file());
    EXPECT_EQ(changes.wait(), Change::saved);
}

TEST_P(Changes, are_told_when_a_file_was_moved_away_and_back) {
    FileChanges changes(folder_.path(), "file.py", GetParam());
    fs::rename(file(), file() + "~");
    fs::rename(file() + "~", file());
    EXPECT_EQ(changes.wait(), Change::saved);
}

TEST_P(Changes, are_not_told_while_the_file_is_missing) {
    FileChanges changes(folder_.path(), "file.py", GetParam());
    fs::remove(file());
    std::thread slow_editor([&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(400));
        save("after");
    });
    EXPECT_EQ(changes.wait(), Change::saved);
    EXPECT_TRUE(fs::exists(file()));
    slow_editor.join();
}

TEST_P(Changes, of_ten_saves_a_second_are_told_at_least_once_after_the_last) {
    FileChanges changes(folder_.path(), "file.py", GetParam());
    std::thread busy_editor([&] {
        for (int i = 0; i < 10; ++i) {
            save(std::string(std::size_t(i + 1), 'x'));
            std::this_thread::sleep_for(std::chrono::milliseconds(100));
        }
        save("the last one");
    });
    do EXPECT_EQ(changes.wait(), Change::saved);
    while (support::contents(file()) != "the last one");
    busy_editor.join();
}

TEST_P(Changes, end_when_q_is_typed) {
    const PseudoTerminal terminal;
    if (!terminal.works()) GTEST_SKIP() << "no terminal can be made";
    FileChanges changes(folder_.path(), "file.py", GetParam());
    terminal.type('x');
    terminal.type('q');
    EXPECT_EQ(changes.wait(), Change::asked_to_end);
}

INSTANTIATE_TEST_SUITE_P(Kernel, Changes, testing::Values(FileChanges::Notice::by_kernel));
INSTANTIATE_TEST_SUITE_P(Looking, Changes, testing::Values(FileChanges::Notice::by_looking));
