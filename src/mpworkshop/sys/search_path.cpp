#include "mpworkshop/sys/search_path.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>

namespace mpworkshop::sys {

std::string find_program(std::string_view name) {
    const char* variable =
        std::getenv("PATH"); // NOLINT(concurrency-mt-unsafe): nothing here changes the environment
    std::string_view folders = variable == nullptr ? "/usr/local/bin:/usr/bin:/bin" : variable;
    for (bool more = true; more;) {
        const std::size_t colon = folders.find(':');
        std::string path(folders.substr(0, colon));
        if (path.empty()) path = "."; // so PATH is read, for better or worse
        (path += '/') += name;
        struct stat about = {};
        if (::stat(path.c_str(), &about) == 0 && S_ISREG(about.st_mode) &&
            ::access(path.c_str(), X_OK) == 0)
            return path;
        more = colon != folders.npos;
        if (more) folders.remove_prefix(colon + 1);
    }
    return "";
}

} // namespace mpworkshop::sys
