#pragma once

#include <algorithm>
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

/// Let the pool choose how many items a worker takes at once.
inline constexpr std::size_t auto_chunksize = 0;

struct PoolOptions {
    unsigned processes = 0; ///< workers; 0: process_cpu_count(), or all that other ranks have
    /// One of backend_names(): serial, threads, processes; or that of Ranks, mpi.
    std::string backend = "processes";
    Task<void()>
        initializer{}; ///< runs first in every worker; if it throws, Pool's constructor throws
    /// A worker process is replaced after so many chunks or calls; 0: never. It is done while a
    /// thread waits for the pool.
    unsigned maxtasksperchild = 0;
    /// How often an item is run again whose worker died; then it fails with WorkerDied. More than 0
    /// only where running it twice does no harm.
    unsigned retries = 0;
    /// An item that runs longer fails with TimeoutError, and its worker is ended: by SIGTERM, 100
    /// ms later by SIGKILL. 0: no limit. It is watched while a thread waits for the pool; time
    /// during which the program is stopped, as by Ctrl-Z, does not count.
    Duration task_timeout{};
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
/// Errors: all items run; then the failing one with the lowest index throws: RemoteError (its task
/// threw), WorkerDied (its worker ended; the pool replaces the worker and goes on) or TimeoutError.
/// When a worker ends, only the item that it was running can fail by that. Of short items a worker
/// says only every 64, or every few microseconds, which it is at; those that it may have been at
/// are run a second time, one by one. BrokenPool: workers die as fast as they are replaced.
/// Interrupted: mp::interrupt() was called; the pool is terminated. std::logic_error: used after
/// close(). std::system_error: the kernel refused something, which is named. After fork: a pool
/// belongs to the process that made it; in a child its methods throw and its destructor is silent.
/// Thread-safety: all methods from any thread; what is under way at once shares the workers.
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

    /// f(item) for each item, its result written to the same place of `results`. Neither is copied
    /// where the workers see it as it stands: in a SharedArray. Errors: std::invalid_argument when
    /// the sizes differ.
    template <class F, class T, class R>
    void map_into(F function, std::span<const T> items, std::span<R> results,
                  std::size_t chunksize = auto_chunksize);
    template <class F, class T, class R>
    void map_into(F function, std::span<T> items, std::span<R> results,
                  std::size_t chunksize = auto_chunksize) {
        map_into(function, std::span<const T>(items), results, chunksize);
    }

    /// map, starmap and apply that return at once; several may be under way, and share the workers
    /// fairly. The items are copied, but for those of a std::span of a SharedArray, which must
    /// stay.
    template <class F, std::ranges::input_range Items>
    auto map_async(F function, Items&& items, std::size_t chunksize = auto_chunksize);
    template <class F, class T>
    auto map_async(F function, std::initializer_list<T> items,
                   std::size_t chunksize = auto_chunksize) {
        return map_async(function, std::vector<T>(items), chunksize);
    }
    template <class F, std::ranges::input_range Items>
    auto starmap_async(F function, Items&& items, std::size_t chunksize = auto_chunksize);
    template <class F, class T>
    auto starmap_async(F function, std::initializer_list<T> items,
                       std::size_t chunksize = auto_chunksize) {
        return starmap_async(function, std::vector<T>(items), chunksize);
    }
    template <class F, class... Args> auto apply_async(F function, Args&&... args);

    /// f(item) for each item of an input range, however long, also an endless one: an Imap, whose
    /// results come one by one in the order of the items. Reads ahead by a bounded number of items.
    /// A range given by name must stay; a temporary one is taken along.
    template <class F, std::ranges::input_range Items>
    auto imap(F function, Items&& items, ImapOptions options = {});
    /// The same, each result as soon as it is there.
    template <class F, std::ranges::input_range Items>
    auto imap_unordered(F function, Items&& items, ImapOptions options = {});
    /// The same for functions of several arguments and items that are tuples.
    template <class F, std::ranges::input_range Items>
    auto istarmap(F function, Items&& items, ImapOptions options = {});
    template <class F, std::ranges::input_range Items>
    auto istarmap_unordered(F function, Items&& items, ImapOptions options = {});

