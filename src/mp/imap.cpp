#include "mp/imap.hpp"

#include <algorithm>
#include <cstdint>
#include <deque>

namespace mp::detail {

namespace {

constexpr std::size_t longest_chunk = std::size_t{1} << 31; // a task counts its items in 32 bits

} // namespace

struct ChunkWindow::ActiveChunk {
    TaskSlot* task;
    std::uint32_t taken; // results
};

class ChunkWindow::Chunks : public std::deque<ActiveChunk> {};

ChunkWindow::ChunkWindow(std::shared_ptr<Core> core, const ImapOptions& options, Order order)
    : core_(std::move(core)),
      chunksize_(std::clamp(options.chunksize, std::size_t{1}, longest_chunk)),
      read_ahead_(options.read_ahead != 0 ? options.read_ahead
                                          : 2 * chunksize_ * core_->processes()),
      order_(order), chunks_(std::make_unique<Chunks>()) {
    core_->begin_iteration();
}

ChunkWindow::~ChunkWindow() {
    if (!core_->is_mine()) return; // a copy in a child process
    for (const ActiveChunk& each : *chunks_) core_->tasks().drop(*each.task);
    end_input();
}

void ChunkWindow::end_input() noexcept {
    if (!std::exchange(input_ended_, true)) core_->end_iteration();
}

std::size_t ChunkWindow::room() const {
    return waiting_ < read_ahead_ ? std::min(chunksize_, read_ahead_ - waiting_) : 0;
}

void ChunkWindow::submit(TaskSlot& task) {
    chunks_->push_back({&task, 0});
    try {
        core_->submit(task);
    } catch (...) {
        chunks_->pop_back();
        core_->tasks().drop(task);
        end_input();
        throw;
    }
    waiting_ += task.end;
    sent_ += task.end;
}

void ChunkWindow::wait() {
    const auto is_done = [](const ActiveChunk& each) { return each.task->done(); };
    const auto find_done = [&] {
        return order_ == Order::as_they_come ? std::ranges::find_if(*chunks_, is_done)
               : is_done(chunks_->front())   ? chunks_->begin()
                                             : chunks_->end();
    };
    const auto lose_first = [&] { // the pool has ended, so this chunk will never be done
        end_input();
        give_up_first();
    };
    const auto any_done = [&] { return find_done() != chunks_->end(); };
    try {
        if (!any_done()) core_->wait(any_done);
    } catch (const Interrupted&) {
        lose_first();
        throw;
    } catch (const BrokenPool&) {
        lose_first();
        throw;
    }
    // The results that follow are from the same chunk, whatever else has finished by then.
    std::swap(*find_done(), chunks_->front());
}

void ChunkWindow::take(const std::function<void(const Job& chunk, std::size_t item)>& load) {
    ActiveChunk& chunk = chunks_->front();
    const std::size_t item = chunk.taken++;
    --waiting_;
    const TaskItems items = chunk.task->type->items(*chunk.task);
    struct Finally { // releases the result, and the chunk after its last one, on return and on
                     // error
        ChunkWindow& window;
        const Job& job;
        std::size_t item;
        ~Finally() {
            release_results(window.core_->executor(), job, item, 1);
            if (item + 1 == job.size) window.give_up_first();
        }
    } const finally{*this, items.job, item};
    if (chunk.task->status.get() == TaskState::cancelled) throw Cancelled();
    if (items.failures[item] != nullptr)
        std::rethrow_exception(take_error(core_->executor(), items.failures[item]));
    load(items.job, item);
}

// Results of it that have not been taken never will be.
void ChunkWindow::give_up_first() noexcept {
    const ActiveChunk first = chunks_->front();
    chunks_->pop_front();
    waiting_ -= first.task->end - first.taken;
    core_->tasks().drop(*first.task);
}

} // namespace mp::detail
