#pragma once

#include <string>
#include <vector>

#include "mpworkshop/practice/task.hpp"

/// How a learner's C++ program is built.
namespace mpworkshop::practice {

/// A compiler, and the library mp that this program came with.
struct BuildSetup {
    std::string compiler;                   ///< empty if there is none
    std::vector<std::string> compile_flags; ///< before the file
    std::vector<std::string> link_flags;    ///< after it
    bool has_mp = false;

    std::vector<std::string> command(const std::string& file, const std::string& program) const;
};

/// Looks beside this program, as in a build folder, then where it is installed, then asks
/// pkg-config. CXX, in the environment, names another compiler.
BuildSetup find_build_setup();

/// The value of an entry in a CMakeCache.txt; empty if there is none.
std::string cache_entry(std::string_view cache, std::string_view name);

} // namespace mpworkshop::practice
