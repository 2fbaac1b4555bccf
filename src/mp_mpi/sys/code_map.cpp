#include "mp_mpi/sys/code_map.hpp"

#include <elf.h>
#include <link.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <stdexcept>

namespace mp_mpi {

namespace {

void read_build_id(Module& module, const char* notes, std::size_t size) {
    for (std::size_t at = 0; at + sizeof(ElfW(Nhdr)) <= size;) {
        ElfW(Nhdr) note;
        std::memcpy(&note, notes + at, sizeof note);
        const auto aligned = [](std::size_t bytes) { return (bytes + 3) / 4 * 4; };
        const std::size_t name = at + sizeof note, data = name + aligned(note.n_namesz);
        if (data + note.n_descsz > size) return;
        if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == 4 &&
            std::memcmp(notes + name, "GNU", 4) == 0) {
            module.id_size = std::min<std::uint32_t>(note.n_descsz, 20);
            std::memcpy(module.id.data(), notes + data, module.id_size);
            return;
        }
        at = data + aligned(note.n_descsz);
    }
}

int add(dl_phdr_info* info, std::size_t, void* to) {
    Module module;
    module.begin = ~std::uint64_t{0};
    for (int i = 0; i < info->dlpi_phnum; ++i) {
        const ElfW(Phdr)& part = info->dlpi_phdr[i];
        const std::uint64_t begin = info->dlpi_addr + part.p_vaddr;
        if (part.p_type == PT_LOAD) {
            module.begin = std::min(module.begin, begin);
            module.end = std::max(module.end, begin + part.p_memsz);
        } else if (part.p_type == PT_NOTE && module.id_size == 0) {
            read_build_id(module, reinterpret_cast<const char*>(begin), part.p_memsz);
        }
    }
    if (module.end == 0) return 0;
    const char* slash = std::strrchr(info->dlpi_name, '/');
    std::snprintf(module.name.data(), module.name.size(), "%s",
                  slash != nullptr ? slash + 1 : info->dlpi_name);
    static_cast<std::vector<Module>*>(to)->push_back(module);
    return 0;
}

} // namespace

std::string Module::id_text() const {
    std::string text;
    for (std::uint32_t i = 0; i < std::min(id_size, 8U); ++i) {
        std::array<char, 3> digits{};
        std::snprintf(digits.data(), digits.size(), "%02x", id[i]);
        text += digits.data();
    }
    return text.empty() ? "none" : text;
}

std::vector<Module> modules_here() {
    std::vector<Module> modules;
    dl_iterate_phdr(add, &modules);
    return modules;
}

Translation::Translation(std::vector<Module> there, const std::vector<Module>& here) {
    for (const Module& module : there) {
        const auto same =
            std::ranges::find_if(here, [&](const Module& m) { return m.is_same_build(module); });
        entries_.push_back({module, same != here.end() ? same->begin : 0});
    }
    std::ranges::sort(entries_, {}, [](const Entry& entry) { return entry.there.begin; });
}

std::optional<std::uint64_t> Translation::here(std::uint64_t there) const {
    const auto after = std::ranges::upper_bound(
        entries_, there, {}, [](const Entry& entry) { return entry.there.begin; });
    if (after == entries_.begin()) return std::nullopt;
    const Entry& entry = *(after - 1);
    if (there >= entry.there.end) return std::nullopt;
    if (entry.begin_here == 0)
        throw std::runtime_error(std::string("mp: the task needs ") + entry.there.name.data() +
                                 " (build " + entry.there.id_text() +
                                 "), which is not loaded here in the same build");
    return entry.begin_here + (there - entry.there.begin);
}

void Translation::translate(std::byte* closure, std::size_t size) const {
    for (std::size_t at = 0; at + sizeof(std::uint64_t) <= size; at += sizeof(std::uint64_t)) {
        std::uint64_t word = 0;
        std::memcpy(&word, closure + at, sizeof word);
        if (const auto found = here(word)) std::memcpy(closure + at, &*found, sizeof word);
    }
}

} // namespace mp_mpi
