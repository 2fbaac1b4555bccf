#include "mpworkshop/sys/temporary_folder.hpp"

#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "mpworkshop/sys/descriptor.hpp"

namespace mpworkshop::sys {

TemporaryFolder::TemporaryFolder() {
    std::string pattern = std::filesystem::temp_directory_path() / "mpworkshop-XXXXXX";
    if (::mkdtemp(pattern.data()) == nullptr) fail("cannot make a temporary folder");
    path_ = pattern;
}

TemporaryFolder::~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

} // namespace mpworkshop::sys
