#pragma once

#include <string>

namespace mp::os {

/// The folder of the program's file, and of the file that contains this code; without a trailing
/// slash.
std::string program_folder();
std::string library_folder();

bool file_exists(const std::string& path) noexcept;

/// Returns whether this program can load libraries: a statically linked one cannot.
bool can_load_libraries() noexcept;

/// Loads a library permanently and returns the address of one of its symbols. If that fails, `why`
/// is the loader's message.
void* symbol_of_library(const std::string& path, const char* symbol, std::string& why);

} // namespace mp::os
