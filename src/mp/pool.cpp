#include "mp/pool.hpp"

#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <string>

#include "mp/error.hpp"
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

Pool::Pool(PoolOptions options) {
    // Not earlier: the workers, forked while it is made, must find a pool that they cannot use.
    core_ = std::make_shared<detail::Core>(
        options.backend, detail::BackendOptions{.processes = options.processes,
                                                .initializer = options.initializer.initializer(),
                                                .trace = options.trace,
                                                .maxtasksperchild = options.maxtasksperchild,
                                                .retries = options.retries,
                                                .task_timeout = options.task_timeout});
}

Pool::~Pool() {
    if (core_) core_->abandon(); // results that are still held keep the Core, but not the workers
}

const std::shared_ptr<detail::Core>& Pool::core() const {
    if (core_ == nullptr)
        throw std::logic_error(
            "mp::Pool: a task cannot use the pool that runs it; it may make a pool of its own");
    return core_;
}

void Pool::close() { core()->close(); }
void Pool::terminate() { core()->terminate(); }
void Pool::join() { core()->join(); }
unsigned Pool::processes() const { return core()->processes(); }
std::vector<WorkerStats> Pool::stats() const { return core()->backend().stats(); }
std::vector<Span> Pool::trace() const {
    core()->check_caller(); // it may query the workers
    return core()->backend().trace();
}

} // namespace mp
