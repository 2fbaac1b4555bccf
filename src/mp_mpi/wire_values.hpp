#pragma once

/// Items and results as they lie in messages: values of one size, or packed values, whose sizes
/// stand before their bytes. A value size of 0 stands for packed ones, as in mp::detail::Job.
/// Errors of all: std::length_error where there are more bytes than memory can hold, and a
/// Reader's.

#include <cstddef>
#include <mp/mp.hpp>
#include <vector>

#include "mp_mpi/message.hpp"

namespace mp_mpi {

/// Adds values first .. first + count - 1 of those that begin at `values`.
void put_values(Message& to, const void* values, std::size_t value_size, std::size_t first,
                std::size_t count);

/// The items of a `run` message, where they stand in it: values, or a table of where each is.
struct Items {
    const void* data = nullptr;
    std::vector<mp::detail::Packed> table;

    static Items read(Reader& from, std::size_t item_size, std::size_t count);
};

/// Puts the results of an answer where they belong: from number `first` on of those that begin at
/// `results`. Of packed ones each is a copy, made by new[]; one that is not there stays as it is.
/// Errors: std::bad_alloc.
void read_results(Reader& from, void* results, std::size_t result_size, std::size_t first,
                  std::size_t count);

} // namespace mp_mpi
