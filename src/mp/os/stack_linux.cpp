#include <pthread.h>

#include "mp/os/stack.hpp"

namespace mp::os {

StackRange current_stack() noexcept {
    // Cached: for the main thread the C library parses /proc/self/maps.
    static thread_local StackRange range;
    if (range.high != 0) return range;
    pthread_attr_t attributes;
    if (::pthread_getattr_np(::pthread_self(), &attributes) != 0) return range;
    void* low = nullptr;
    std::size_t size = 0;
    if (::pthread_attr_getstack(&attributes, &low, &size) == 0) {
        range.low = reinterpret_cast<std::uintptr_t>(low);
        range.high = range.low + size;
    }
    ::pthread_attr_destroy(&attributes);
    return range;
}

} // namespace mp::os
