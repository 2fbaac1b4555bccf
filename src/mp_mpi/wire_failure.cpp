#include "mp_mpi/wire_failure.hpp"

#include <cstring>
#include <mp/failure.hpp>
#include <new>
#include <utility>

namespace mp_mpi {

Failed::Failed(std::size_t item, mp::Fate fate, pid_t pid, int status, std::string why,
               std::string type_name)
    : facts{.item = item,
            .fate = static_cast<std::uint32_t>(fate),
            .pid = pid,
            .status = status,
            .what_size = why.size(),
            .type_size = type_name.size()},
      what(std::move(why)), type(std::move(type_name)) {}

Failed Failed::current(std::size_t item) {
    mp::detail::Failure failure = mp::detail::current_failure();
    return {item, mp::Fate::threw,         mp::this_process::pid(),
            0,    std::move(failure.what), std::move(failure.type_name)};
}

Failed Failed::noted(const mp::FailureNote& note) {
    std::string what, type;
    if (note.text != nullptr) {
        what.assign(note.text, note.what_size);
        type.assign(note.text + note.what_size, note.type_size);
    }
    return {note.item, note.fate, note.pid, note.status, std::move(what), std::move(type)};
}

mp::FailureNote* Failed::note(int rank, const std::string& host) const {
    const std::string text = what + type + host;
    auto* memory = new std::byte[sizeof(mp::FailureNote) + text.size()];
    auto* words = reinterpret_cast<char*>(memory + sizeof(mp::FailureNote));
    std::memcpy(words, text.data(), text.size());
    return ::new (memory) mp::FailureNote{.item = facts.item,
                                          .pid = facts.pid,
                                          .fate = fate(),
                                          .status = facts.status,
                                          .what_size = what.size(),
                                          .type_size = type.size(),
                                          .text = words,
                                          .host_size = host.size(),
                                          .rank = rank};
}

void put_failures(Message& answer, const std::vector<Failed>& failures) {
    answer.header().flags = static_cast<std::uint32_t>(failures.size());
    for (const Failed& each : failures) {
        answer.put(each.facts);
        answer.put_bytes(each.what.data(), each.what.size(), 1);
        answer.put_bytes(each.type.data(), each.type.size(), 1);
    }
}

std::vector<Failed> read_failures(Reader& from, const Header& header) {
    from.expect(header.flags, sizeof(FailureFacts));
    std::vector<Failed> failures(header.flags);
    for (Failed& each : failures) {
        each.facts = from.get<FailureFacts>();
        each.what = from.text(each.facts.what_size);
        each.type = from.text(each.facts.type_size);
    }
    return failures;
}

} // namespace mp_mpi
