#include "mp_mpi/wire.hpp"

#include <algorithm>
#include <cstring>
#include <mp/failure.hpp>
#include <new>
#include <utility>

#include "mp_mpi/clock.hpp"

namespace mp_mpi {

namespace {

constexpr std::uint64_t no_value = ~std::uint64_t{0}; // its item failed

std::vector<std::uint64_t> read_sizes(Reader& from, std::size_t count) {
    from.expect(count, sizeof(std::uint64_t));
    std::vector<std::uint64_t> sizes(count);
    for (std::uint64_t& size : sizes) size = from.get<std::uint64_t>();
    return sizes;
}

} // namespace

void put_values(Message& to, const void* values, std::size_t value_size, std::size_t first,
                std::size_t count) {
    if (value_size != 0)
        return to.put_bytes(static_cast<const std::byte*>(values) + first * value_size,
                            times(count, value_size), Message::alignment);
    const auto* packed = static_cast<const mp::detail::Packed*>(values) + first;
    for (std::size_t i = 0; i < count; ++i)
        to.put(packed[i].data != nullptr ? std::uint64_t{packed[i].size} : no_value);
    for (std::size_t i = 0; i < count; ++i)
        if (packed[i].data != nullptr) to.put_bytes(packed[i].data, packed[i].size, 1);
}

Items Items::read(Reader& from, std::size_t item_size, std::size_t count) {
    Items items;
    if (item_size != 0) {
        items.data = from.take(times(count, item_size), Message::alignment);
        return items;
    }
    const std::vector<std::uint64_t> sizes = read_sizes(from, count);
    items.table.resize(count);
    for (std::size_t i = 0; i < count; ++i) items.table[i] = {from.take(sizes[i], 1), sizes[i]};
    items.data = items.table.data();
    return items;
}

void Items::copy_to(std::byte* to, std::size_t bytes) {
    if (table.empty()) {
        std::memcpy(to, data, bytes);
    } else {
        std::byte* at = to + table.size() * sizeof(mp::detail::Packed);
        for (mp::detail::Packed& each : table) {
            std::memcpy(at, each.data, each.size);
            each.data = std::exchange(at, at + each.size);
        }
        std::memcpy(to, table.data(), table.size() * sizeof(mp::detail::Packed));
    }
    data = to;
}

void read_results(Reader& from, void* results, std::size_t result_size, std::size_t first,
                  std::size_t count) {
    if (result_size != 0) {
        const std::size_t bytes = times(count, result_size);
        const std::byte* data = from.take(bytes, Message::alignment);
        std::memcpy(static_cast<std::byte*>(results) + first * result_size, data, bytes);
        return;
    }
    auto* packed = static_cast<mp::detail::Packed*>(results) + first;
    const std::vector<std::uint64_t> sizes = read_sizes(from, count);
    for (std::size_t i = 0; i < count; ++i) {
        if (sizes[i] == no_value) continue;
        const std::byte* value = from.take(sizes[i], 1);
        auto* copy = new std::byte[std::max<std::size_t>(sizes[i], 1)];
        std::memcpy(copy, value, sizes[i]);
        packed[i] = {copy, sizes[i]};
    }
}

OwnedNote make_note(mp::detail::FailureNote note, std::string_view text, const Endpoint& at) {
    auto* memory = new std::byte[sizeof note + text.size() + at.host.size()];
    auto* words = reinterpret_cast<char*>(memory + sizeof note);
    text.copy(words, text.size());
    at.host.copy(words + text.size(), at.host.size());
    note.text = text.empty() ? nullptr : words;
    note.host_size = at.host.size();
    note.rank = at.rank;
    return OwnedNote(::new (memory) mp::detail::FailureNote(note));
}

OwnedNote current_note(std::size_t item, const Endpoint& at) {
    const mp::detail::Failure failure = mp::detail::current_failure();
    return make_note({.item = item,
                      .pid = mp::this_process::pid(),
                      .fate = mp::detail::Fate::threw,
                      .status = 0,
                      .what_size = failure.what.size(),
                      .type_size = failure.type_name.size(),
                      .text = nullptr},
                     failure.what + failure.type_name, at);
}

void put_failures(Message& to, const std::vector<mp::detail::FailureNote>& failures) {
    to.put(std::uint64_t{failures.size()});
    for (mp::detail::FailureNote each : failures) {
        const char* const text = std::exchange(each.text, nullptr);
        if (text == nullptr) each.what_size = each.type_size = 0;
        to.put(each);
        to.put_bytes(text, each.what_size + each.type_size, 1);
    }
}

std::vector<OwnedNote> read_failures(Reader& from, const Endpoint& at) {
    const auto count = from.get<std::uint64_t>();
    from.expect(count, sizeof(mp::detail::FailureNote));
    std::vector<OwnedNote> failures(count);
    for (OwnedNote& each : failures) {
        const auto note = from.get<mp::detail::FailureNote>();
        each = make_note(note, from.text(added(note.what_size, note.type_size)), at);
    }
    return failures;
}

WireWorkerStats to_wire(const mp::WorkerStats& stats, unsigned first_worker) {
    return {.worker = first_worker + stats.index,
            .pid = stats.pid,
            .items = stats.items,
            .restarts = stats.restarts,
            .busy_seconds = stats.busy_seconds,
            .start_seconds = stats.start_seconds,
            .init_seconds = stats.init_seconds,
            .cpu_seconds = stats.cpu_seconds.value_or(WireWorkerStats::unknown),
            .ready_seconds = stats.ready_seconds.value_or(WireWorkerStats::unknown),
            .longest = stats.longest};
}

mp::WorkerStats from_wire(const WireWorkerStats& wire, const Endpoint& at) {
    const auto known = [](double seconds) {
        return seconds == WireWorkerStats::unknown ? std::nullopt : std::optional(seconds);
    };
    return {.index = wire.worker,
            .rank = at.rank,
            .host = at.host,
            .pid = wire.pid,
            .items = wire.items,
            .restarts = wire.restarts,
            .busy_seconds = wire.busy_seconds,
            .start_seconds = wire.start_seconds,
            .init_seconds = wire.init_seconds,
            .cpu_seconds = known(wire.cpu_seconds),
            .ready_seconds = known(wire.ready_seconds),
            .longest = wire.longest};
}

WireSpan to_wire(const mp::Span& span, unsigned first_worker, std::int64_t origin_ns) {
    const auto ns = [origin_ns](double seconds) {
        return origin_ns + static_cast<std::int64_t>(seconds * 1e9);
    };
    return {.kind = span.kind,
            .worker = first_worker + span.worker,
            .entry = {.begin_ns = ns(span.begin_seconds),
                      .end_ns = ns(span.end_seconds),
                      .first = span.first,
                      .items = span.items,
                      .job = span.job,
                      .chunks = static_cast<std::uint32_t>(span.chunks),
                      .pid = span.pid}};
}

mp::Span from_wire(const WireSpan& wire, const Endpoint& at, std::int64_t origin_ns) {
    const auto& [begin_ns, end_ns, first, items, job, chunks, pid] = wire.entry;
    return {.kind = wire.kind,
            .worker = wire.worker,
            .rank = at.rank,
            .host = at.host,
            .pid = pid,
            .begin_seconds = seconds(begin_ns - origin_ns),
            .end_seconds = seconds(end_ns - origin_ns),
            .job = job,
            .first = first,
            .items = items,
            .chunks = chunks};
}

} // namespace mp_mpi
