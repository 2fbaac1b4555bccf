#pragma once

#include <array>
#include <cstddef>
#include <initializer_list>
#include <memory>
#include <ranges>
#include <span>
#include <stdexcept>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "mp/async.hpp"
#include "mp/backend.hpp"
#include "mp/calls.hpp"
#include "mp/codec.hpp"
#include "mp/core.hpp"
#include "mp/future.hpp"
#include "mp/imap.hpp"
#include "mp/task.hpp"
#include "mp/worker.hpp"

namespace mp {

namespace detail {

template <class Items> using ItemOf = std::remove_cv_t<std::ranges::range_value_t<Items>>;
template <class... Args> using TupleOf = std::tuple<std::decay_t<Args>...>;
template <class F, class Items> using ReturnsOfMap = Returns<MapCall<F>, ItemOf<Items>>;
template <class F, class Items> using ReturnsOfStarmap = Returns<StarCall<F>, ItemOf<Items>>;
template <class F, class... Args> using ReturnsOfApply = Returns<StarCall<F>, TupleOf<Args...>>;

/// AsyncResult<R>, except for a refused call.
template <class R>
using AsyncOf = std::conditional_t<std::is_same_v<R, Refused>, std::type_identity<Refused>,
                                   std::type_identity<AsyncResult<R>>>::type;

template <class Call, class Items, Refusal why = Call::template refusal<ItemOf<Items>>()>
struct LazyOf {
    using type = Refused;
};
template <class Call, class Items> struct LazyOf<Call, Items, Refusal::none> {
    using type = Imap<Call, ItemOf<Items>, typename Returns<Call, ItemOf<Items>>::Result,
                      std::views::all_t<Items>>;
};

} // namespace detail

/// The result of map: a std::vector of what the function returns for each item; void if it returns
/// nothing.
template <class F, class Items> using MapResult = detail::ReturnsOfMap<F, Items>::All;
/// The same for starmap.
template <class F, class Items> using StarmapResult = detail::ReturnsOfStarmap<F, Items>::All;
/// What apply returns: what the function returns.
template <class F, class... Args> using ApplyResult = detail::ReturnsOfApply<F, Args...>::One;
/// What imap and imap_unordered return: an Imap over what the function returns.
template <class F, class Items> using ImapResult = detail::LazyOf<detail::MapCall<F>, Items>::type;
/// The same for istarmap and istarmap_unordered.
template <class F, class Items>
using IstarmapResult = detail::LazyOf<detail::StarCall<F>, Items>::type;

/// Lets the pool choose how many items a worker takes at a time.
inline constexpr std::size_t auto_chunksize = 0;

struct PoolOptions {
    unsigned processes = 0; ///< workers; 0: process_cpu_count(), or the workers of all other ranks
    /// One of backend_names() (serial, threads, processes), or "mpi" with Ranks.
    std::string backend = "processes";
    Task<void()>
        initializer{}; ///< runs first in every worker; if it throws, Pool's constructor throws
    /// A worker process is replaced after this many chunks or calls; 0: never. Replacement happens
    /// while a thread waits for the pool.
    unsigned maxtasksperchild = 0;
    /// How often to run an item again when its worker dies; after that it fails with WorkerDied.
    /// Set it above 0 only if running an item twice does no harm.
    unsigned retries = 0;
    /// An item that runs longer fails with TimeoutError, and its worker is ended: by SIGTERM, 100
    /// ms later by SIGKILL. 0: no limit. Checked while a thread waits for the pool. Time during
    /// which the program is stopped, as by Ctrl-Z, does not count; an item may then get its whole
    /// time once more.
    Duration task_timeout{};
    bool trace =
        false; ///< record which worker ran what and when, for trace(); about 50 ns per chunk
};

/// A pool of workers that share many tasks until all are done.
///
///     mp::Pool pool({.processes = 4});
///     std::vector<double> roots = pool.map([](int i) { return std::sqrt(i); }, std::views::iota(0,
///     1000));
///
/// A callable is sent as its bytes: a function pointer, or a lambda whose captures are trivially
/// copyable. Capture a SharedArray by its span(). Items and results are values (codec.hpp).
/// Anything else is refused, by the compiler where possible. A capture that holds an address on the
/// caller's stack is refused with std::invalid_argument. Workers see the program's variables as
/// they were when the pool was made.
///
/// Blocking: map, starmap and apply block until all items are done.
/// Errors: all items run; then the failed one with the lowest index throws RemoteError (its task
/// threw), WorkerDied (its worker ended; the pool replaces the worker and continues) or
/// TimeoutError. When a worker ends, only the item that it was running can fail. For short items a
/// worker publishes its position only every 64 items or few microseconds. If it dies, every item
/// that it might have been running is run again, one at a time. BrokenPool: workers die as fast as
/// they are replaced. Interrupted: mp::interrupt() was called; the pool is terminated.
/// std::logic_error: used after close(). std::system_error: the kernel refused an operation, which
/// the message names. After fork: a pool belongs to the process that made it; in a child its
/// methods throw and its destructor does nothing. Thread-safety: all methods from any thread;
/// concurrent calls share the workers.
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

