#include "mpworkshop/kit/timed_pool.hpp"

#include <fmt/format.h>

#include <stdexcept>
#include <string>
#include <system_error>

namespace mpworkshop {
namespace {

/// What to do if the workers cannot be started.
std::string advice(unsigned workers, const std::string& backend) {
    const std::string fewer =
        workers == 1
            ? "raise the limit of processes (ulimit -u) or of memory (ulimit -v)"
            : fmt::format("give fewer workers, such as --processes {}", workers > 4 ? 4 : 1);
    return backend == "mpi" ? fewer : fewer + ", or --backend serial";
}

std::unique_ptr<mp::Pool> started(const input::PoolChoice& choice, bool trace) {
    try {
        return std::make_unique<mp::Pool>(
            mp::PoolOptions{.processes = choice.workers(),
                            .backend = choice.backend,
                            .retries = static_cast<unsigned>(choice.retries),
                            .trace = trace});
    } catch (
        const std::system_error& error) { // it says what the machine allows; this adds what to do
        const std::string what =
            error.what() == error.code().message()
                ? fmt::format("cannot start {}: {}", choice.describe(), error.what())
                : error.what();
        throw std::runtime_error(what + "; " + advice(choice.workers(), choice.backend));
    }
}

} // namespace

TimedPool::TimedPool(Run& run, const input::PoolChoice& choice)
    : run_((run.keep_trace(choice.trace), run)), pool_(run.timed("start", [&] {
          return started(choice, choice.traced || choice.trace.wanted() || run.verbose());
      })) {
    know_workers();
}

TimedPool::~TimedPool() {
    if (pool_) release();
}

void TimedPool::release() {
    run_.outcome.workers = pool_->stats();
    if (run_.outcome.trace.wanted()) run_.outcome.lanes = mp::trace_lanes(pool_->trace());
    pool_.reset();
}

void TimedPool::know_workers() {
    run_.outcome.workers = pool_->stats();
    run_.count_cpu_of(run_.outcome.workers);
}

} // namespace mpworkshop
