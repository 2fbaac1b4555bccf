#include "mp/os/library.hpp"

#ifndef MP_STATIC
#include <dlfcn.h>
#endif
#include <unistd.h>

#include <array>
#include <climits>

namespace mp::os {

namespace {

std::string folder_of(const std::string& path) { return path.substr(0, path.rfind('/')); }

} // namespace

std::string program_folder() {
    std::array<char, PATH_MAX> path{};
    const ssize_t size = ::readlink("/proc/self/exe", path.data(), path.size());
    return size <= 0 ? "" : folder_of({path.data(), static_cast<std::size_t>(size)});
}

bool file_exists(const std::string& path) noexcept { return ::access(path.c_str(), F_OK) == 0; }

#ifdef MP_STATIC

std::string library_folder() { return program_folder(); }

bool can_load_libraries() noexcept { return false; }

void* symbol_of_library(const std::string&, const char*, std::string&) { return nullptr; }

#else

std::string library_folder() {
    Dl_info info{};
    if (::dladdr(reinterpret_cast<const void*>(&file_exists), &info) == 0 ||
        info.dli_fname == nullptr || info.dli_fname[0] != '/')
        return program_folder(); // libmp is part of the program
    return folder_of(info.dli_fname);
}

bool can_load_libraries() noexcept { return true; }

void* symbol_of_library(const std::string& path, const char* symbol, std::string& why) {
    const auto say_why = [&why] {
        const char* words = ::dlerror();
        why = words != nullptr ? words : "";
        return nullptr;
    };
    // Global, because MPI's own plugins look for MPI's symbols there.
    void* library = ::dlopen(path.c_str(), RTLD_NOW | RTLD_GLOBAL);
    if (library == nullptr) return say_why();
    void* address = ::dlsym(library, symbol);
    return address != nullptr ? address : say_why();
}

#endif

} // namespace mp::os