    /// Calls f(item) for each item of a range, in the workers; returns the results in the order of
    /// the items. `chunksize`: items that a worker takes at a time. A larger value means less
    /// overhead, a smaller one better load balance.
    template <class F, std::ranges::input_range Items>
    MapResult<F, Items> map(F function, Items&& items, std::size_t chunksize = auto_chunksize) {
        return run(detail::MapCall<F>{std::move(function)}, std::forward<Items>(items), chunksize);
    }
    template <class F, class T>
    MapResult<F, std::initializer_list<T>> map(F function, std::initializer_list<T> items,
                                               std::size_t chunksize = auto_chunksize) {
        return run(detail::MapCall<F>{std::move(function)}, items, chunksize);
    }

    /// Calls f(a, b, ...) for each tuple (a, b, ...) of a range; pairs and arrays count as tuples.
    template <class F, std::ranges::input_range Items>
    StarmapResult<F, Items> starmap(F function, Items&& items,
                                    std::size_t chunksize = auto_chunksize) {
        return run(detail::StarCall<F>{std::move(function)}, std::forward<Items>(items), chunksize);
    }
    template <class F, class T>
    StarmapResult<F, std::initializer_list<T>> starmap(F function, std::initializer_list<T> items,
                                                       std::size_t chunksize = auto_chunksize) {
        return run(detail::StarCall<F>{std::move(function)}, items, chunksize);
    }

    /// Calls f(args...) once, in a worker.
    template <class F, class... Args> ApplyResult<F, Args...> apply(F function, Args&&... args) {
        return apply_async(std::move(function), std::forward<Args>(args)...).get();
    }

    /// Calls f(item) for each item and writes its result to the same index of `results`: a vector,
    /// array, span or SharedArray of plain values of f's return type. A SharedArray, which the
    /// workers see in place, is not copied. Errors: std::invalid_argument when the sizes differ.
    template <class F, std::ranges::contiguous_range Items, std::ranges::contiguous_range Results>
        requires(std::ranges::borrowed_range<Results> && std::ranges::sized_range<Items> &&
                 std::ranges::sized_range<Results>)
    void map_into(F function, Items&& items, Results&& results,
                  std::size_t chunksize = auto_chunksize) {
        using T = std::ranges::range_value_t<Items>;
        using R = std::ranges::range_value_t<Results>;
        write_into<detail::MapCall<F>, T, R>({std::move(function)}, std::span<const T>(items),
                                             std::span<R>(results), chunksize);
    }

