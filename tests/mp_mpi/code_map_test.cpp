#include "mp_mpi/sys/code_map.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <string_view>
#include <vector>

namespace {

using mp_mpi::CodeMap, mp_mpi::LoadedObject;

LoadedObject object_at(std::uint64_t begin, std::uint64_t size, std::uint8_t id) {
    LoadedObject made;
    made.begin = begin;
    made.end = begin + size;
    made.id[0] = id;
    made.id_size = 20;
    std::memcpy(made.name.data(), "lib.so", 7);
    return made;
}

TEST(CodeMap, an_address_is_found_at_the_same_offset_of_the_same_build) {
    const CodeMap map({object_at(0x9000, 0x1000, 2), object_at(0x1000, 0x1000, 1)},
                      {object_at(0x50000, 0x1000, 1), object_at(0x70000, 0x1000, 2)});
    EXPECT_EQ(map.local_address(0x1000), 0x50000U);
    EXPECT_EQ(map.local_address(0x1fff), 0x50fffU);
    EXPECT_EQ(map.local_address(0x9123), 0x70123U);
}

TEST(CodeMap, what_lies_in_no_object_is_no_address) {
    const CodeMap map({object_at(0x1000, 0x1000, 1)}, {object_at(0x50000, 0x1000, 1)});
    for (const std::uint64_t each :
         {std::uint64_t{0}, std::uint64_t{0xfff}, std::uint64_t{0x2000}, ~std::uint64_t{0}})
        EXPECT_EQ(map.local_address(each), std::nullopt) << each;
    EXPECT_EQ(CodeMap().local_address(0x1000), std::nullopt);
}

TEST(CodeMap, another_build_is_named) {
    const CodeMap map({object_at(0x1000, 0x1000, 1)}, {object_at(0x50000, 0x1000, 2)});
    try {
        static_cast<void>(map.local_address(0x1800));
        FAIL() << "nothing was thrown";
    } catch (const std::runtime_error& error) {
        EXPECT_NE(std::string_view(error.what()).find("lib.so"), std::string_view::npos);
        EXPECT_NE(std::string_view(error.what()).find("0100000000000000"), std::string_view::npos);
    }
}

TEST(CodeMap, objects_without_a_build_id_are_never_the_same) {
    LoadedObject none = object_at(0x1000, 0x1000, 0);
    none.id_size = 0;
    EXPECT_FALSE(none.is_same_build(none));
    EXPECT_THROW(static_cast<void>(CodeMap({none}, {none}).local_address(0x1000)),
                 std::runtime_error);
}

TEST(CodeMap, the_words_of_a_closure_that_are_addresses_are_translated) {
    const CodeMap map({object_at(0x1000, 0x1000, 1)}, {object_at(0x50000, 0x1000, 1)});
    std::array<std::uint64_t, 4> words = {0x1010, 7, 0x1fff, 0x1020};
    map.translate(reinterpret_cast<std::byte*>(words.data()), 3 * sizeof words[0] + 4);
    EXPECT_EQ(words, (std::array<std::uint64_t, 4>{0x50010, 7, 0x50fff, 0x1020}));
}

TEST(CodeMap, this_program_is_its_first_object) {
    const std::vector<LoadedObject> objects = mp_mpi::loaded_objects();
    ASSERT_GT(objects.size(), 1U);
    const auto address = reinterpret_cast<std::uint64_t>(&object_at);
    EXPECT_GE(address, objects.front().begin);
    EXPECT_LT(address, objects.front().end);
    EXPECT_EQ(CodeMap(objects, objects).local_address(address), address);
}

} // namespace
