#include "mpworkshop/sys/temporary_file.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

using mpworkshop::sys::TemporaryFile;

TEST(TemporaryFile, gives_back_what_was_written_and_leaves_nothing) {
    const std::filesystem::path folder = testing::TempDir() + "temporary_file_test";
    std::filesystem::create_directory(folder);
    setenv("TMPDIR", folder.c_str(), 1);
    {
        TemporaryFile file;
        file.write_at(5, "hello");
        file.sync();
        std::string back(5, ' ');
        file.read_at(5, back);
        EXPECT_EQ(back, "hello");
        EXPECT_TRUE(std::filesystem::is_empty(folder)); // nothing even while it is open
        EXPECT_THROW(file.read_at(8, back), std::runtime_error);
    }
    std::filesystem::remove(folder);
}

TEST(TemporaryFile, names_the_folder_that_it_cannot_use) {
    setenv("TMPDIR", "/nonexistent", 1);
    try {
        TemporaryFile file;
        FAIL();
    } catch (const std::runtime_error& error) {
        EXPECT_STREQ(error.what(), "cannot make a file in /nonexistent: No such file or directory; "
                                   "set TMPDIR to another folder");
    }
}
