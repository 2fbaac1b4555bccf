#pragma once

/// What a worker keeps of a pool and its jobs, and how it reads them and writes its answers.

#include <cstddef>
#include <cstdint>
#include <map>
#include <mp/mp.hpp>
#include <string>
#include <vector>

#include "mp_mpi/message.hpp"
#include "mp_mpi/sys/modules.hpp"

namespace mp_mpi {

/// A job as rank 0 described it, its addresses translated.
struct Assignment {
    mp::Job::Run run = nullptr;
    std::vector<std::byte> closure;
    std::size_t item_size = 0, result_size = 0;
};

/// A pool as rank 0 opened it.
struct OpenedPool {
    Opening opening{};
    std::vector<std::byte> closure;
    mp::Initializer initializer;
    Translation translation;
    std::map<std::uint32_t, Assignment> jobs;

    /// Errors: std::runtime_error when the initializer is not here.
    static OpenedPool read(Message& open);
    /// Reads the job that a `run` message describes. Errors: the same.
    Assignment read_work(Reader& from) const;
};

/// The items of a `run` message, where they stand in it: flat values, or a table of where each is.
struct Items {
    const void* data = nullptr;
    std::vector<mp::Packed> table;

    static Items read(Reader& from, std::size_t item_size, std::size_t count);
};

/// A failure in words that stay.
struct Failed {
    FailureFacts facts{};
    std::string what, type;

    /// The exception that is being handled.
    static Failed current(std::size_t item);
};

/// Adds failures to an answer, which says how many.
void put_failures(Message& answer, const std::vector<Failed>& failures);
std::vector<Failed> read_failures(Reader& from, const Header& header);

/// Adds packed values: their sizes, then all the bytes.
void put_packed(Message& to, const mp::Packed* values, std::size_t count);

std::int64_t now_ns();

} // namespace mp_mpi
