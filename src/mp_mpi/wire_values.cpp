#include "mp_mpi/wire_values.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace mp_mpi {

namespace {

constexpr std::uint64_t no_value = ~std::uint64_t{0}; // its item failed

std::vector<std::uint64_t> read_sizes(Reader& from, std::size_t count) {
    from.expect(count, sizeof(std::uint64_t));
    std::vector<std::uint64_t> sizes(count);
    for (std::uint64_t& size : sizes) size = from.get<std::uint64_t>();
    return sizes;
}

} // namespace

void put_values(Message& to, const void* values, std::size_t value_size, std::size_t first,
                std::size_t count) {
    if (value_size != 0)
        return to.put_bytes(static_cast<const std::byte*>(values) + first * value_size,
                            times(count, value_size), Message::alignment);
    const auto* packed = static_cast<const mp::detail::Packed*>(values) + first;
    for (std::size_t i = 0; i < count; ++i)
        to.put(packed[i].data != nullptr ? std::uint64_t{packed[i].size} : no_value);
    for (std::size_t i = 0; i < count; ++i)
        if (packed[i].data != nullptr) to.put_bytes(packed[i].data, packed[i].size, 1);
}

Items Items::read(Reader& from, std::size_t item_size, std::size_t count) {
    Items items;
    if (item_size != 0) {
        items.data = from.take(times(count, item_size), Message::alignment);
        return items;
    }
    const std::vector<std::uint64_t> sizes = read_sizes(from, count);
    items.table.resize(count);
    for (std::size_t i = 0; i < count; ++i) items.table[i] = {from.take(sizes[i], 1), sizes[i]};
    items.data = items.table.data();
    return items;
}

void read_results(Reader& from, void* results, std::size_t result_size, std::size_t first,
                  std::size_t count) {
    if (result_size != 0) {
        const std::size_t bytes = times(count, result_size);
        const std::byte* data = from.take(bytes, Message::alignment);
        std::memcpy(static_cast<std::byte*>(results) + first * result_size, data, bytes);
        return;
    }
    auto* packed = static_cast<mp::detail::Packed*>(results) + first;
    const std::vector<std::uint64_t> sizes = read_sizes(from, count);
    for (std::size_t i = 0; i < count; ++i) {
        if (sizes[i] == no_value) continue;
        const std::byte* value = from.take(sizes[i], 1);
        auto* copy = new std::byte[std::max<std::size_t>(sizes[i], 1)];
        std::memcpy(copy, value, sizes[i]);
        packed[i] = {copy, sizes[i]};
    }
}

} // namespace mp_mpi
