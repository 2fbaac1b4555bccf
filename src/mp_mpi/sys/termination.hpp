#pragma once

/// The only place where the plugin ends a process. All other code returns or throws.

namespace mp_mpi {

/// Ends this rank at once: rank 0 has ended, or this rank cannot continue. MPI would wait for the
/// others. Async-signal-safe.
[[noreturn]] void exit_rank() noexcept;

/// Ends this process as the signal would without a handler. Async-signal-safe. REQUIRES: its
/// default handler has been restored.
void end_by_signal(int signal) noexcept;

/// When this process exits, after all its output, the job of all ranks ends with it: by `abort`; if
/// a host does not answer, for which an abort would wait, by the launcher.
void end_job_at_exit(void (*abort)(), bool host_is_silent) noexcept;

} // namespace mp_mpi
