// Types written for cereal can be sent once <mp/cereal.hpp> is included.

#include <gtest/gtest.h>

#include <cereal/types/memory.hpp>
#include <cereal/types/string.hpp>
#include <memory>
#include <mp/cereal.hpp>
#include <mp/mp.hpp>
#include <string>
#include <vector>

namespace {

struct Outside {
    std::string text;
};
template <class Archive> void serialize(Archive& archive, Outside& value) { archive(value.text); }

} // namespace

TEST(Cereal, types_with_a_serialize_outside_travel_inside_of_containers) {
    mp::Pool pool(2);
    const auto lengths =
        pool.map([](const std::vector<Outside>& all) { return all.at(1).text.size(); },
                 std::vector<std::vector<Outside>>{{{"one"}, {"three"}}, {{""}, {"x"}}});
    EXPECT_EQ(lengths, (std::vector<std::size_t>{5, 1}));
}

TEST(Cereal, what_a_pointer_owns_travels) {
    mp::Pool pool(2);
    const auto made = pool.map([](int i) { return std::make_unique<int>(i + 1); }, {1, 2});
    EXPECT_EQ(*made.at(1), 3);
}

TEST(Cereal, bytes_that_end_too_early_are_an_error) {
    const auto bytes = mp::detail::pack(Outside{"name"});
    for (std::size_t size = 0; size < bytes.size(); ++size)
        EXPECT_THROW(mp::detail::unpack<Outside>(std::span(bytes).first(size)), std::exception);
}