    /// Accepts no more work; the workers leave when they have finished what there is.
    void close();
    /// Ends the workers at once; what they were doing is lost, and who waits for it gets
    /// BrokenPool. Results that are there stay. Calls back for the others: AsyncResult::on_error.
    void terminate();
    /// Blocks until the workers have left. Errors: std::logic_error before close() or terminate().
    void join();

    unsigned processes() const;
    /// What each worker has done so far, by index. A task is counted soon after its result is
    /// there, a map's items before that.
    std::vector<WorkerStats> stats() const;
    /// Who ran which chunk and when, by worker and time; empty without PoolOptions::trace. The
    /// record of each worker is bounded: in a long one neighbours are joined.
    std::vector<Span> trace() const;

private:
    template <class Call, class T>
    using Result = std::decay_t<std::invoke_result_t<const Call&, const T&>>;
    template <class Items> using Item = std::remove_cv_t<std::ranges::range_value_t<Items>>;

    template <class Call, class T, class Items>
    auto run(const Call& call, Items&& items, std::size_t chunksize);
    template <class Call, class T, class Items>
    auto run_async(const Call& call, Items&& items, std::size_t chunksize);
    template <class Call, class T, class Items>
    auto run_lazily(const Call& call, Items&& items, ImapOptions options, Order order);

    const std::shared_ptr<detail::Core>& core() const;

    std::shared_ptr<detail::Core> core_;
};

// ---------------------------------------------------------------------------------------------------------------------

template <class Call, class T, class Items>
auto Pool::run(const Call& call, Items&& items, std::size_t chunksize) {
    using R = Result<Call, T>;
    using All = std::conditional_t<std::is_same_v<R, detail::Nothing>, void, std::vector<R>>;
    core()->check_open();
    const detail::Closure<Call> closure(call);
    detail::MapFuture<Call, T, R, All> future(*core(), closure.data(), std::forward<Items>(items),
                                              chunksize);
    core()->wait([&] { return future.done(); });
    if constexpr (std::is_void_v<All>)
        future.take();
    else
        return future.take();
}

template <class Call, class T, class Items>
auto Pool::run_async(const Call& call, Items&& items, std::size_t chunksize) {
    using R = Result<Call, T>;
    using All = std::conditional_t<std::is_same_v<R, detail::Nothing>, void, std::vector<R>>;
    using Given = std::remove_cvref_t<Items>;
    constexpr bool stays = std::ranges::view<Given> && std::ranges::borrowed_range<Given>;
    core()->check_open();
    const detail::Closure<Call> closure(call);
    std::unique_ptr<detail::FutureBase<All>> map =
        std::make_unique<detail::MapFuture<Call, T, R, All>>(
            *core(), closure.data(), std::forward<Items>(items), chunksize,
            stays ? detail::Copy::if_needed : detail::Copy::always);
    return AsyncResult<All>(core(), detail::Future<All>(std::move(map)));
}

template <class Call, class T, class Items>
auto Pool::run_lazily(const Call& call, Items&& items, ImapOptions options, Order order) {
    using R = Result<Call, T>;
    using All = std::views::all_t<Items>;
    core()->check_open();
    const detail::Closure<Call> closure(call);
    return Imap<Call, T, R, All>(core(), closure.data(),
                                 std::views::all(std::forward<Items>(items)), options, order);
}

template <class F, std::ranges::input_range Items>
auto Pool::map(F function, Items&& items, std::size_t chunksize) {
    using T = Item<Items>;
    if constexpr (detail::check_map<F, T>())
        return run<detail::MapCall<F>, T>({function}, std::forward<Items>(items), chunksize);
    else
        return detail::Refused{};
}

template <class F, std::ranges::input_range Items>
auto Pool::starmap(F function, Items&& items, std::size_t chunksize) {
    using T = Item<Items>;
    if constexpr (detail::check_starmap<F, T>())
        return run<detail::StarCall<F>, T>({function}, std::forward<Items>(items), chunksize);
    else
        return detail::Refused{};
}

