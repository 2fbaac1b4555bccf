#pragma once

/// mp: a process pool with the words of Python's `multiprocessing`.
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
/// The tour: pool.hpp (Pool: map, starmap, apply) is what most programs need; async.hpp is what its
/// *_async calls return, imap.hpp what its lazy ones do. process.hpp runs one
/// function in one process; shared.hpp is memory that all of them see; cpu.hpp counts what this
/// process may use; error.hpp is what can go wrong in a way that a caller can act on; interrupt.hpp
/// ends every wait from a signal handler; log.hpp listens to the engine; ranks.hpp takes the pool
/// from one machine to a cluster. trace.hpp makes a file of what the workers did; with
/// MP_TRACE=FILE in the environment, every program that uses pools writes one when it ends. What
/// may be sent to a worker is in codec.hpp, what a backend must do in backend.hpp.

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
