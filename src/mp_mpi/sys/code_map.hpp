#pragma once

/// The program and its libraries as they lie in memory, so that an address in one rank's can be
/// found in another's.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace mp_mpi {

/// One of them. Its build id is the linker's hash of all that is in it.
struct LoadedObject {
    std::uint64_t begin = 0, end = 0; ///< addresses in this process
    std::array<std::uint8_t, 20> id{};
    std::uint32_t id_size = 0;
    std::array<char, 44> name{}; ///< the file's, without folders; empty: the program
    /// 16 hexadecimal digits of the build id.
    std::string id_text() const;
    bool is_same_build(const LoadedObject& other) const {
        return id_size != 0 && id_size == other.id_size && id == other.id;
    }
};

/// The program first.
std::vector<LoadedObject> loaded_objects();

/// Finds what lies at an address of another process here. Offsets in a module of the same build
/// are the same.
class CodeMap {
public:
    CodeMap() = default;
    CodeMap(std::vector<LoadedObject> there, const std::vector<LoadedObject>& local);

    /// Empty for an address that is in none of the other's modules. Errors: std::runtime_error when
    /// its module is not here, or in another build.
    std::optional<std::uint64_t> local_address(std::uint64_t there) const;
    /// Translates every word of it that is such an address: of functions, and of constants.
    void translate(std::byte* closure, std::size_t size) const;

private:
    struct Entry {
        LoadedObject there;
        std::uint64_t local_begin; ///< 0: it is not here
    };
    std::vector<Entry> entries_; // by address
};

} // namespace mp_mpi
