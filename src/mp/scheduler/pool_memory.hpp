#pragma once

#include <vector>

#include "mp/arena.hpp"
#include "mp/backend.hpp"
#include "mp/scheduler/shared_state.hpp"

namespace mp::detail {

/// The blocks of shared memory that a pool needs for its lifetime, and the SharedState in them.
class PoolMemory {
public:
    /// `made_ns`: when the workers were requested. Errors: std::system_error.
    PoolMemory(const BackendOptions& options, std::int64_t made_ns);
    /// No worker is left.
    ~PoolMemory();
    PoolMemory(const PoolMemory&) = delete;
    PoolMemory& operator=(const PoolMemory&) = delete;

    SharedState& shared() const { return *shared_; }

private:
    SharedBlock memory_, result_heaps_;
    std::vector<SharedBlock> trace_buffers_;
    SharedState* shared_ = nullptr;
};

} // namespace mp::detail