template <class F, std::ranges::input_range Items>
auto Pool::map_async(F function, Items&& items, std::size_t chunksize) {
    using T = Item<Items>;
    if constexpr (detail::check_map<F, T>())
        return run_async<detail::MapCall<F>, T>({function}, std::forward<Items>(items), chunksize);
    else
        return detail::Refused{};
}

template <class F, std::ranges::input_range Items>
auto Pool::starmap_async(F function, Items&& items, std::size_t chunksize) {
    using T = Item<Items>;
    if constexpr (detail::check_starmap<F, T>())
        return run_async<detail::StarCall<F>, T>({function}, std::forward<Items>(items), chunksize);
    else
        return detail::Refused{};
}

template <class F, class... Args> auto Pool::apply_async(F function, Args&&... args) {
    using T = std::tuple<std::decay_t<Args>...>;
    if constexpr (detail::check_starmap<F, T>()) {
        using Call = detail::StarCall<F>;
        using R = Result<Call, T>;
        using One = std::conditional_t<std::is_same_v<R, detail::Nothing>, void, R>;
        core()->check_open();
        const detail::Closure<Call> closure({function});
        return AsyncResult<One>(core(),
                                detail::submit_call<Call, T, One>(*core(), closure.data(),
                                                                  T(std::forward<Args>(args)...)));
    } else {
        return detail::Refused{};
    }
}

template <class F, class... Args> auto Pool::apply(F function, Args&&... args) {
    using T = std::tuple<std::decay_t<Args>...>;
    if constexpr (detail::check_starmap<F, T>())
        return apply_async(function, std::forward<Args>(args)...).get();
    else
        return detail::Refused{};
}

template <class F, class T, class R>
void Pool::map_into(F function, std::span<const T> items, std::span<R> results,
                    std::size_t chunksize) {
    using Call = detail::MapCall<F>;
    if constexpr (detail::check_map<F, T>()) {
        static_assert(
            std::is_same_v<Result<Call, T>, R> && detail::is_flat<R>,
            "mp: map_into writes what the function returns, as it is; give a span of that "
            "type, which must be a plain value");
        if (items.size() != results.size())
            throw std::invalid_argument("mp::Pool: map_into needs as many results as items");
        core()->check_open();
        if (!core()->backend().visible(results.data(),
                                       detail::bytes_for(results.size(), sizeof(R)))) {
            const std::vector<R> copy = run<Call, T>({function}, items, chunksize);
            std::ranges::copy(copy, results.begin());
            return;
        }
        const Call call{function};
        const detail::Closure<Call> closure(call);
        detail::MapFuture<Call, T, R, void> future(*core(), closure.data(), items, chunksize,
                                                   detail::Copy::if_needed, results.data());
        core()->wait([&] { return future.done(); });
        future.take();
    }
}

template <class F, std::ranges::input_range Items>
auto Pool::imap(F function, Items&& items, ImapOptions options) {
    using T = Item<Items>;
    if constexpr (detail::check_map<F, T>())
        return run_lazily<detail::MapCall<F>, T>({function}, std::forward<Items>(items), options,
                                                 Order::of_input);
    else
        return detail::Refused{};
}

template <class F, std::ranges::input_range Items>
auto Pool::imap_unordered(F function, Items&& items, ImapOptions options) {
    using T = Item<Items>;
    if constexpr (detail::check_map<F, T>())
        return run_lazily<detail::MapCall<F>, T>({function}, std::forward<Items>(items), options,
                                                 Order::as_they_come);
    else
        return detail::Refused{};
}

template <class F, std::ranges::input_range Items>
auto Pool::istarmap(F function, Items&& items, ImapOptions options) {
    using T = Item<Items>;
    if constexpr (detail::check_starmap<F, T>())
        return run_lazily<detail::StarCall<F>, T>({function}, std::forward<Items>(items), options,
                                                  Order::of_input);
    else
        return detail::Refused{};
}

template <class F, std::ranges::input_range Items>
auto Pool::istarmap_unordered(F function, Items&& items, ImapOptions options) {
    using T = Item<Items>;
    if constexpr (detail::check_starmap<F, T>())
        return run_lazily<detail::StarCall<F>, T>({function}, std::forward<Items>(items), options,
                                                  Order::as_they_come);
    else
        return detail::Refused{};
}

} // namespace mp
