#pragma once

/// The one place where the plugin ends a process. All else returns, or throws.

namespace mp_mpi {

/// Ends this rank at once: rank 0 is gone, or this rank cannot go on. MPI would wait for others.
/// Async-signal-safe.
[[noreturn]] void exit_rank() noexcept;

/// Ends this process as the signal would have without a handler. Async-signal-safe.
/// REQUIRES: its handler is the default's again.
void end_by_signal(int signal) noexcept;

/// When this process exits, after all that it has to print, the job of all ranks ends with it: by
/// `abort`, or where a host is silent, for which an abort would wait, by the launcher.
void end_job_at_exit(void (*abort)(), bool host_is_silent) noexcept;

} // namespace mp_mpi
