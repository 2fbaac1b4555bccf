#pragma once

#include <cstddef>
#include <mp/mp.hpp>
#include <string>
#include <vector>

#include "mp_mpi/message.hpp"

namespace mp_mpi {

/// Why an item has no result, in words of its own, as it goes from a worker to rank 0.
struct RemoteFailure {
    WireFailure wire{};
    std::string what, type;

    RemoteFailure() = default;
    RemoteFailure(std::size_t item, mp::detail::Fate fate, pid_t pid, int status, std::string why,
                  std::string type_name);

    /// By the exception that is being handled.
    static RemoteFailure current(std::size_t item);
    /// As a local worker wrote it down.
    static RemoteFailure noted(const mp::detail::FailureNote& note);

    mp::detail::Fate fate() const { return static_cast<mp::detail::Fate>(wire.fate); }
    /// For the caller at rank 0, made by new std::byte[]. Errors: std::bad_alloc.
    mp::detail::FailureNote* note(int rank, const std::string& host) const;
};

/// Adds failures to an answer, which says how many.
void put_failures(Message& answer, const std::vector<RemoteFailure>& failures);
std::vector<RemoteFailure> read_failures(Reader& from, const Header& header);

} // namespace mp_mpi
