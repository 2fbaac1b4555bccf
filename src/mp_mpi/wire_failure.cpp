#include "mp_mpi/wire_failure.hpp"

#include <cstring>
#include <mp/failure.hpp>
#include <new>
#include <utility>

namespace mp_mpi {

RemoteFailure::RemoteFailure(std::size_t item, mp::detail::Fate fate, pid_t pid, int status,
                             std::string why, std::string type_name)
    : wire{.item = item,
           .fate = static_cast<std::uint32_t>(fate),
           .pid = pid,
           .status = status,
           .what_size = why.size(),
           .type_size = type_name.size()},
      what(std::move(why)), type(std::move(type_name)) {}

RemoteFailure RemoteFailure::current(std::size_t item) {
    mp::detail::Failure failure = mp::detail::current_failure();
    return {item, mp::detail::Fate::threw, mp::this_process::pid(),
            0,    std::move(failure.what), std::move(failure.type_name)};
}

RemoteFailure RemoteFailure::noted(const mp::detail::FailureNote& note) {
    std::string what, type;
    if (note.text != nullptr) {
        what.assign(note.text, note.what_size);
        type.assign(note.text + note.what_size, note.type_size);
    }
    return {note.item, note.fate, note.pid, note.status, std::move(what), std::move(type)};
}

mp::detail::FailureNote* RemoteFailure::note(int rank, const std::string& host) const {
    const std::string text = what + type + host;
    auto* memory = new std::byte[sizeof(mp::detail::FailureNote) + text.size()];
    auto* words = reinterpret_cast<char*>(memory + sizeof(mp::detail::FailureNote));
    std::memcpy(words, text.data(), text.size());
    return ::new (memory) mp::detail::FailureNote{.item = wire.item,
                                                  .pid = wire.pid,
                                                  .fate = fate(),
                                                  .status = wire.status,
                                                  .what_size = what.size(),
                                                  .type_size = type.size(),
                                                  .text = words,
                                                  .host_size = host.size(),
                                                  .rank = rank};
}

void put_failures(Message& answer, const std::vector<RemoteFailure>& failures) {
    answer.header().flags = static_cast<std::uint32_t>(failures.size());
    for (const RemoteFailure& each : failures) {
        answer.put(each.wire);
        answer.put_bytes(each.what.data(), each.what.size(), 1);
        answer.put_bytes(each.type.data(), each.type.size(), 1);
    }
}

std::vector<RemoteFailure> read_failures(Reader& from, const Header& header) {
    from.expect(header.flags, sizeof(WireFailure));
    std::vector<RemoteFailure> failures(header.flags);
    for (RemoteFailure& each : failures) {
        each.wire = from.get<WireFailure>();
        each.what = from.text(each.wire.what_size);
        each.type = from.text(each.wire.type_size);
    }
    return failures;
}

} // namespace mp_mpi
