#include "mp_mpi/sys/code_map.hpp"

#include <elf.h>
#include <link.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <stdexcept>

namespace mp_mpi {

namespace {

void read_build_id(LoadedObject& object, const char* notes, std::size_t size) {
    for (std::size_t at = 0; at + sizeof(ElfW(Nhdr)) <= size;) {
        ElfW(Nhdr) note;
        std::memcpy(&note, notes + at, sizeof note);
        const auto aligned = [](std::size_t bytes) { return (bytes + 3) / 4 * 4; };
        const std::size_t name = at + sizeof note, data = name + aligned(note.n_namesz);
        if (data + note.n_descsz > size) return;
        if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == 4 &&
            std::memcmp(notes + name, "GNU", 4) == 0) {
            object.id_size = std::min<std::uint32_t>(note.n_descsz, 20);
            std::memcpy(object.id.data(), notes + data, object.id_size);
            return;
        }
        at = data + aligned(note.n_descsz);
    }
}

int add(dl_phdr_info* info, std::size_t, void* to) {
    LoadedObject object;
    object.begin = ~std::uint64_t{0};
    for (int i = 0; i < info->dlpi_phnum; ++i) {
        const ElfW(Phdr)& part = info->dlpi_phdr[i];
        const std::uint64_t begin = info->dlpi_addr + part.p_vaddr;
        if (part.p_type == PT_LOAD) {
            object.begin = std::min(object.begin, begin);
            object.end = std::max(object.end, begin + part.p_memsz);
        } else if (part.p_type == PT_NOTE && object.id_size == 0) {
            read_build_id(object, reinterpret_cast<const char*>(begin), part.p_memsz);
        }
    }
    if (object.end == 0) return 0;
    const char* slash = std::strrchr(info->dlpi_name, '/');
    std::snprintf(object.name.data(), object.name.size(), "%s",
                  slash != nullptr ? slash + 1 : info->dlpi_name);
    static_cast<std::vector<LoadedObject>*>(to)->push_back(object);
    return 0;
}

} // namespace

std::string LoadedObject::id_text() const {
    std::string text;
    for (std::uint32_t i = 0; i < std::min(id_size, 8U); ++i) {
        std::array<char, 3> digits{};
        std::snprintf(digits.data(), digits.size(), "%02x", id[i]);
        text += digits.data();
    }
    return text.empty() ? "none" : text;
}

std::vector<LoadedObject> loaded_objects() {
    std::vector<LoadedObject> objects;
    dl_iterate_phdr(add, &objects);
    return objects;
}

CodeMap::CodeMap(std::vector<LoadedObject> there, const std::vector<LoadedObject>& local) {
    for (const LoadedObject& object : there) {
        const auto same = std::ranges::find_if(
            local, [&](const LoadedObject& m) { return m.is_same_build(object); });
        entries_.push_back({object, same != local.end() ? same->begin : 0});
    }
    std::ranges::sort(entries_, {}, [](const Entry& entry) { return entry.there.begin; });
}

std::optional<std::uint64_t> CodeMap::local_address(std::uint64_t there) const {
    const auto after = std::ranges::upper_bound(
        entries_, there, {}, [](const Entry& entry) { return entry.there.begin; });
    if (after == entries_.begin()) return std::nullopt;
    const Entry& entry = *(after - 1);
    if (there >= entry.there.end) return std::nullopt;
    if (entry.local_begin == 0)
        throw std::runtime_error(std::string("mp: the task needs ") + entry.there.name.data() +
                                 " (build " + entry.there.id_text() +
                                 "), which is not loaded here in the same build");
    return entry.local_begin + (there - entry.there.begin);
}

void CodeMap::translate(std::byte* closure, std::size_t size) const {
    for (std::size_t at = 0; at + sizeof(std::uint64_t) <= size; at += sizeof(std::uint64_t)) {
        std::uint64_t word = 0;
        std::memcpy(&word, closure + at, sizeof word);
        if (const auto found = local_address(word)) std::memcpy(closure + at, &*found, sizeof word);
    }
}

} // namespace mp_mpi
