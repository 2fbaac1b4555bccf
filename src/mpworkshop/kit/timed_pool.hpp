#pragma once

#include <memory>

#include "mpworkshop/kit/exercise.hpp"

namespace mpworkshop {

/// A pool whose start, work and collection are timed apart.
///
///     TimedPool pool(run, choice);                                                  // "start"
///     auto celsius = pool.work([&](mp::Pool& p) { return p.map(to_celsius, f); });  // "work"
///     pool.collect([] {});                                                          // "collect"
class TimedPool {
public:
    /// Starts the workers. Errors: those of mp::Pool.
    TimedPool(Run& run, const input::PoolChoice& choice);
    /// Leaves the outcome what is known of the workers, also when the work was cut short.
    ~TimedPool();
    TimedPool(const TimedPool&) = delete;
    TimedPool& operator=(const TimedPool&) = delete;

    /// `function` takes the pool and returns what the workers found.
    template <class F> auto work(F&& function) {
        return run_.timed("work", [&] {
            auto found = std::forward<F>(function)(*pool_);
            know_workers(); // again: one that died has been replaced
            return found;
        });
    }

    /// Joins the workers and gives back the pool's memory, after which there is no pool, then puts
    /// their answers together.
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
    /// Leaves the outcome what is known of the workers, and gives back the pool's memory.
    void release();

    Run& run_;
    std::unique_ptr<mp::Pool> pool_;
};

} // namespace mpworkshop
