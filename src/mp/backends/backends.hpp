#pragma once

#include <exception>

#include "mp/backend.hpp"
#include "mp/error.hpp"

namespace mp::detail {

/// The reference: the caller runs every item itself, in order.
std::unique_ptr<Backend> make_serial(BackendOptions options);
/// Workers are threads of this process: nothing is copied, a crash takes all down.
std::unique_ptr<Backend> make_threads(BackendOptions options);
/// Workers are processes: a crash stays in its worker, which is replaced.
std::unique_ptr<Backend> make_processes(BackendOptions options);

/// Memory from the heap, aligned for any type, for workers that share it anyway.
std::shared_ptr<void> allocate_private(std::size_t bytes);

/// The same for one that was thrown.
RemoteError thrown_error_of(const FailureNote& note);

} // namespace mp::detail
