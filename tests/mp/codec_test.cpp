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

// Tuples are flat where their parts are, although libstdc++'s are not trivially copyable.
static_assert(mp::detail::is_flat<std::tuple<int, double>> &&
              !std::is_trivially_copyable_v<std::tuple<int, double>>);

template <class T> void expect_same(const T& value) {
    const auto bytes = mp::detail::pack(value);
    EXPECT_EQ(mp::detail::unpack<T>(bytes), value);
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
