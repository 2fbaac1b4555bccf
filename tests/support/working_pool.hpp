#pragma once

#include <unistd.h>

#include <cstddef>
#include <mp/mp.hpp>
#include <ranges>

namespace support {

/// Returns whether a map over the pool gives the right results.
inline bool works(mp::Pool& pool) {
    const auto squares = pool.map([](int i) { return i * i; }, std::views::iota(0, 100), 1);
    for (int i = 0; i < 100; ++i)
        if (squares[static_cast<std::size_t>(i)] != i * i) return false;
    return true;
}

/// Returns whether the pool reports a worker that exits, and continues.
inline bool survives_a_worker_exit(mp::Pool& pool) {
    try {
        pool.apply([] { _exit(3); });
        return false;
    } catch (const mp::WorkerDied&) {
        return works(pool);
    }
}

} // namespace support
