#include "mpworkshop/practice/build.hpp"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <sstream>
#include <system_error>

#include "mpworkshop/sys/command.hpp"
#include "mpworkshop/sys/machine.hpp"
#include "mpworkshop/sys/search_path.hpp"

namespace mpworkshop::practice {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> words_of(const std::string& text) {
    std::istringstream stream(text);
    return {std::istream_iterator<std::string>(stream), {}};
}

bool is_there(const fs::path& path) {
    std::error_code ignored;
    return fs::exists(path, ignored);
}

/// Where the library is, and what it takes to use it.
struct Library {
    std::vector<std::string> compile_flags, link_flags;
    std::string compiler = {}; ///< that it was built with, where that is known
};

Library in_folders(const std::string& headers, const fs::path& library) {
    Library found = {{"-I" + headers}, {library.string(), "-pthread", "-ldl", "-rdynamic"}};
    if (library.extension() == ".so")
        found.link_flags.push_back("-Wl,-rpath," + library.parent_path().string());
    return found;
}

/// The library file in a folder.
std::optional<fs::path> library_in(const fs::path& folder) {
    for (const char* name : {"libmp.a", "libmp.so"})
        if (is_there(folder / name)) return folder / name;
    return {};
}

std::optional<Library> in_build_folder(const fs::path& folder) {
    const auto library = library_in(folder);
    std::ifstream file(folder / "CMakeCache.txt");
    const std::string cache(std::istreambuf_iterator<char>(file), {});
    const fs::path source = cache_entry(cache, "CMAKE_HOME_DIRECTORY");
    if (!library || !is_there(source / "src/mp/mp.hpp")) return {};
    Library found = in_folders((source / "src").string(), *library);
    found.compiler = cache_entry(cache, "CMAKE_CXX_COMPILER");
    std::string type = cache_entry(cache, "CMAKE_BUILD_TYPE");
    std::ranges::transform(type, type.begin(),
                           [](unsigned char c) { return char(std::toupper(c)); });
    for (const std::string& flag : words_of(cache_entry(cache, "CMAKE_CXX_FLAGS_" + type)))
        if (flag.starts_with("-fsanitize")) found.compile_flags.push_back(flag);
    return found;
}

std::optional<Library> installed(const fs::path& prefix) {
    if (!is_there(prefix / "include/mp/mp.hpp")) return {};
    const std::string machine = sys::machine().architecture + "-";
    std::error_code ignored;
    for (const char* name : {"lib", "lib64"}) {
        if (const auto library = library_in(prefix / name))
            return in_folders((prefix / "include").string(), *library);
        // As Debian has it: lib/x86_64-linux-gnu, perhaps beside those of other machines.
        for (const auto& each : fs::directory_iterator(prefix / name, ignored))
            if (const auto library = library_in(each.path());
                library && each.path().filename().string().starts_with(machine))
                return in_folders((prefix / "include").string(), *library);
    }
    return {};
}

std::optional<Library> by_pkg_config() {
    if (sys::find_program("pkg-config").empty()) return {};
    const auto asked = [](const char* what) {
        return sys::run_command({"pkg-config", what, "mp"});
    };
    const sys::Ended compile = asked("--cflags"), link = asked("--libs");
    if (compile.status != 0 || link.status != 0) return {};
    return Library{words_of(compile.out), words_of(link.out)};
}

std::optional<Library> find_library() {
    const fs::path folder = fs::path(sys::path_of_this_program()).parent_path();
    if (auto found = in_build_folder(folder)) return found;
    if (auto found = installed(folder.parent_path())) return found;
    return by_pkg_config();
}

std::string find_compiler(const std::string& usual) {
    std::vector<std::string> names;
    if (const char* chosen = std::getenv("CXX"); // NOLINT(concurrency-mt-unsafe)
        chosen != nullptr && *chosen != '\0')
        names.emplace_back(chosen);
    if (!usual.empty()) names.push_back(usual);
    for (const char* name : {"c++", "g++", "clang++"}) names.emplace_back(name);
    for (const std::string& name : names)
        if (!sys::find_program(name).empty()) return name;
    return "";
}

} // namespace

std::vector<std::string> BuildSetup::command(const std::string& file,
                                             const std::string& program) const {
    std::vector<std::string> words = {compiler, "-std=c++20", "-O2"};
    words.insert(words.end(), compile_flags.begin(), compile_flags.end());
    words.push_back(file);
    words.insert(words.end(), link_flags.begin(), link_flags.end());
    words.insert(words.end(), {"-o", program});
    return words;
}

BuildSetup find_build_setup() {
    const std::optional<Library> library = find_library();
    if (!library)
        return {.compiler = find_compiler(""), .compile_flags = {}, .link_flags = {"-pthread"}};
    return {.compiler = find_compiler(library->compiler),
            .compile_flags = library->compile_flags,
            .link_flags = library->link_flags,
            .has_mp = true};
}

std::string cache_entry(std::string_view cache, std::string_view name) {
    while (!cache.empty()) {
        const std::size_t end = cache.find('\n');
        const std::string_view line = cache.substr(0, end);
        cache.remove_prefix(end == cache.npos ? cache.size() : end + 1);
        const std::size_t equals = line.find('=');
        if (line.starts_with(name) && line.substr(name.size()).starts_with(':') &&
            equals != line.npos)
            return std::string(line.substr(equals + 1));
    }
    return "";
}

} // namespace mpworkshop::practice