    /// map, starmap and apply that return at once. Several may be in progress; they share the
    /// workers fairly. The items are copied, except those of a std::span of a SharedArray, which
    /// must stay.
    template <class F, std::ranges::input_range Items>
    detail::AsyncOf<MapResult<F, Items>> map_async(F function, Items&& items,
                                                   std::size_t chunksize = auto_chunksize) {
        return run_async(detail::MapCall<F>{std::move(function)}, std::forward<Items>(items),
                         chunksize);
    }
    template <class F, class T>
    detail::AsyncOf<MapResult<F, std::initializer_list<T>>>
    map_async(F function, std::initializer_list<T> items, std::size_t chunksize = auto_chunksize) {
        return run_async(detail::MapCall<F>{std::move(function)}, std::vector<T>(items), chunksize);
    }
    template <class F, std::ranges::input_range Items>
    detail::AsyncOf<StarmapResult<F, Items>> starmap_async(F function, Items&& items,
                                                           std::size_t chunksize = auto_chunksize) {
        return run_async(detail::StarCall<F>{std::move(function)}, std::forward<Items>(items),
                         chunksize);
    }
    template <class F, class T>
    detail::AsyncOf<StarmapResult<F, std::initializer_list<T>>>
    starmap_async(F function, std::initializer_list<T> items,
                  std::size_t chunksize = auto_chunksize) {
        return run_async(detail::StarCall<F>{std::move(function)}, std::vector<T>(items),
                         chunksize);
    }
    template <class F, class... Args>
    detail::AsyncOf<ApplyResult<F, Args...>> apply_async(F function, Args&&... args);

    /// Calls f(item) for each item of an input range, which may be endless. Returns an Imap, which
    /// gives the results one by one in the order of the items. Reads ahead by a bounded number of
    /// items. An lvalue range must outlive the Imap; a temporary one is moved into it.
    template <class F, std::ranges::input_range Items>
    ImapResult<F, Items> imap(F function, Items&& items, ImapOptions options = {}) {
        return run_lazily(detail::MapCall<F>{std::move(function)}, std::forward<Items>(items),
                          options, Order::of_input);
    }
    /// The same, but gives each result as soon as it is there.
    template <class F, std::ranges::input_range Items>
    ImapResult<F, Items> imap_unordered(F function, Items&& items, ImapOptions options = {}) {
        return run_lazily(detail::MapCall<F>{std::move(function)}, std::forward<Items>(items),
                          options, Order::as_they_come);
    }
    /// The same for functions of several arguments, with tuples as items.
    template <class F, std::ranges::input_range Items>
    IstarmapResult<F, Items> istarmap(F function, Items&& items, ImapOptions options = {}) {
        return run_lazily(detail::StarCall<F>{std::move(function)}, std::forward<Items>(items),
                          options, Order::of_input);
    }
    template <class F, std::ranges::input_range Items>
    IstarmapResult<F, Items> istarmap_unordered(F function, Items&& items,
                                                ImapOptions options = {}) {
        return run_lazily(detail::StarCall<F>{std::move(function)}, std::forward<Items>(items),
                          options, Order::as_they_come);
    }

    /// Accepts no more work; the workers leave when they have finished what is pending.
    void close();
    /// Ends the workers at once; what they were doing is lost, and threads that wait for it get
    /// BrokenPool. Results that have arrived stay. Runs the callbacks of the others:
    /// AsyncResult::on_error.
    void terminate();
    /// Blocks until the workers have left. Errors: std::logic_error before close() or terminate().
    void join();

    unsigned processes() const;
    /// What each worker has done so far, by index. A task is counted soon after its result arrives,
    /// a map's items before that.
    std::vector<WorkerStats> stats() const;
    /// Which worker ran which chunk and when, sorted by worker and time; empty without
    /// PoolOptions::trace. The record of each worker is bounded: in a long one, neighboring chunks
    /// are merged.
    std::vector<Span> trace() const;

private:
    template <class Call, class Items>
    detail::Returns<Call, detail::ItemOf<Items>>::All run(const Call& call, Items&& items,
                                                          std::size_t chunksize);
    template <class Call, class Items>
    detail::AsyncOf<typename detail::Returns<Call, detail::ItemOf<Items>>::All>
    run_async(const Call& call, Items&& items, std::size_t chunksize);
    template <class Call, class Items>
    detail::LazyOf<Call, Items>::type run_lazily(const Call& call, Items&& items,
                                                 ImapOptions options, Order order);
    template <class Call, class T, class R>
    void write_into(const Call& call, std::span<const T> items, std::span<R> results,
                    std::size_t chunksize);

    const std::shared_ptr<detail::Core>& core() const;

    std::shared_ptr<detail::Core> core_;
};

// ---------------------------------------------------------------------------------------------------------------------

