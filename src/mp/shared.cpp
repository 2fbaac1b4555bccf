#include "mp/shared.hpp"

#include "mp/arena.hpp"

namespace mp::detail {

void* shared_allocate(std::size_t bytes) { return arena_take_zeroed(bytes).data; }

bool is_shared(const void* data) noexcept { return arena_contains(data, 1); }

void shared_free(void* data, std::size_t bytes) noexcept {
    arena_release_zeroed(static_cast<std::byte*>(data), bytes);
}

} // namespace mp::detail
