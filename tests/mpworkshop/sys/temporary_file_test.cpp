#include "mpworkshop/sys/temporary_file.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "support/folder.hpp"

using mpworkshop::sys::TemporaryFile;

namespace {

class InFolder {
public:
    explicit InFolder(const std::string& folder) { setenv("TMPDIR", folder.c_str(), 1); }
    ~InFolder() { unsetenv("TMPDIR"); }
    InFolder(const InFolder&) = delete;
    InFolder& operator=(const InFolder&) = delete;
};

} // namespace

TEST(TemporaryFile, gives_back_what_was_written_and_leaves_nothing) {
    const support::Folder folder;
    const InFolder in(folder.file(""));
    TemporaryFile file;
    file.write_at(5, "hello");
    file.sync();
    std::string back(5, ' ');
    file.read_at(5, back);
    EXPECT_EQ(back, "hello");
    EXPECT_TRUE(std::filesystem::is_empty(folder.file(""))); // nothing even while it is open
    EXPECT_THROW(file.read_at(8, back), std::runtime_error);
}

TEST(TemporaryFile, names_the_folder_that_it_cannot_use) {
    const InFolder in("/proc/nonexistent");
    try {
        TemporaryFile file;
        FAIL();
    } catch (const std::runtime_error& error) {
        EXPECT_STREQ(error.what(),
                     "cannot make a file in /proc/nonexistent: No such file or directory; "
                     "set TMPDIR to another folder");
    }
}
