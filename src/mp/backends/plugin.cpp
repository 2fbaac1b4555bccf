#include "mp/plugin.hpp"

#include <stdexcept>
#include <vector>

#include "mp/os/library.hpp"

namespace mp::detail {

namespace {

// Beside the program, as in the build folder; beside libmp; where an install puts both; and where
// Debian wants a library that no linker should find.
std::string find(const std::string& file) {
    std::vector<std::string> folders = {os::program_folder(), os::library_folder()};
    folders.push_back(folders.front() + "/../" MP_LIBDIR "/mp");
    folders.push_back(folders.front() + "/../" MP_LIBDIR);
    for (const std::string& folder : folders)
        if (os::file_exists(folder + "/" + file)) return folder + "/" + file;
    throw std::runtime_error("mp: there is no " + file + " beside the program in " +
                             folders.front() + ", nor in " + folders.back() +
                             "; it is built where CMake finds MPI (on Debian: apt-get install "
                             "libopenmpi-dev)");
}

} // namespace

const Plugin& load_plugin(const RanksOptions& options) {
    if (!os::can_load_libraries())
        throw std::runtime_error("mp: this program is linked statically and loads no plugins; for "
                                 "the backend " +
                                 options.backend + " build it from its sources, with ./run");
    const std::string file = "libmp_" + options.backend + ".so";
    std::string path = options.plugin;
    if (path.empty()) path = find(file);
    if (path.find('/') == std::string::npos)
        path.insert(0, "./"); // what was given is a file's name
    std::string why;
    const void* found = os::symbol_of_library(path, "mp_plugin", why);
    if (found == nullptr && !os::file_exists(path))
        throw std::runtime_error("mp: there is no file " + path + " to load as a plugin");
    if (found == nullptr && why.find("libmpi") != std::string::npos)
        throw std::runtime_error("mp: MPI is missing (" + why +
                                 "); on Debian: apt-get install openmpi-bin, on a cluster: module "
                                 "load openmpi");
    if (found == nullptr)
        throw std::runtime_error("mp: cannot load the plugin " + path + ": " + why);
    const auto& plugin = *static_cast<const Plugin*>(found);
    if (plugin.abi != Plugin::current_abi)
        throw std::runtime_error("mp: the plugin " + path +
                                 " was built for another version of the library; build both anew");
    return plugin;
}

} // namespace mp::detail
