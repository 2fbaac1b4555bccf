#pragma once

#include <atomic>
#include <cstdint>

namespace mp::os {

/// Sleeps while `word` is `expected`, until woken, for at most `nanoseconds` (less than a second;
/// 0: no limit). May return early. Works across processes.
void futex_wait(std::atomic<std::uint32_t>& word, std::uint32_t expected,
                long nanoseconds = 0) noexcept;

/// Wakes at most `count` waiters on `word`.
void futex_wake(std::atomic<std::uint32_t>& word, int count) noexcept;

} // namespace mp::os