template <class Call, class Items>
detail::Returns<Call, detail::ItemOf<Items>>::All Pool::run(const Call& call, Items&& items,
                                                            std::size_t chunksize) {
    using T = detail::ItemOf<Items>;
    if constexpr (detail::check_call<Call, T>()) {
        using Returns = detail::Returns<Call, T>;
        core()->check_open();
        detail::Future<typename Returns::All> future(
            std::type_identity<typename Returns::Result>{},
            detail::post_map<Call, T, typename Returns::Result>(
                *core(), call, std::forward<Items>(items), chunksize, detail::Copy::if_needed));
        core()->wait([&] { return future.done(); });
        if constexpr (Returns::is_void)
            future.take();
        else
            return future.take();
    } else {
        return {};
    }
}

template <class Call, class Items>
detail::AsyncOf<typename detail::Returns<Call, detail::ItemOf<Items>>::All>
Pool::run_async(const Call& call, Items&& items, std::size_t chunksize) {
    using T = detail::ItemOf<Items>;
    if constexpr (detail::check_call<Call, T>()) {
        using Returns = detail::Returns<Call, T>;
        using All = Returns::All;
        using Given = std::remove_cvref_t<Items>;
        constexpr bool stays = std::ranges::view<Given> && std::ranges::borrowed_range<Given>;
        core()->check_open();
        return AsyncResult<All>(
            core(),
            detail::Future<All>(std::type_identity<typename Returns::Result>{},
                                detail::post_map<Call, T, typename Returns::Result>(
                                    *core(), call, std::forward<Items>(items), chunksize,
                                    stays ? detail::Copy::if_needed : detail::Copy::always)));
    } else {
        return {};
    }
}

template <class Call, class Items>
detail::LazyOf<Call, Items>::type Pool::run_lazily(const Call& call, Items&& items,
                                                   ImapOptions options, Order order) {
    if constexpr (detail::check_call<Call, detail::ItemOf<Items>>()) {
        core()->check_open();
        const detail::Closure<Call> closure(call);
        return {core(), closure.data(), std::views::all(std::forward<Items>(items)), options,
                order};
    } else {
        return {};
    }
}

template <class F, class... Args>
detail::AsyncOf<ApplyResult<F, Args...>> Pool::apply_async(F function, Args&&... args) {
    using Call = detail::StarCall<F>;
    using T = detail::TupleOf<Args...>;
    if constexpr (detail::check_call<Call, T>()) {
        using One = ApplyResult<F, Args...>;
        core()->check_open();
        const detail::Closure<Call> closure({std::move(function)});
        const std::array<T, 1> item{T(std::forward<Args>(args)...)};
        detail::TaskSlot& task = detail::TaskFrame<Call, T, detail::ResultOf<One>>::make(
            core()->tasks(), closure.data(), item, detail::TaskKind::call, 0);
        return AsyncResult<One>(core(), detail::Future<One>(detail::SubmittedTask(*core(), task)));
    } else {
        return {};
    }
}

template <class Call, class T, class R>
void Pool::write_into(const Call& call, std::span<const T> items, std::span<R> results,
                      std::size_t chunksize) {
    if constexpr (detail::check_call<Call, T>()) {
        constexpr bool fits = std::is_same_v<typename detail::Returns<Call, T>::One, R> &&
                              std::is_same_v<detail::Stored<R>, R>;
        static_assert(fits, "mp: map_into writes what the function returns, as it is; give results "
                            "of that type, which must be a plain value");
        if constexpr (fits) {
            if (items.size() != results.size())
                throw std::invalid_argument("mp::Pool: map_into needs as many results as items");
            core()->check_open();
            if (!core()->backend().visible(results.data(),
                                           detail::bytes_for(results.size(), sizeof(R)))) {
                const std::vector<R> copy = run(call, items, chunksize);
                std::uninitialized_copy_n(copy.begin(), copy.size(), results.begin());
                return;
            }
            const auto job = detail::post_map<Call, T, R>(*core(), call, items, chunksize,
                                                          detail::Copy::if_needed, results.data());
            core()->wait([&] { return job->done(); });
            (void)job->finish();
        }
    }
}

} // namespace mp
