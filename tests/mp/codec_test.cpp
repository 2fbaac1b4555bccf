#include "mp/codec.hpp"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace {

struct Flat {
    int a;
    double b;
    bool operator==(const Flat&) const = default;
};
struct HasPointerInside {
    std::unique_ptr<int> pointer;
};

static_assert(mp::Sendable<int> && mp::Sendable<double> && mp::Sendable<Flat> &&
              mp::Sendable<bool>);
static_assert(mp::Sendable<std::pair<int, double>> && mp::Sendable<std::tuple<int, Flat>>);
static_assert(mp::Sendable<std::string> && mp::Sendable<std::vector<std::string>>);
static_assert(mp::Sendable<std::map<std::string, std::vector<Flat>>> &&
              mp::Sendable<std::set<int>>);
static_assert(mp::Sendable<std::optional<std::string>> &&
              mp::Sendable<std::variant<int, std::string>>);

static_assert(!mp::Sendable<int*> && !mp::Sendable<const char*> && !mp::Sendable<std::string_view>);
static_assert(!mp::Sendable<std::span<int>> && !mp::Sendable<int&> &&
              !mp::Sendable<std::nullptr_t>);
static_assert(!mp::Sendable<std::vector<int*>> && !mp::Sendable<std::map<int, std::string_view>>);
static_assert(!mp::Sendable<std::vector<std::vector<std::span<int>>>> &&
              !mp::Sendable<std::optional<int*>>);
static_assert(!mp::Sendable<std::tuple<int, char*>> && !mp::Sendable<std::pair<int*, int>>);
static_assert(!mp::Sendable<HasPointerInside> && !mp::Sendable<std::unique_ptr<int>>);

// Tuples are flat if their elements are, although libstdc++'s tuples are not trivially copyable.
static_assert(mp::detail::is_flat<std::tuple<int, double>> &&
              !std::is_trivially_copyable_v<std::tuple<int, double>>);

template <class T> void expect_same(const T& value) {
    const auto bytes = mp::detail::pack(value);
    EXPECT_EQ(mp::detail::unpack<T>(bytes), value);
}

struct Id { // has no default constructor
    explicit Id(int v) : value(v) {}
    int value;
    bool operator==(const Id&) const = default;
};
struct Tree {
    int value = 0;
    std::vector<Tree> branches;
    std::string names[2];
    bool operator==(const Tree&) const = default;
    template <class Archive> void serialize(Archive& archive) { archive(value, branches, names); }
};
struct Count {
    std::string text;
    bool operator==(const Count&) const = default;
    template <class Archive> void save(Archive& archive) const { archive(text.size()); }
    template <class Archive> void load(Archive& archive) {
        std::size_t size = 0;
        archive(size);
        text.assign(size, 'x');
    }
};
struct Date {
    std::string text;
    bool operator==(const Date&) const = default;
};

} // namespace

template <> struct mp::Codec<Date> {
    static void save(OutputArchive& archive, const Date& date) { archive(date.text); }
    static Date load(InputArchive& archive) { return {archive.load<std::string>()}; }
};

namespace {

TEST(Codec, values_without_a_default_constructor_come_back) {
    expect_same(std::vector<Id>{Id(1), Id(2)});
    expect_same(std::map<std::string, std::vector<Id>>{{"a", {Id(3)}}});
    expect_same(std::optional<std::vector<Id>>{{Id(4)}});
}

TEST(Codec, pairs_with_a_const_key_come_back) {
    expect_same(std::pair<const std::string, int>("key", 1));
    expect_same(std::multimap<std::string, int>{{"a", 1}, {"a", 2}});
}

TEST(Codec, types_of_the_user_come_back) {
    expect_same(Tree{1, {Tree{2, {}, {"a", "b"}}}, {"", "c"}});
    expect_same(std::vector<Count>{{"xxx"}, {""}});
    expect_same(std::vector<Date>{{"2026-11-25"}, {""}});
}

TEST(Codec, packed_values_come_back_as_they_were) {
    expect_same(std::string());
    expect_same(std::string(1'000'000, 'x'));
    expect_same(std::vector<std::string>{"a", "", std::string("\0\1\2", 3)});
    expect_same(std::map<std::string, std::vector<Flat>>{{"k", {{1, 2}, {3, 4}}}});
    expect_same(std::vector<std::optional<std::string>>{std::nullopt, "x"});
    expect_same(std::vector<bool>{true, false, true});
    expect_same(std::vector<std::tuple<int, std::string>>{{1, "one"}});
}

TEST(Codec, bytes_that_end_too_early_are_an_error_and_no_crash) {
    auto bytes = mp::detail::pack(std::vector<std::string>{"abc", "defghi"});
    for (std::size_t size = 0; size < bytes.size(); ++size)
        EXPECT_THROW(mp::detail::unpack<std::vector<std::string>>(std::span(bytes).first(size)),
                     std::exception);
}

} // namespace
