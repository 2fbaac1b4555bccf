#pragma once

/// The contents of messages: items and results, failures, statistics, spans. None names a rank or a
/// host: the receiver knows which endpoint it came from.
///
/// Errors of all: std::length_error for more bytes than memory can hold, and those of Reader.

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mp/mp.hpp>
#include <string_view>
#include <vector>

#include "mp/scheduler/worker_stats.hpp"
#include "mp_mpi/endpoint.hpp"
#include "mp_mpi/message.hpp"

namespace mp_mpi {

struct Opening {
    std::uint32_t first_worker, workers;
    std::uint32_t maxtasksperchild, retries;
    std::int64_t task_timeout_ns;
    std::uint64_t initializer; ///< its address at rank 0; 0: none
    std::uint64_t closure_size, objects;
    std::uint32_t trace;
};

struct JobDescription {
    std::uint64_t run; ///< its address at rank 0
    std::uint64_t closure_size, item_size, result_size;
};

// ---- Lists: the number of entries, then each entry.

template <class T> void put_all(Message& to, const std::vector<T>& all) {
    to.put(std::uint64_t{all.size()});
    for (const T& each : all) to.put(each);
}
template <class T> std::vector<T> get_all(Reader& from) {
    const auto count = from.get<std::uint64_t>();
    from.expect(count, sizeof(T));
    std::vector<T> all;
    all.reserve(count);
    for (std::uint64_t i = 0; i < count; ++i) all.push_back(from.get<T>());
    return all;
}

/// A text, preceded by its length.
inline void put_text(Message& to, std::string_view text) {
    to.put(std::uint64_t{text.size()});
    to.put_bytes(text.data(), text.size(), 1);
}
inline std::string_view get_text(Reader& from) { return from.text(from.get<std::uint64_t>()); }

// ---- Values of one size, or packed values, each preceded by its size. A value size of 0 means
// packed, as in mp::detail::Job.

/// Adds values first .. first + count - 1 of the array that begins at `values`.
void put_values(Message& to, const void* values, std::size_t value_size, std::size_t first,
                std::size_t count);

/// The items of a `run` message, in place: values, or a table of their positions.
struct Items {
    const void* data = nullptr;
    std::vector<mp::detail::Packed> table;

    static Items read(Reader& from, std::size_t item_size, std::size_t count);
    /// Copies them to memory, a table of packed ones first. `bytes`: the total size of the values.
    void copy_to(std::byte* to, std::size_t bytes);
};

/// Stores the results of an answer, from number `first` on, in the array that begins at `results`.
/// Each packed result is a copy, made by new[]; a missing one stays unchanged. Errors:
/// std::bad_alloc.
void read_results(Reader& from, void* results, std::size_t result_size, std::size_t first,
                  std::size_t count);

// ---- Why items have no result.

/// A note and its texts in one block of memory, allocated by new std::byte[].
struct DeleteNote {
    void operator()(const mp::detail::FailureNote* note) const {
        delete[] reinterpret_cast<const std::byte*>(note);
    }
};
using OwnedNote = std::unique_ptr<mp::detail::FailureNote, DeleteNote>;

/// `text`: what() and the type's name, with the sizes given in `note`. Errors: std::bad_alloc.
OwnedNote make_note(mp::detail::FailureNote note, std::string_view text, const Endpoint& at = {});
/// Made from the exception that is being handled.
OwnedNote current_note(std::size_t item, const Endpoint& at = {});

void put_failures(Message& to, const std::vector<mp::detail::FailureNote>& failures);
/// Adds the rank and the host that they come from.
std::vector<OwnedNote> read_failures(Reader& from, const Endpoint& at);

// ---- What workers did, and when.

struct WireWorkerStats {
    static constexpr double unknown = -1; ///< stands for an unknown time

    std::uint32_t worker; ///< its index in the whole pool
    std::int32_t pid;
    std::uint64_t items, restarts;
    double busy_seconds, start_seconds, init_seconds;
    double cpu_seconds = unknown, ready_seconds = unknown;
    std::array<mp::ChunkTime, 5> longest;
};

/// `first_worker`: the index in the whole pool of this endpoint's worker 0.
WireWorkerStats to_wire(const mp::WorkerStats& stats, unsigned first_worker);
mp::WorkerStats from_wire(const WireWorkerStats& wire, const Endpoint& at);

struct WireSpan {
    mp::Span::Kind kind;
    std::uint32_t worker;                 ///< its index in the whole pool
    mp::detail::TraceBuffer::Entry entry; ///< on the clock of the worker's host
};

/// `origin_ns`: the zero of the span's seconds, on the sender's clock.
WireSpan to_wire(const mp::Span& span, unsigned first_worker, std::int64_t origin_ns);
/// `origin_ns`: the zero of the span's seconds, on the same clock.
mp::Span from_wire(const WireSpan& wire, const Endpoint& at, std::int64_t origin_ns);

} // namespace mp_mpi
