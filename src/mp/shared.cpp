#include "mp/shared.hpp"

#include <cstring>

#include "mp/arena.hpp"

namespace mp::detail {

void* shared_allocate(std::size_t bytes) {
    Block block = arena_take(bytes);
    std::memset(block.data, 0, bytes);
    return block.data;
}

bool is_shared(const void* data) noexcept { return arena_contains(data, 1); }

void shared_free(void* data, std::size_t bytes) noexcept {
    if (data != nullptr) arena_release({static_cast<std::byte*>(data), arena_block_size(bytes)});
}

} // namespace mp::detail
