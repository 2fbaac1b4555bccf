#pragma once

/// The messages between rank 0 and the workers of other ranks, as bytes.
///
/// All ranks run the same build on the same kind of machine, which is checked when they connect. So
/// plain structs are sent as they are in memory. Addresses are those of rank 0; the receiver
/// translates them (code_map.hpp).

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <stdexcept>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace mp_mpi {

enum class Kind : std::uint32_t {
    // from rank 0
    open,   ///< a pool: Opening, its initializer's closure, the table of loaded objects
    run,    ///< items: the job's description, unless the worker has it; then the items
    forget, ///< a job
    cancel, ///< work in progress of a job
    close,  ///< a pool
    leave,  ///< the job of all ranks is over
    // to rank 0
    opened, ///< statistics, spans, and failures if the initializer threw
    ran,    ///< statistics, spans, failures and, unless `count` is 0, results
    closed, ///< a pool; its last statistics
    broken, ///< a pool can run nothing any more; the reason
    unable, ///< a rank cannot continue; the reason
};

enum Flag : std::uint32_t {
    with_job = 1, ///< run: contains the job's description
    once = 2,     ///< run: and the job need not be kept
};

struct Header {
    Kind kind{};
    std::uint32_t pool = 0;
    std::uint32_t job = 0;
    std::uint32_t flags = 0;               ///< of run
    std::uint32_t ticket = 0;              ///< of run and ran
    std::uint32_t grain = 0;               ///< of run: items that one worker takes at a time
    std::uint64_t first = 0, count = 0;    ///< items
    std::int64_t begin_ns = 0, end_ns = 0; ///< on the sender's clock
    std::uint64_t body = 0;                ///< bytes that follow
};
static_assert(sizeof(Header) == 64);

/// Sizes of memory to allocate. Errors: std::length_error if no memory can hold that many bytes.
inline std::size_t added(std::size_t a, std::size_t b) {
    constexpr std::size_t most =
        std::numeric_limits<std::ptrdiff_t>::max() - 63; // leaves room for alignment
    if (a > most || b > most - a)
        throw std::length_error("mp: a message between ranks, or its part, is of more bytes than "
                                "memory can have; give smaller or fewer items");
    return a + b;
}
inline std::size_t times(std::size_t count, std::size_t each) {
    std::size_t bytes = 0;
    if (__builtin_mul_overflow(count, each, &bytes))
        bytes = std::numeric_limits<std::size_t>::max();
    return added(bytes, 0);
}
/// The next multiple of 64. REQUIRES: a result of one of the functions above.
constexpr std::size_t aligned(std::size_t size) { return (size + 63) / 64 * 64; }

/// A header and a body in one piece of memory, the body aligned to 64 bytes.
///
/// Errors: std::length_error for a message larger than memory, both when it is made and when a
/// received header announces it.
class Message {
public:
    static constexpr std::size_t alignment = 64;

    Message() : lines_(1) {}
    explicit Message(const Header& header) : lines_(1) { this->header() = header; }

    Header& header() { return *reinterpret_cast<Header*>(lines_.data()); }
    const Header& header() const { return *reinterpret_cast<const Header*>(lines_.data()); }
    std::byte* body() { return bytes() + sizeof(Header); }
    std::size_t size() const { return added(sizeof(Header), header().body); }
    std::byte* bytes() { return reinterpret_cast<std::byte*>(lines_.data()); }
    const std::byte* bytes() const { return reinterpret_cast<const std::byte*>(lines_.data()); }

    /// Makes room for a message of this many bytes, which may be larger than before.
    void reserve(std::size_t size) {
        const std::size_t lines = aligned(added(size, 0)) / alignment;
        if (lines > lines_.size())
            lines_.resize(lines < 2 * lines_.size() ? 2 * lines_.size() : lines);
    }
    /// Starts a new message in the same memory.
    void reset(const Header& header) {
        this->header() = header;
        this->header().body = 0;
    }

    /// Adds uninitialized bytes to the body; returns their address, valid until the next addition.
    std::byte* add(std::size_t bytes, std::size_t align = 8) {
        const std::size_t at = added(header().body, align - 1) / align * align;
        reserve(added(added(sizeof(Header), at), bytes));
        header().body = at + bytes;
        return body() + at;
    }
    template <class T> void put(const T& value) {
        static_assert(std::is_trivially_copyable_v<T>);
        std::memcpy(add(sizeof value), &value, sizeof value);
    }
    void put_bytes(const void* data, std::size_t size, std::size_t align = 8) {
        std::byte* to = add(size, align);
        if (size != 0) std::memcpy(to, data, size);
    }

private:
    struct alignas(alignment) Line {
        std::byte bytes[alignment];
    };

    std::vector<Line> lines_;
};

/// Reads a body in the order in which it was written. Errors: std::runtime_error when it is
/// shorter.
class Reader {
public:
    explicit Reader(Message& message) : message_(message) {}

    std::byte* take(std::size_t bytes, std::size_t align = 8) {
        const std::size_t at = (at_ + align - 1) / align * align;
        if (at > message_.header().body || bytes > message_.header().body - at) complain();
        at_ = at + bytes;
        return message_.body() + at;
    }
    /// Checks, before memory is allocated for `count` parts of at least `each` bytes, that they can
    /// be present.
    void expect(std::size_t count, std::size_t each) const {
        if (count > (message_.header().body - at_) / each) complain();
    }
    template <class T> T get() {
        T value;
        std::memcpy(&value, take(sizeof value), sizeof value);
        return value;
    }
    std::string_view text(std::size_t size) {
        return {reinterpret_cast<const char*>(take(size, 1)), size};
    }

private:
    [[noreturn]] static void complain() {
        throw std::runtime_error("mp: a message between ranks is shorter than it says");
    }

    Message& message_;
    std::size_t at_ = 0;
};

} // namespace mp_mpi
