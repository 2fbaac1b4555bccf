#pragma once

#include <cstddef>
#include <exception>
#include <functional>
#include <iterator>
#include <memory>
#include <optional>
#include <ranges>
#include <utility>
#include <vector>

#include "mp/calls.hpp"
#include "mp/core.hpp"
#include "mp/error.hpp"
#include "mp/storage.hpp"

namespace mp {

/// How Pool::imap reads its input.
struct ImapOptions {
    std::size_t chunksize = 1;  ///< items that a worker takes at a time
    std::size_t read_ahead = 0; ///< items read ahead of the results taken, at most; 0: 2 x
                                ///< workers x chunksize
};

/// The order in which Imap gives its results.
enum class Order { of_input, as_they_come };

namespace detail {

/// Reads an input range a few items at a time, and only as far as requested.
template <class T, class Items> class ChunkReader {
public:
    explicit ChunkReader(Items items) : items_(std::move(items)) {}

    bool ended() const { return ended_; }
    /// The next items, at most `most`; fewer, or none, at the end. An input that throws counts as
    /// ended.
    std::vector<T> read(std::size_t most) {
        std::vector<T> chunk;
        try {
            if (!at_)
                at_.emplace(std::ranges::begin(items_));
            else if (std::exchange(move_on_, false))
                ++*at_;
            while (chunk.size() < most) {
                if (*at_ == std::ranges::end(items_)) {
                    ended_ = true;
                    break;
                }
                chunk.push_back(static_cast<T>(**at_));
                // The next item is requested only when there is room for it.
                if (chunk.size() < most)
                    ++*at_;
                else
                    move_on_ = true;
            }
        } catch (...) {
            end(std::current_exception());
        }
        return chunk;
    }
    /// Stops reading, for this reason.
    void end(std::exception_ptr error) {
        ended_ = true;
        error_ = std::move(error);
    }
    /// Why the input ended, reported once; null: it ended normally.
    std::exception_ptr take_error() { return std::exchange(error_, nullptr); }

private:
    Items items_;
    std::optional<std::ranges::iterator_t<Items>> at_;
    bool move_on_ = false; // at_ points to an item that has been read
    bool ended_ = false;
    std::exception_ptr error_;
};

/// The chunks of an imap that are in progress, and which result comes next.
class ChunkWindow {
public:
    ChunkWindow(std::shared_ptr<Core> core, const ImapOptions& options, Order order);
    ChunkWindow(const ChunkWindow&) = delete;
    ChunkWindow& operator=(const ChunkWindow&) = delete;
    /// Cancels what has not begun.
    ~ChunkWindow();

    Core& core() const { return *core_; }
    bool empty() const { return waiting_ == 0; }
    /// How many items the next chunk may have; 0: take some results first.
    std::size_t room() const;
    /// The index of the next chunk's first item.
    std::size_t next_index() const { return sent_; }
    /// Errors: those of Core::submit; the chunk then does not exist.
    void submit(TaskSlot& task);
    /// No more chunks will be submitted.
    void end_input() noexcept;

    /// Blocks until there is a next result. REQUIRES: not empty(). Errors: Interrupted, BrokenPool;
    /// the first chunk is then lost, and iteration can continue with the next.
    void wait();
    /// Takes the next result: calls `load` with its chunk and position, then releases it. REQUIRES:
    /// wait() has returned. Errors: those of the item.
    void take(const std::function<void(const Job& chunk, std::size_t item)>& load);

private:
    struct ActiveChunk;
    class Chunks;

    void give_up_first() noexcept;

    std::shared_ptr<Core> core_;
    std::size_t chunksize_, read_ahead_;
    Order order_;
    std::unique_ptr<Chunks> chunks_; // sent, and not yet fully taken
    std::size_t sent_ = 0;           // items
    std::size_t waiting_ = 0;        // items sent, and not yet taken
    bool input_ended_ = false;
};

} // namespace detail

/// The results of Pool::imap or imap_unordered, one by one: an input range, to be iterated once.
///
///     for (double root : pool.imap(square_root, numbers)) ...
///
/// The input is read on the iterating thread, and only as far as ImapOptions::read_ahead beyond the
/// results taken. Errors: ++ and begin() throw for a failed item (RemoteError, WorkerDied,
/// TimeoutError); iteration can then continue with the next item. An input that throws ends the
/// results with its exception, after the results of all earlier items. So does the end of the pool,
/// except for an interrupt, which is reported at once. Leaving the loop early cancels what has not
/// begun; running items continue. Thread-safety: one iteration, on one thread at a time.
template <class Call, class T, class R, class Items> class Imap {
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

    /// Blocks until the first result is there. After an error: continues with the next.
    iterator begin() {
        if (!state_->current && !state_->ended) state_->advance();
        return iterator(this);
    }
    std::default_sentinel_t end() const { return {}; }

private:
    struct State {
        State(std::shared_ptr<detail::Core> core, const void* function, Items items,
              const ImapOptions& options, Order order)
            : window(std::move(core), options, order), input(std::move(items)) {
            const auto* bytes = static_cast<const std::byte*>(function);
            closure.assign(bytes, bytes + sizeof(Call));
        }

        void advance() {
            window.core().check_caller();
            current.reset();
            fill();
            if (window.empty()) {
                ended = true;
                if (const std::exception_ptr error = input.take_error())
                    std::rethrow_exception(error);
                return;
            }
            window.wait();
            window.take([this](const detail::Job& chunk, std::size_t item) {
                const auto* results = static_cast<const detail::Stored<R>*>(chunk.results);
                current.emplace(detail::Storage<R>::load(results[item]));
            });
        }

        // Reads on, chunk by chunk, while there is room.
        void fill() {
            while (!input.ended() && window.room() != 0) {
                const std::vector<T> chunk = input.read(window.room());
                if (!chunk.empty()) send(chunk);
                if (input.ended()) window.end_input();
            }
        }

        void send(const std::vector<T>& chunk) {
            detail::TaskSlot& task =
                detail::TaskFrame<Call, T, R>::make(window.core().tasks(), closure.data(), chunk,
                                                    detail::TaskKind::chunk, window.next_index());
            try {
                window.submit(task);
            } catch (const Interrupted&) {
                input.end(nullptr);
                throw;
            } catch (...) { // the pool is closed or gone; results that exist come first
                input.end(std::current_exception());
            }
        }

        detail::ChunkWindow window;
        detail::ChunkReader<T, Items> input;
        std::vector<std::byte> closure;
        std::optional<R> current;
        bool ended = false;
    };

    std::unique_ptr<State> state_;
};

} // namespace mp
