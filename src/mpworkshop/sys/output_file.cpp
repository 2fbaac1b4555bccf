#include "mpworkshop/sys/output_file.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <stdexcept>
#include <system_error>

#include "mpworkshop/sys/file.hpp"
#include "mpworkshop/text/text.hpp"

namespace mpworkshop::sys {
namespace {

[[noreturn]] void cannot_write(const std::string& path, int code = errno) {
    const std::string why =
        code == EISDIR ? "it is a folder" : std::generic_category().message(code);
    throw std::runtime_error("cannot write " + text::printable(path) + ": " + why +
                             "; give another file, or - for standard output");
}

} // namespace

void write_all(const std::string& path, std::string_view text) {
    if (path == "-") {
        std::fwrite(text.data(), 1, text.size(), stdout); // finish_output() reports errors
        return;
    }
    write_file(path, text);
}

void expect_writable(const std::string& path) {
    if (path == "-") return;
    struct stat about = {};
    if (::stat(path.c_str(), &about) == 0) {
        if (S_ISDIR(about.st_mode)) cannot_write(path, EISDIR);
        if (::access(path.c_str(), W_OK) != 0) cannot_write(path);
        return;
    }
    const std::size_t slash = path.rfind('/');
    const std::string folder = slash == path.npos ? "." : path.substr(0, slash + 1);
    if (::access(folder.c_str(), W_OK | X_OK) != 0) cannot_write(path);
}

} // namespace mpworkshop::sys
