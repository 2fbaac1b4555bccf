#pragma once

#include <exception>

#include "mp/backend.hpp"
#include "mp/error.hpp"

namespace mp::detail {

/// The reference backend: the caller runs every item itself, in order.
std::unique_ptr<Backend> make_serial(BackendOptions options);
/// Workers are threads of this process: nothing is copied, and a crash ends the whole program.
std::unique_ptr<Backend> make_threads(BackendOptions options);
/// Workers are processes: a crash ends only its worker, which is replaced.
std::unique_ptr<Backend> make_processes(BackendOptions options);

/// Heap memory, aligned for any type, for workers that share it anyway.
std::shared_ptr<void> allocate_private(std::size_t bytes);

/// The same for an item that threw.
RemoteError thrown_error_of(const FailureNote& note);

} // namespace mp::detail
