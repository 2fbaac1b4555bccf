#pragma once

#include <string>

namespace mp::os {

/// The folder of the program's file, and of the file that this code lies in; without a slash at the
/// end.
std::string program_folder();
std::string library_folder();

bool file_exists(const std::string& path) noexcept;

/// Whether this program can load libraries: one that is linked statically cannot.
bool can_load_libraries() noexcept;

/// Loads a library for good and returns the address of one of its symbols; its own words in `why`
/// when it cannot.
void* symbol_of_library(const std::string& path, const char* symbol, std::string& why);

} // namespace mp::os
