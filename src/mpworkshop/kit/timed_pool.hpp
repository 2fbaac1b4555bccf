#pragma once

#include <memory>

#include "mpworkshop/kit/exercise.hpp"

namespace mpworkshop {

/// A pool that times its start, its work and its collection separately.
///
///     TimedPool pool(run, choice);                                                  // "start"
///     auto celsius = pool.work([&](mp::Pool& p) { return p.map(to_celsius, f); });  // "work"
///     pool.collect([] {});                                                          // "collect"
class TimedPool {
public:
    /// Starts the workers. Errors: those of mp::Pool.
    TimedPool(Run& run, const input::PoolChoice& choice);
    /// Passes the worker statistics to the outcome, even if the work was interrupted.
    ~TimedPool();
    TimedPool(const TimedPool&) = delete;
    TimedPool& operator=(const TimedPool&) = delete;

    /// `function` takes the pool and returns the workers' results.
    template <class F> auto work(F&& function) {
        return run_.timed("work", [&] {
            auto found = std::forward<F>(function)(*pool_);
            know_workers(); // again: a dead worker has been replaced
            return found;
        });
    }

    /// Joins the workers and releases the pool, then combines the workers' results.
    template <class F> auto collect(F&& function) {
        return run_.timed("collect", [&] {
            pool_->close();
            pool_->join();
            release();
            return std::forward<F>(function)();
        });
    }
    void collect() {
        collect([] {});
    }

private:
    void know_workers();
    /// Passes the worker statistics to the outcome, and releases the pool.
    void release();

    Run& run_;
    std::unique_ptr<mp::Pool> pool_;
};

} // namespace mpworkshop
