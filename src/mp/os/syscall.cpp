#include "mp/os/syscall.hpp"

#include <string>
#include <system_error>

namespace mp::os {

std::atomic<FaultHook> fault_hook{nullptr};

void fail(const char* attempted) {
    throw std::system_error(errno, std::generic_category(), std::string("mp: cannot ") + attempted);
}

} // namespace mp::os
