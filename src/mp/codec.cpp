#include "mp/codec.hpp"

#include <cstring>
#include <stdexcept>

namespace mp {

void InputArchive::read(void* to, std::size_t size) {
    if (size > left_.size()) detail::refuse_bytes();
    if (size != 0) std::memcpy(to, left_.data(), size);
    left_ = left_.subspan(size);
}

std::size_t InputArchive::read_count(std::size_t size) {
    const auto count = load<std::uint64_t>();
    if (size != 0 && count > left_.size() / size) detail::refuse_bytes();
    return count;
}

void detail::refuse_bytes() {
    throw std::runtime_error("mp: the bytes of a value are damaged or end too early");
}

} // namespace mp
