#pragma once

/// mp: a process pool with the vocabulary of Python's `multiprocessing`.
///
///     #include <mp/mp.hpp>
///
///     double to_celsius(double f) { return (f - 32) * 5 / 9; }
///
///     int main() {
///         mp::Pool pool(4); // four workers; the default is process_cpu_count()
///         std::vector<double> c = pool.map(to_celsius, {32.0, 64.0, 100.0});
///     }
///
/// The headers: pool.hpp (Pool: map, starmap, apply) is what most programs need. async.hpp has the
/// results of the *_async calls, imap.hpp those of the lazy ones. process.hpp runs one function in
/// one process. shared.hpp provides memory that all processes see. cpu.hpp counts the CPUs this
/// process may use. error.hpp has the errors that a caller can act on. interrupt.hpp ends every
/// wait from a signal handler. log.hpp receives the engine's messages. ranks.hpp takes the pool
/// from one machine to a cluster. trace.hpp writes a file of what the workers did; with
/// MP_TRACE=FILE in the environment, every program that uses pools writes one when it ends.
/// codec.hpp says what may be sent to a worker, backend.hpp what a backend must do.

#include "mp/cpu.hpp"
#include "mp/error.hpp"
#include "mp/interrupt.hpp"
#include "mp/item_seed.hpp"
#include "mp/log.hpp"
#include "mp/pool.hpp"
#include "mp/process.hpp"
#include "mp/ranks.hpp"
#include "mp/shared.hpp"
#include "mp/trace.hpp"
