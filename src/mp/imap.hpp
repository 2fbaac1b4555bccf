#pragma once

#include <algorithm>
#include <cstddef>
#include <deque>
#include <exception>
#include <iterator>
#include <memory>
#include <optional>
#include <ranges>
#include <utility>
#include <vector>

#include "mp/calls.hpp"
#include "mp/core.hpp"
#include "mp/error.hpp"

namespace mp {

/// How Pool::imap reads its input.
struct ImapOptions {
    std::size_t chunksize = 1;  ///< items that a worker takes at once
    std::size_t read_ahead = 0; ///< items read and not yet taken from the results, at most; 0: 2 x
                                ///< workers x chunksize
};

/// In which order Imap gives its results.
enum class Order { of_input, as_they_come };

/// The results of Pool::imap or imap_unordered, one by one: an input range, to be walked once.
///
///     for (double root : pool.imap(square_root, numbers)) ...
///
/// The input is read on the walking thread, only as far as ImapOptions::read_ahead beyond what has
/// been taken. Errors: ++ and begin() throw for an item that failed (RemoteError, WorkerDied,
/// TimeoutError); the walk can then go on with the next item. An input that throws ends the results
/// with its exception, after those of all items before it; so does the end of the pool, but for an
/// interrupt, which is told at once. Leaving early calls off what has not begun; what runs goes on.
/// Thread-safety: one walk, on one thread at a time.
template <class Call, class T, class R, class Items> class Imap {
    using Chunk = detail::ChunkFrame<Call, T, R>;
    using StoredItem = detail::Stored<T>;
    using StoredResult = detail::Stored<R>;

public:
    Imap(std::shared_ptr<detail::Core> core, const void* closure, Items items, ImapOptions options,
         Order order)
        : state_(std::make_unique<State>(std::move(core), closure, std::move(items), options,
                                         order)) {}

    class iterator {
    public:
        using value_type = R;
        using difference_type = std::ptrdiff_t;
        using iterator_concept = std::input_iterator_tag;

        iterator() = default;
        explicit iterator(Imap* imap) : imap_(imap) {}
        /// The result, until the next ++; it may be moved out.
        R& operator*() const { return *imap_->state_->current; }
        R* operator->() const { return &*imap_->state_->current; }
        /// Blocks until the next result is there.
        iterator& operator++() {
            imap_->state_->advance();
            return *this;
        }
        void operator++(int) { ++*this; }
        bool operator==(std::default_sentinel_t) const { return imap_->state_->ended; }

    private:
        Imap* imap_ = nullptr;
    };

    /// Blocks until the first result is there. After an error: where the walk goes on.
    iterator begin() {
        if (!state_->current && !state_->ended) state_->advance();
        return iterator(this);
    }
    std::default_sentinel_t end() const { return {}; }

private:
    // A chunk that is under way or being taken, with its memory.
    struct ActiveChunk {
        detail::TaskSlot* task = nullptr;
        std::shared_ptr<void> memory;
        std::size_t bytes = 0;
        std::size_t items = 0;
        std::size_t taken = 0;
    };

    struct State {
        State(std::shared_ptr<detail::Core> c, const void* function, Items from,
              ImapOptions options, Order in)
            : core(std::move(c)), chunksize(std::max<std::size_t>(1, options.chunksize)),
              read_ahead(std::max(options.read_ahead != 0 ? options.read_ahead
                                                          : 2 * chunksize * core->processes(),
                                  std::size_t{1})),
              order(in), items(std::move(from)) {
            const auto* bytes = static_cast<const std::byte*>(function);
            closure.assign(bytes, bytes + sizeof(Call));
            core->begin_iteration();
        }
        State(const State&) = delete;
        State& operator=(const State&) = delete;
        ~State() {
            if (!core->is_mine()) { // a child's copy
                for (ActiveChunk& each : active_chunks)
                    (void)new std::shared_ptr<void>(each.memory);
                return;
            }
            for (ActiveChunk& each : active_chunks) drop(std::move(each));
            stop_reading();
        }

        void stop_reading() noexcept {
            input_ended = true;
            if (!std::exchange(iteration_ended, true)) core->end_iteration();
        }

        void advance() {
            core->check_caller();
            current.reset();
            for (;;) {
                fill();
                if (active_chunks.empty()) {
                    ended = true;
                    if (input_error) std::rethrow_exception(std::exchange(input_error, nullptr));
                    return;
                }
                ActiveChunk& next = wait_for_one();
                const bool failed = take_from(next);
                if (failed || current) return;
            }
        }

        // Reads on while there is room, chunk by chunk.
        void fill() {
            while (!input_ended && waiting < read_ahead) {
                std::vector<T> chunk;
                const std::size_t most = std::min(chunksize, read_ahead - waiting);
                try {
                    if (!at)
                        at.emplace(std::ranges::begin(items));
                    else if (move_on)
                        ++*at;
                    move_on = false;
                    while (chunk.size() < most) {
                        if (*at == std::ranges::end(items)) {
                            input_ended = true;
                            break;
                        }
                        chunk.push_back(static_cast<T>(**at));
                        // The next one is only asked for when there is room for it.
                        if (chunk.size() < most)
                            ++*at;
                        else
                            move_on = true;
                    }
                } catch (...) {
                    input_ended = true;
                    input_error = std::current_exception();
                }
                if (!chunk.empty()) send(chunk);
                if (input_ended) stop_reading();
            }
        }

        void send(const std::vector<T>& chunk) {
            std::vector<std::vector<std::byte>> packed;
            std::size_t bytes = 0;
            if constexpr (!detail::is_flat<T>)
                for (const T& item : chunk)
                    bytes += packed.emplace_back(detail::pack<T>(item)).size();
            constexpr std::size_t unit =
                std::max({std::size_t{64}, alignof(StoredItem), alignof(StoredResult)});
            const auto aligned = [](std::size_t size) { return (size + unit - 1) / unit * unit; };
            const std::size_t for_items = aligned(chunk.size() * sizeof(StoredItem));
            const std::size_t for_results = aligned(chunk.size() * sizeof(StoredResult));
            const std::size_t for_failures = aligned(chunk.size() * sizeof(detail::FailureNote*));
            ActiveChunk active_chunk;
            active_chunk.items = chunk.size();
            provide(active_chunk, for_items + for_results + for_failures + bytes);
            auto* memory = static_cast<std::byte*>(active_chunk.memory.get());
            auto* stored = reinterpret_cast<StoredItem*>(memory);
            auto* results = reinterpret_cast<StoredResult*>(memory + for_items);
            auto* failures =
                reinterpret_cast<detail::FailureNote**>(memory + for_items + for_results);
            auto* data = memory + for_items + for_results + for_failures;
            detail::Storage<R>::clear(results, chunk.size());
            for (std::size_t i = 0; i < chunk.size(); ++i) {
                failures[i] = nullptr;
                if constexpr (detail::is_flat<T>) {
                    ::new (static_cast<void*>(stored + i)) T(chunk[i]);
                } else {
                    if (!packed[i].empty()) std::memcpy(data, packed[i].data(), packed[i].size());
                    stored[i] = {data, packed[i].size()};
                    data += packed[i].size();
                }
            }
            active_chunk.task = core->take_task(Chunk::offset() + sizeof(Chunk));
            Chunk& call = *::new (static_cast<void*>(&Chunk::of(*active_chunk.task))) Chunk;
            std::memcpy(call.call, closure.data(), sizeof(Call));
            call.items = stored;
            call.results = results;
            detail::TaskFrame& frame = detail::TaskFrame::of(*active_chunk.task);
            frame = {.next = 0, .end = chunk.size(), .first = sent, .failures = failures, .job = 0};
            active_chunk.task->kind = detail::TaskKind::chunk;
            active_chunk.task->type = &Chunk::type;
            active_chunk.task->items = static_cast<std::uint32_t>(chunk.size());
            active_chunk.task->first = static_cast<std::uint32_t>(sent);
            active_chunks.push_back(std::move(active_chunk));
            waiting += chunk.size();
            sent += chunk.size();
            try {
                core->submit(*active_chunks.back().task);
            } catch (const Interrupted&) {
                take_back_last();
                throw;
            } catch (...) { // the pool is closed, or gone; what there is comes before that
                take_back_last();
                input_error = std::current_exception();
            }
        }

        // What could not be submitted.
        void take_back_last() {
            ActiveChunk unsent = std::move(active_chunks.back());
            active_chunks.pop_back();
            waiting -= unsent.items;
            stop_reading();
            drop(std::move(unsent));
        }

        // Memory of chunks that have been taken is used again.
        void provide(ActiveChunk& active_chunk, std::size_t bytes) {
            const bool fits = spare && spare_bytes >= bytes && spare_bytes <= 4 * bytes + 4096;
            active_chunk.memory =
                fits ? std::exchange(spare, nullptr) : core->backend().allocate(bytes);
            active_chunk.bytes = fits ? spare_bytes : bytes;
        }

        ActiveChunk& wait_for_one() {
            const auto done = [this] {
                if (order == Order::of_input) return active_chunks.front().task->done();
                return std::ranges::any_of(
                    active_chunks, [](const ActiveChunk& each) { return each.task->done(); });
            };
            try {
                if (!done()) core->wait(done);
            } catch (const Interrupted&) {
                lose_first();
                throw;
            } catch (const BrokenPool&) {
                lose_first();
                throw;
            }
            if (order == Order::as_they_come) {
                const auto first = std::ranges::find_if(
                    active_chunks, [](const ActiveChunk& each) { return each.task->done(); });
                if (first != active_chunks.begin()) std::swap(*first, active_chunks.front());
            }
            return active_chunks.front();
        }

        // The pool has ended, and this chunk never will: the walk can go on with the next.
        void lose_first() {
            ActiveChunk lost = std::move(active_chunks.front());
            active_chunks.pop_front();
            waiting -= lost.items - lost.taken;
            stop_reading();
            drop(std::move(lost));
        }

        // Takes one result; true, and it throws, for a failure.
        bool take_from(ActiveChunk& active_chunk) {
            Chunk& call = Chunk::of(*active_chunk.task);
            const detail::TaskState state = active_chunk.task->status.get();
            const std::size_t i = active_chunk.taken++;
            --waiting;
            struct Finally { // the chunk is done with after its last item, whatever comes of that
                State& all;
                bool last;
                ~Finally() {
                    if (!last) return;
                    ActiveChunk done = std::move(all.active_chunks.front());
                    all.active_chunks.pop_front();
                    all.core->free_task(done.task);
                    all.spare = std::move(done.memory);
                    all.spare_bytes = done.bytes;
                }
            } finally{*this, active_chunk.taken == active_chunk.items};
            if (state == detail::TaskState::cancelled) throw Cancelled();
            if (const detail::FailureNote* note =
                    detail::TaskFrame::of(*active_chunk.task).failures[i];
                note != nullptr)
                std::rethrow_exception(detail::take_error(core->executor(), note));
            struct Release {
                detail::Executor& executor;
                const StoredResult& result;
                ~Release() { detail::Storage<R>::release(executor, &result, 1); }
            } release{core->executor(), call.results[i]};
            current.emplace(detail::Storage<R>::load(call.results[i]));
            return false;
        }

        void drop(ActiveChunk active_chunk) {
            core->drop_task(active_chunk.task,
                            [memory = std::move(active_chunk.memory), taken = active_chunk.taken,
                             &executor = core->executor()](detail::TaskSlot& task) {
                                const detail::TaskFrame& frame = detail::TaskFrame::of(task);
                                for (std::size_t i = taken; i < frame.end; ++i) {
                                    if (frame.failures[i] != nullptr)
                                        executor.release(frame.failures[i]);
                                    detail::Storage<R>::release(executor,
                                                                &Chunk::of(task).results[i], 1);
                                }
                            });
        }

        std::shared_ptr<detail::Core> core;
        std::vector<std::byte> closure;
        std::size_t chunksize, read_ahead;
        Order order;
        Items items;
        std::optional<std::ranges::iterator_t<Items>> at;
        bool move_on = false; // at stands on an item that has been read
        bool input_ended = false;
        bool iteration_ended = false;
        std::exception_ptr input_error;
        std::size_t sent = 0;    // items
        std::size_t waiting = 0; // items that are sent and not yet taken
        std::deque<ActiveChunk> active_chunks;
        std::shared_ptr<void> spare;
        std::size_t spare_bytes = 0;
        std::optional<R> current;
        bool ended = false;
    };

    std::unique_ptr<State> state_;
};

} // namespace mp
