#include "mpworkshop/sys/descriptor.hpp"

#include <unistd.h>

#include <system_error>

namespace mpworkshop::sys {

void Descriptor::close() noexcept {
    if (number_ >= 0) ::close(std::exchange(number_, -1));
}

void fail(const char* what, int code) {
    throw std::system_error(code, std::generic_category(), what);
}

} // namespace mpworkshop::sys
