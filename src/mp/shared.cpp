#include "mp/shared.hpp"

#include "mp/arena.hpp"

namespace mp::detail {

std::shared_ptr<void> allocate_zeroed(std::size_t bytes) {
    return shared_pointer(SharedArena::own().take_zeroed(bytes));
}

bool is_shared(const void* data) noexcept { return SharedArena::own().contains(data, 1); }

} // namespace mp::detail
