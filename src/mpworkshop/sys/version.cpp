#include "mpworkshop/sys/version.hpp"

#include <fmt/format.h>

namespace mpworkshop {

std::string version() { return MPWORKSHOP_VERSION; }

std::string release_date() { return MPWORKSHOP_DATE; }

std::string compiler() {
#if defined(__clang__)
    return fmt::format("Clang {}.{}.{}", __clang_major__, __clang_minor__, __clang_patchlevel__);
#else
    return fmt::format("GCC {}.{}.{}", __GNUC__, __GNUC_MINOR__, __GNUC_PATCHLEVEL__);
#endif
}

std::string build_type() { return MPWORKSHOP_BUILD_TYPE; }

std::string version_text() {
    return fmt::format("mpworkshop {}\ncompiler {}\nbuild {}\n", version(), compiler(),
                       build_type());
}

} // namespace mpworkshop
