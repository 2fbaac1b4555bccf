#include "mpworkshop/input/shell_words.hpp"

#include <gtest/gtest.h>

#include "mpworkshop/input/error.hpp"

using mpworkshop::input::shell_words;
using Words = std::vector<std::string>;

TEST(ShellWords, are_parted_at_blanks) {
    EXPECT_EQ(shell_words("pi-serial 1e9"), (Words{"pi-serial", "1e9"}));
    EXPECT_EQ(shell_words("  a \t b\nc  "), (Words{"a", "b", "c"}));
    EXPECT_EQ(shell_words(""), Words{});
    EXPECT_EQ(shell_words("   "), Words{});
}

TEST(ShellWords, keep_the_blanks_within_quotes) {
    EXPECT_EQ(shell_words("map --input 'my file'"), (Words{"map", "--input", "my file"}));
    EXPECT_EQ(shell_words("--input=\"my file\"x"), (Words{"--input=my filex"}));
    EXPECT_EQ(shell_words("'' a"), (Words{"", "a"}));
    EXPECT_EQ(shell_words("'a\"b' \"c'd\""), (Words{"a\"b", "c'd"}));
}

TEST(ShellWords, take_what_follows_a_backslash_as_it_is) {
    EXPECT_EQ(shell_words("my\\ file \\'a"), (Words{"my file", "'a"}));
    EXPECT_EQ(shell_words("\"a\\\"b\\\\c\\d\""), (Words{"a\"b\\c\\d"}));
    EXPECT_EQ(shell_words("'a\\b'"), (Words{"a\\b"}));
}

TEST(ShellWords, refuse_what_is_not_closed) {
    EXPECT_THROW(shell_words("map 'x"), mpworkshop::UsageError);
    EXPECT_THROW(shell_words("map \"x"), mpworkshop::UsageError);
    EXPECT_THROW(shell_words("map \\"), mpworkshop::UsageError);
}

TEST(ShellWords, are_quoted_so_that_a_shell_reads_them_back) {
    EXPECT_EQ(mpworkshop::input::shell_quoted("../a_b/run"), "../a_b/run");
    for (const char* word : {"", "a b", "$HOME", "it's", "~/run", "a;b", "\\"})
        EXPECT_EQ(mpworkshop::input::shell_words(mpworkshop::input::shell_quoted(word)),
                  std::vector<std::string>{word});
}
