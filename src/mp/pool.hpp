#pragma once

#include <cstddef>
#include <cstring>
#include <functional>
#include <initializer_list>
#include <memory>
#include <mutex>
#include <new>
#include <ranges>
#include <span>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "mp/backend.hpp"
#include "mp/codec.hpp"
#include "mp/task.hpp"
#include "mp/worker.hpp"

namespace mp {

/// Let the pool choose how many items a worker takes at once.
inline constexpr std::size_t auto_chunksize = 0;

struct PoolOptions {
    unsigned processes = 0;            ///< workers; 0: process_cpu_count()
    std::string backend = "processes"; ///< one of backend_names(): serial, threads, processes
    Task<void()>
        initializer{};  ///< runs first in every worker; if it throws, Pool's constructor throws
    bool trace = false; ///< record who ran what and when, for trace(); some 50 ns a chunk
};

/// Workers that share out many tasks until all are done.
///
///     mp::Pool pool({.processes = 4});
///     std::vector<double> roots = pool.map([](int i) { return std::sqrt(i); }, std::views::iota(0,
///     1000));
///
/// A callable is sent as its bytes: a function pointer, or a lambda whose captures are copied
/// trivially; a SharedArray is captured by its span(). Items and results are values (codec.hpp).
/// Anything else is refused: by the compiler where it can be seen, else by std::invalid_argument,
/// for a capture that holds an address on the caller's stack. Workers see the program's variables
/// as they were when the pool was made.
///
/// Blocks: map, starmap and apply, until all items are done.
/// Errors: all items run; then the failing one with the lowest index throws RemoteError (its task
/// threw) or WorkerDied (its worker ended; the pool replaces the worker and goes on). BrokenPool:
/// workers die as fast as they are replaced. Interrupted: mp::interrupt() was called; the pool is
/// terminated. std::logic_error: used after close(). std::system_error: the kernel refused
/// something, which is named. After fork: a pool belongs to the process that made it; in a child
/// its methods throw and its destructor is silent. Thread-safety: all methods from any thread; maps
/// run one after the other.
class Pool {
public:
    /// Errors: as below; std::invalid_argument for 0 workers.
    explicit Pool(unsigned processes);
    /// Starts the workers and runs the initializer in each.
    /// Errors: std::invalid_argument, RemoteError from the initializer, std::system_error.
    explicit Pool(PoolOptions options = {});
    /// Terminates and joins.
    ~Pool();
    Pool(const Pool&) = delete;
    Pool& operator=(const Pool&) = delete;

    /// f(item) for each item of a range, in the workers; the results in the order of the items.
    /// `chunksize`: items that a worker takes at once; more means less overhead, fewer means better
    /// balance.
    template <class F, std::ranges::input_range Items>
    auto map(F function, Items&& items, std::size_t chunksize = auto_chunksize);
    template <class F, class T>
    auto map(F function, std::initializer_list<T> items, std::size_t chunksize = auto_chunksize) {
        return map(function, std::ranges::subrange(items.begin(), items.end()), chunksize);
    }

    /// f(a, b, ...) for each tuple (a, b, ...) of a range; pairs and arrays count as tuples.
    template <class F, std::ranges::input_range Items>
    auto starmap(F function, Items&& items, std::size_t chunksize = auto_chunksize);
    template <class F, class T>
    auto starmap(F function, std::initializer_list<T> items,
                 std::size_t chunksize = auto_chunksize) {
        return starmap(function, std::ranges::subrange(items.begin(), items.end()), chunksize);
    }

    /// f(args...) once, in a worker.
    template <class F, class... Args> auto apply(F function, Args&&... args);

    /// Accepts no more work; the workers leave when they have finished.
    void close();
    /// Ends the workers at once; what they were doing is lost.
    void terminate();
    /// Blocks until the workers have left. Errors: std::logic_error before close() or terminate().
    void join();

    unsigned processes() const { return processes_; }
    /// What each worker has done so far, by index.
    std::vector<WorkerStats> stats() const;
    /// Who ran which chunk and when, by worker and time; empty without PoolOptions::trace. The
    /// record of each worker is bounded: in a long one neighbours are joined.
    std::vector<Span> trace() const;

private:
    enum class State { open, closed, terminated };

    template <class Call, class T, class Items>
    auto run(const Call& call, Items&& items, std::size_t chunksize);
    void check_caller() const;
    void check_open() const;
    void run(const Job& job);
    std::shared_ptr<void> room(std::size_t count, std::size_t size);

