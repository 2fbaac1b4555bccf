#include "mp/pool.hpp"

#include <cstdint>
#include <stdexcept>
#include <string>

#include "mp/cpu.hpp"
#include "mp/error.hpp"
#include "mp/os/child.hpp"
#include "mp/os/stack.hpp"

namespace mp {

namespace detail {

void refuse_stack_addresses(const void* closure, std::size_t size) {
    const os::StackRange stack = os::current_stack();
    for (std::size_t at = 0; at + sizeof(std::uintptr_t) <= size; at += sizeof(std::uintptr_t)) {
        std::uintptr_t word = 0;
        std::memcpy(&word, static_cast<const std::byte*>(closure) + at, sizeof word);
        if (word >= stack.low && word < stack.high)
            throw std::invalid_argument(
                "mp: this function captures by reference, and workers cannot reach the caller's "
                "variables; capture by value, or a SharedArray's span()");
    }
}

} // namespace detail

namespace {

PoolOptions with_processes(unsigned processes) {
    if (processes == 0)
        throw std::invalid_argument("mp::Pool: 0 workers can do nothing; ask for 1 or more");
    PoolOptions options;
    options.processes = processes;
    return options;
}

} // namespace

Pool::Pool(unsigned processes) : Pool(with_processes(processes)) {}

Pool::Pool(PoolOptions options)
    : processes_(options.processes != 0 ? options.processes : process_cpu_count()),
      owner_(os::current_pid()),
      backend_(make_backend(options.backend, {.processes = processes_,
                                              .initializer = options.initializer.initializer(),
                                              .trace = options.trace})) {}

Pool::~Pool() {
    // In a child that leaves by exit(), static pools are destroyed as well; the workers are not the
    // child's to end.
    if (owner_ != os::current_pid()) (void)backend_.release();
}

void Pool::check_caller() const {
    if (owner_ != os::current_pid())
        throw std::logic_error("mp::Pool: this pool belongs to process " + std::to_string(owner_) +
                               "; a child makes a pool of its own");
    if (detail::backend_of_this_thread() == backend_.get())
        throw std::logic_error(
            "mp::Pool: a task cannot use the pool that runs it; it may make a pool of its own");
}

void Pool::check_open() const {
    if (state_ != State::open)
        throw std::logic_error(state_ == State::closed ? "mp::Pool: used after close()"
                                                       : "mp::Pool: used after terminate()");
}

void Pool::run(const Job& job) {
    try {
        backend_->run(job);
    } catch (const Interrupted&) {
        state_ = State::terminated;
        throw;
    } catch (const BrokenPool&) {
        state_ = State::terminated;
        throw;
    }
}

std::shared_ptr<void> Pool::room(std::size_t count, std::size_t size) {
    if (count > static_cast<std::size_t>(-1) / 2 / size)
        throw std::length_error("mp::Pool: the results need more memory than there are addresses");
    return count == 0 ? nullptr : backend_->allocate(count * size);
}

void Pool::close() {
    check_caller();
    std::lock_guard lock(mutex_);
    if (state_ != State::open) return;
    state_ = State::closed;
    backend_->close();
}

void Pool::terminate() {
    check_caller();
    backend_->abandon();
    std::lock_guard lock(mutex_);
    state_ = State::terminated;
    backend_->terminate();
}

void Pool::join() {
    check_caller();
    std::lock_guard lock(mutex_);
    if (state_ == State::open)
        throw std::logic_error("mp::Pool: join() before close() or terminate()");
    backend_->join();
}

std::vector<WorkerStats> Pool::stats() const { return backend_->stats(); }
std::vector<Span> Pool::trace() const { return backend_->trace(); }

} // namespace mp
