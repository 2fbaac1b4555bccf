#pragma once

#include <cstddef>
#include <mp/mp.hpp>
#include <string>
#include <vector>

#include "mp_mpi/message.hpp"

namespace mp_mpi {

/// Why an item has no result, in words of its own, as it goes from a worker to rank 0.
struct Failed {
    FailureFacts facts{};
    std::string what, type;

    Failed() = default;
    Failed(std::size_t item, mp::Fate fate, pid_t pid, int status, std::string why,
           std::string type_name);

    /// By the exception that is being handled.
    static Failed current(std::size_t item);
    /// As a local worker wrote it down.
    static Failed noted(const mp::FailureNote& note);

    mp::Fate fate() const { return static_cast<mp::Fate>(facts.fate); }
    /// For the caller at rank 0, made by new std::byte[]. Errors: std::bad_alloc.
    mp::FailureNote* note(int rank, const std::string& host) const;
};

/// Adds failures to an answer, which says how many.
void put_failures(Message& answer, const std::vector<Failed>& failures);
std::vector<Failed> read_failures(Reader& from, const Header& header);

} // namespace mp_mpi
