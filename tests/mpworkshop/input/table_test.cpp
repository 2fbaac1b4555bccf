#include "mpworkshop/input/table.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>

using namespace mpworkshop::input;
using Numbers = std::vector<double>;

namespace {

std::string complaint(const std::string& text, std::size_t columns) {
    try {
        parse_table(text, "t.txt", columns);
    } catch (const std::runtime_error& error) {
        return error.what();
    }
    return "none";
}

} // namespace

TEST(Table, reads_one_number_a_line) {
    EXPECT_EQ(parse_table("1\n2.5\n-3e2\n", "t", 1), (Numbers{1, 2.5, -300}));
}

TEST(Table, needs_no_newline_at_the_end) {
    EXPECT_EQ(parse_table("1\n2", "t", 1), (Numbers{1, 2}));
}

TEST(Table, reads_windows_line_ends_and_their_mark) {
    EXPECT_EQ(parse_table("\xef\xbb\xbf"
                          "1\r\n2\r\n",
                          "t", 1),
              (Numbers{1, 2}));
}

TEST(Table, makes_an_empty_file_an_empty_result) {
    EXPECT_EQ(parse_table("", "t", 1), Numbers{});
    EXPECT_EQ(parse_table("\n \r\n", "t", 2), Numbers{});
}

TEST(Table, parts_columns_by_blanks_tabs_or_commas) {
    EXPECT_EQ(parse_table("1 3\n 5\t\t9 \n2,3\n4 , 5\n", "t", 2),
              (Numbers{1, 3, 5, 9, 2, 3, 4, 5}));
}

TEST(Table, names_the_file_the_line_and_what_was_found) {
    EXPECT_EQ(complaint("1\nabc\n", 1),
              "t.txt, line 2: found 'abc'; expected one number, such as 98.6");
    EXPECT_EQ(complaint("1\n\n2\n", 1),
              "t.txt, line 2: found an empty line; expected one number, such as 98.6");
    EXPECT_EQ(complaint("nan", 1), "t.txt, line 1: found 'nan'; expected one number, such as 98.6");
    EXPECT_EQ(complaint("1 2\n", 1),
              "t.txt, line 1: found 2 columns ('1 2'); expected one number, such as 98.6");
    EXPECT_EQ(complaint("1 2\n3\n", 2),
              "t.txt, line 2: found 1 column ('3'); expected 2 numbers, such as 3 5");
    EXPECT_EQ(complaint("1 2 3\n", 2),
              "t.txt, line 1: found 3 columns ('1 2 3'); expected 2 numbers, such as 3 5");
    EXPECT_EQ(complaint("1,\n", 2),
              "t.txt, line 1: found an empty column; expected 2 numbers, such as 3 5");
    EXPECT_EQ(complaint("1,,2\n", 2),
              "t.txt, line 1: found an empty column; expected 2 numbers, such as 3 5");
}

TEST(Table, shows_no_control_characters_of_a_bad_line) {
    EXPECT_EQ(complaint("\x1b[31m", 1),
              "t.txt, line 1: found '\\x1b[31m'; expected one number, such as 98.6");
    EXPECT_EQ(complaint(std::string("1\0", 2), 1),
              "t.txt, line 1: found '1\\x00'; expected one number, such as 98.6");
}

TEST(Table, names_what_is_no_plain_text) {
    const auto wide = [](std::string_view text, bool low_first) {
        std::string bytes;
        for (const char c : text) bytes += low_first ? std::string{c, '\0'} : std::string{'\0', c};
        return bytes;
    };
    const char* utf16 =
        "t.txt is UTF-16 text; save it as UTF-8, or convert it: iconv -f UTF-16 -t UTF-8";
    EXPECT_EQ(complaint("\xff\xfe" + wide("32\n", true), 1), utf16);
    EXPECT_EQ(complaint("\xfe\xff" + wide("32\n", false), 1), utf16);
    EXPECT_EQ(complaint(wide("32\r\n", true), 1), utf16);
    EXPECT_EQ(complaint(wide("32\n", false), 1), utf16);
    EXPECT_EQ(complaint(std::string("\xff\xfe\0\0003\0\0\0", 8), 1),
              "t.txt is UTF-32 text; save it as UTF-8, or convert it: iconv -f UTF-32 -t UTF-8");
    EXPECT_EQ(complaint("\x1f\x8b\x08", 1),
              "t.txt is compressed by gzip; unpack it first: gunzip -c");
    EXPECT_EQ(complaint("BZh91AY", 1), "t.txt is compressed by bzip2; unpack it first: bunzip2 -c");
    EXPECT_EQ(complaint("\xfd"
                        "7zXZ",
                        1),
              "t.txt is compressed by xz; unpack it first: xz -dc");
    EXPECT_EQ(complaint("\x28\xb5\x2f\xfd", 1),
              "t.txt is compressed by zstd; unpack it first: zstd -dc");
    EXPECT_EQ(complaint("PK\x03\x04", 2), "t.txt is a zip archive, such as a spreadsheet; save its "
                                          "numbers as text, for example as CSV");
}

TEST(Table, reads_a_million_lines) {
    std::string text;
    for (int i = 0; i < 1'000'000; ++i) text += std::to_string(i) + "\n";
    const Numbers numbers = parse_table(text, "t", 1);
    ASSERT_EQ(numbers.size(), 1'000'000U);
    EXPECT_EQ(numbers.back(), 999'999);
}

TEST(Table, reads_a_file_and_refuses_a_folder_and_a_missing_one) {
    const std::string path = testing::TempDir() + "table_test.txt";
    std::ofstream(path) << "1\n2\n";
    EXPECT_EQ(read_table(path, 1), (Numbers{1, 2}));
    std::filesystem::remove(path);
    EXPECT_THROW(read_table(path, 1), std::runtime_error);
    EXPECT_THROW(read_table(testing::TempDir(), 1), std::runtime_error);
}
