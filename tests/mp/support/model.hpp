#pragma once

/// A deterministic scheduler for short threads that share atomics.
///
/// Each operation on a model::Atomic is a step. explore() runs the same threads again and again, in
/// every order of steps that differs from running each thread to its end by a few preemptions at
/// most. A store that is not sequentially consistent may stay in the thread's store buffer, as on
/// x86, until the thread does something that empties it; each such delay counts as a preemption.
/// One thread may be killed before any of its steps. It is a failure if threads sleep and none is
/// left to wake them.
///
///     const std::string failure = model::explore({.preemptions = 2}, [](model::Run& run) {
///         auto word = std::make_shared<model::Atomic<int>>();
///         run.thread([word] { word->fetch_add(1, std::memory_order_relaxed); });
///         run.thread([word] { word->fetch_add(1, std::memory_order_relaxed); });
///         run.at_end([word] { return word->load(std::memory_order_relaxed) == 2 ? "" : "lost"; });
///     });
///     EXPECT_EQ(failure, "");

#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

namespace model {

namespace detail {

struct Word {
    std::uint64_t value = 0;
};

// The steps of the running thread; outside explore()'s threads they are plain accesses.
std::uint64_t load(const Word& word);
void store(Word& word, std::uint64_t value, std::memory_order order);
/// Called before a read-modify-write of the word, which the caller then does at once.
std::uint64_t& modify(Word& word);
void wait(Word& word, std::uint64_t expected, bool timed);
void wake(Word& word, int count);

} // namespace detail

/// Like std::atomic<T>, for types that fit into 64 bits.
template <class T> class Atomic {
    static_assert(std::is_trivially_copyable_v<T> && sizeof(T) <= sizeof(std::uint64_t));

public:
    Atomic() = default;
    Atomic(const Atomic&) = delete;
    Atomic& operator=(const Atomic&) = delete;

    T load(std::memory_order) const { return value_of(detail::load(storage_)); }
    void store(T value, std::memory_order order) { detail::store(storage_, word_of(value), order); }
    T exchange(T value, std::memory_order) {
        return change([value](T) { return value; });
    }
    T fetch_add(T by, std::memory_order) {
        return change([by](T now) { return static_cast<T>(now + by); });
    }
    T fetch_sub(T by, std::memory_order) {
        return change([by](T now) { return static_cast<T>(now - by); });
    }
    T fetch_or(T bits, std::memory_order) {
        return change([bits](T now) { return static_cast<T>(now | bits); });
    }
    T fetch_and(T bits, std::memory_order) {
        return change([bits](T now) { return static_cast<T>(now & bits); });
    }
    bool compare_exchange_strong(T& expected, T value, std::memory_order,
                                 std::memory_order = std::memory_order_seq_cst) {
        std::uint64_t& now = detail::modify(storage_);
        if (now != word_of(expected)) {
            expected = value_of(now);
            return false;
        }
        now = word_of(value);
        return true;
    }
    bool compare_exchange_weak(T& expected, T value, std::memory_order success,
                               std::memory_order failure = std::memory_order_seq_cst) {
        return compare_exchange_strong(expected, value, success, failure);
    }

    detail::Word& word() { return storage_; }

private:
    static std::uint64_t word_of(T value) {
        std::uint64_t word = 0;
        std::memcpy(&word, &value, sizeof value);
        return word;
    }
    static T value_of(std::uint64_t word) {
        T value;
        std::memcpy(&value, &word, sizeof value);
        return value;
    }
    template <class F> T change(F next) {
        std::uint64_t& now = detail::modify(storage_);
        const T before = value_of(now);
        now = word_of(next(before));
        return before;
    }

    detail::Word storage_;
};

/// Replaces mp::detail::SystemAtomics. A wait with a time limit returns at once.
struct Atomics {
    template <class T> using Atomic = model::Atomic<T>;
    static constexpr int poll_times = 1;

    static void wait(Atomic<std::uint32_t>& word, std::uint32_t expected, long nanoseconds = 0) {
        detail::wait(word.word(), expected, nanoseconds != 0);
    }
    static void wake(Atomic<std::uint32_t>& word, int count) { detail::wake(word.word(), count); }
};

/// One execution: the threads, with their own state.
class Run {
public:
    virtual ~Run() = default;
    /// Adds a thread; they are numbered from 0.
    virtual void thread(std::function<void()> body) = 0;
    /// Called when all threads have ended or been killed; returns what is wrong, or an empty text.
    virtual void at_end(std::function<std::string()> check) = 0;
    /// For a thread: blocks until the condition is true. The condition may read plain variables and
    /// call was_killed().
    virtual void wait_until(std::function<bool()> condition) = 0;
    /// Returns whether the thread that may be killed has been.
    virtual bool was_killed() const = 0;
    /// Returns whether this thread has ended or been killed.
    virtual bool is_over(std::size_t thread) const = 0;
};

struct Bounds {
    int preemptions = 2;
    std::optional<std::size_t> killed = {}; ///< the thread that is killed, before each of its steps
                                            ///< and not at all
    std::size_t executions = 2'000'000;     ///< more are a failure: the threads are too long
};

/// What went wrong in the first execution that failed, with the order of its steps; empty: none
/// failed.
std::string explore(const Bounds& bounds, const std::function<void(Run&)>& set_up);

/// Why the model cannot run here; null: it can. The threads have stacks that sanitizers do not know
/// about.
const char* why_unavailable();

} // namespace model