    mutable std::mutex mutex_;
    unsigned processes_ = 0;
    pid_t owner_ = 0;
    State state_ = State::open;
    std::unique_ptr<Backend> backend_;
};

// ---------------------------------------------------------------------------------------------------------------------

namespace detail {

struct Nothing {}; // the result of a function that returns void

template <class R> using ResultOf = std::conditional_t<std::is_void_v<R>, Nothing, R>;

/// f(item), with void made into Nothing.
template <class F> struct MapCall {
    [[no_unique_address]] F function;

    template <class T> auto operator()(const T& item) const {
        if constexpr (std::is_void_v<std::invoke_result_t<const F&, const T&>>) {
            std::invoke(function, item);
            return Nothing{};
        } else {
            return std::invoke(function, item);
        }
    }
};

/// f(get<0>(item), get<1>(item), ...), likewise.
template <class F> struct StarCall {
    [[no_unique_address]] F function;

    template <class T> auto operator()(const T& item) const {
        if constexpr (std::is_void_v<decltype(std::apply(function, item))>) {
            std::apply(function, item);
            return Nothing{};
        } else {
            return std::apply(function, item);
        }
    }
};

/// In the worker: runs items first .. last - 1.
template <class Call, class T, class R>
void run_items(const Job& job, std::size_t first, std::size_t last, TaskContext& context) {
    const Call& call = *static_cast<const Call*>(job.closure);
    const auto result_of = [&](std::size_t i) -> R {
        if constexpr (is_flat<T>)
            return call(static_cast<const T*>(job.items)[i]);
        else {
            const Packed& packed = static_cast<const Packed*>(job.items)[i];
            return call(unpack<T>({packed.data, packed.size}));
        }
    };
    for (std::size_t i = first; i < last; ++i) {
        // The loop is inside of the try, so that it is as tight as one without it; after a throw it
        // goes on.
        try {
            for (; i < last; ++i) {
                if constexpr (is_flat<R>) {
                    ::new (static_cast<void*>(static_cast<R*>(job.results) + i)) R(result_of(i));
                } else {
                    const std::vector<std::byte> bytes = pack(result_of(i));
                    std::byte* data = context.allocate(bytes.size());
                    if (!bytes.empty()) std::memcpy(data, bytes.data(), bytes.size());
                    static_cast<Packed*>(job.results)[i] = {data, bytes.size()};
                }
            }
        } catch (...) {
            context.failed(i);
        }
    }
}

/// Lays items out where workers can read them: where they stand if possible, else as a copy.
template <class T> class ItemsForWorkers {
public:
    template <class Items> ItemsForWorkers(Backend& backend, Items&& items) {
        if constexpr (is_flat<T> && std::ranges::contiguous_range<Items> &&
                      std::ranges::sized_range<Items> &&
                      std::is_same_v<std::ranges::range_value_t<Items>, T>) {
            size_ = static_cast<std::size_t>(std::ranges::size(items));
            data_ = std::ranges::data(items);
            if (size_ == 0 || backend.visible(data_, size_ * sizeof(T))) return;
            copy(backend, items);
        } else if constexpr (is_flat<T> && std::ranges::sized_range<Items>) {
            size_ = static_cast<std::size_t>(std::ranges::size(items));
            copy(backend, items);
        } else if constexpr (is_flat<T>) {
            std::vector<T> collected; // how many there are shows only at the end
            for (auto&& item : items)
                collected.push_back(static_cast<T>(std::forward<decltype(item)>(item)));
            size_ = collected.size();
            copy(backend, collected);
        } else {
            pack_all(backend, items);
        }
    }

    const void* data() const { return data_; }
    std::size_t size() const { return size_; }

private:
    template <class Items> void copy(Backend& backend, Items&& items) {
        if (size_ == 0) return;
        memory_ = backend.allocate(size_ * sizeof(T));
        T* to = static_cast<T*>(memory_.get());
        if constexpr (std::ranges::contiguous_range<Items> && std::is_trivially_copyable_v<T> &&
                      std::is_same_v<std::ranges::range_value_t<Items>, T>)
            std::memcpy(static_cast<void*>(to), std::ranges::data(items), size_ * sizeof(T));
        else
            for (auto&& item : items) ::new (static_cast<void*>(to++)) T(static_cast<T>(item));
        data_ = memory_.get();
    }

    template <class Items> void pack_all(Backend& backend, Items&& items) {
        // One table, then all the bytes: the length is known once the values are packed.
        std::vector<std::byte> bytes;
        std::vector<std::size_t> ends;
        for (auto&& item : items) {
            const std::vector<std::byte> packed = pack<T>(item);
            bytes.insert(bytes.end(), packed.begin(), packed.end());
            ends.push_back(bytes.size());
        }
        size_ = ends.size();
        if (size_ == 0) return;
        memory_ = backend.allocate(size_ * sizeof(Packed) + bytes.size());
        auto* table = static_cast<Packed*>(memory_.get());
        auto* data = reinterpret_cast<std::byte*>(table + size_);
        if (!bytes.empty()) std::memcpy(data, bytes.data(), bytes.size());
        for (std::size_t i = 0, begin = 0; i < size_; begin = ends[i++])
            ::new (static_cast<void*>(table + i)) Packed{data + begin, ends[i] - begin};
        data_ = table;
    }

    std::shared_ptr<void> memory_;
    const void* data_ = nullptr;
    std::size_t size_ = 0;
};

/// The results as the caller wants them.
template <class R> std::vector<R> collect(const void* results, std::size_t size) {
    if constexpr (is_flat<R>) {
        const R* from = static_cast<const R*>(results);
        return std::vector<R>(from, from + size);
    } else {
        const auto* from = static_cast<const Packed*>(results);
        std::vector<R> collected;
        collected.reserve(size);
        for (std::size_t i = 0; i < size; ++i)
            collected.push_back(unpack<R>({from[i].data, from[i].size}));
        return collected;
    }
}

} // namespace detail

template <class Call, class T, class Items>
auto Pool::run(const Call& call, Items&& items, std::size_t chunksize) {
    using R = std::decay_t<std::invoke_result_t<const Call&, const T&>>;
    constexpr bool returns_nothing = std::is_same_v<R, detail::Nothing>;
    check_caller();
    const detail::Closure<Call> closure(call);
    std::lock_guard lock(mutex_);
    check_open();
    const detail::ItemsForWorkers<T> sent(*backend_, std::forward<Items>(items));
    const std::shared_ptr<void> results =
        room(sent.size(), detail::is_flat<R> ? sizeof(R) : sizeof(Packed));
    run(Job{.run = detail::run_items<Call, T, R>,
            .closure = closure.data(),
            .closure_size = sizeof(Call),
            .items = sent.data(),
            .item_size = detail::is_flat<T> ? sizeof(T) : 0,
            .results = results.get(),
            .result_size = detail::is_flat<R> ? sizeof(R) : 0,
            .size = sent.size(),
            .chunksize = chunksize});
    if constexpr (!returns_nothing) {
        std::vector<R> collected = detail::collect<R>(results.get(), sent.size());
        if constexpr (!detail::is_flat<R>) backend_->collected();
        return collected;
    }
}

template <class F, std::ranges::input_range Items>
auto Pool::map(F function, Items&& items, std::size_t chunksize) {
    using T = std::remove_cv_t<std::ranges::range_value_t<Items>>;
    if constexpr (detail::check_map<F, T>())
        return run<detail::MapCall<F>, T>({function}, std::forward<Items>(items), chunksize);
    else
        return detail::Refused{};
}

template <class F, std::ranges::input_range Items>
auto Pool::starmap(F function, Items&& items, std::size_t chunksize) {
    using T = std::remove_cv_t<std::ranges::range_value_t<Items>>;
    if constexpr (detail::check_starmap<F, T>())
        return run<detail::StarCall<F>, T>({function}, std::forward<Items>(items), chunksize);
    else
        return detail::Refused{};
}

template <class F, class... Args> auto Pool::apply(F function, Args&&... args) {
    using T = std::tuple<std::decay_t<Args>...>;
    if constexpr (detail::check_starmap<F, T>()) {
        const T item(std::forward<Args>(args)...);
        const std::span<const T> one(&item, 1);
        using R = decltype(run<detail::StarCall<F>, T>({function}, one, 1));
        if constexpr (std::is_void_v<R>) {
            run<detail::StarCall<F>, T>({function}, one, 1);
        } else {
            R results = run<detail::StarCall<F>, T>({function}, one, 1);
            return typename R::value_type(std::move(results.front()));
        }
    } else {
        return detail::Refused{};
    }
}

} // namespace mp
