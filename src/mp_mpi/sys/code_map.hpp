#pragma once

/// The program and its libraries as loaded in memory, so that an address in one rank can be
/// translated to another rank's.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace mp_mpi {

/// One loaded file. Its build id is the linker's hash of its contents.
struct LoadedObject {
    std::uint64_t begin = 0, end = 0; ///< addresses in this process
    std::array<std::uint8_t, 20> id{};
    std::uint32_t id_size = 0;
    std::array<char, 44> name{}; ///< the file name, without folders; empty: the program
    /// 16 hexadecimal digits of the build id.
    std::string id_text() const;
    bool is_same_build(const LoadedObject& other) const {
        return id_size != 0 && id_size == other.id_size && id == other.id;
    }
};

/// The program first.
std::vector<LoadedObject> loaded_objects();

/// Translates addresses of another process to this one. Offsets in a module of the same build are
/// equal.
class CodeMap {
public:
    CodeMap() = default;
    CodeMap(std::vector<LoadedObject> there, const std::vector<LoadedObject>& local);

    /// Empty for an address that is in none of the other's modules. Errors: std::runtime_error when
    /// its module is not loaded here, or is of another build.
    std::optional<std::uint64_t> local_address(std::uint64_t there) const;
    /// Translates each word that is such an address of a function or constant.
    void translate(std::byte* closure, std::size_t size) const;

private:
    struct Entry {
        LoadedObject there;
        std::uint64_t local_begin; ///< 0: not loaded here
    };
    std::vector<Entry> entries_; // sorted by address
};

} // namespace mp_mpi
