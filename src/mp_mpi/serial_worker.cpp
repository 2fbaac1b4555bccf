#include "mp_mpi/serial_worker.hpp"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <memory>
#include <mp/worker.hpp>
#include <utility>

#include "mp_mpi/clock.hpp"
#include "mp_mpi/wire_failure.hpp"
#include "mp_mpi/wire_values.hpp"

namespace mp_mpi {

namespace {

class SingleContext final : public mp::TaskContext {
public:
    SingleContext() : TaskContext(reached_, nullptr) {}
    std::byte* allocate(std::size_t bytes) override {
        return values_.emplace_back(new std::byte[std::max<std::size_t>(bytes, 1)]).get();
    }
    void release(const void*) noexcept override {}                           // all go together
    mp::FailureNote* note(std::size_t) noexcept override { return nullptr; } // tasks' own
    void failed(std::size_t item) noexcept override {
        try {
            failures_.push_back(Failed::current(item));
        } catch (...) { // no memory for words
            lost_words_ = true;
        }
    }
    std::vector<Failed>& failures() {
        if (lost_words_ && failures_.empty()) throw std::bad_alloc();
        return failures_;
    }

private:
    std::atomic<std::uint64_t> reached_; // nobody asks
    std::vector<std::unique_ptr<std::byte[]>> values_;
    std::vector<Failed> failures_;
    bool lost_words_ = false;
};

} // namespace

void Single::take(Message& message) {
    const Header& header = message.header();
    switch (header.kind) {
    case Kind::open:
        return open(message);
    case Kind::run:
        return run(message);
    case Kind::forget:
        if (const auto pool = pools_.find(header.pool); pool != pools_.end())
            pool->second.jobs.erase(header.job);
        return;
    case Kind::close:
        pools_.erase(header.pool);
        return send_(Message(Header{.kind = Kind::closed, .pool = header.pool}));
    default: // what is running cannot be called off
        return;
    }
}

void Single::open(Message& message) {
    Message answer(Header{.kind = Kind::opened,
                          .pool = message.header().pool,
                          .ticket = static_cast<std::uint32_t>(mp::this_process::pid()),
                          .begin_ns = now_ns()});
    try {
        OpenedPool pool = OpenedPool::read(message);
        mp::detail::set_worker(pool.opening.first_worker, this);
        pool.initializer();
        pools_.insert_or_assign(message.header().pool, std::move(pool));
    } catch (...) {
        put_failures(answer, {Failed::current(0)});
    }
    answer.header().end_ns = now_ns();
    send_(std::move(answer));
}

void Single::run(Message& message) {
    const Header& asked = message.header();
    Message answer(Header{.kind = Kind::ran,
                          .pool = asked.pool,
                          .job = asked.job,
                          .ticket = asked.ticket,
                          .first = asked.first,
                          .count = asked.count,
                          .begin_ns = now_ns()});
    try {
        OpenedPool& pool = pools_.at(asked.pool);
        Reader from(message);
        Assignment described;
        if ((asked.flags & with_work) != 0) described = pool.read_work(from);
        if ((asked.flags & (with_work | once)) == with_work)
            pool.jobs.insert_or_assign(asked.job, std::exchange(described, {}));
        const Assignment& work = (asked.flags & once) != 0 ? described : pool.jobs.at(asked.job);
        const std::size_t count = asked.count;
        const Items items = Items::read(from, work.item_size, count);
        std::vector<mp::Packed> packed(work.result_size == 0 ? count : 0);
        std::byte* results = reinterpret_cast<std::byte*>(packed.data());
        if (work.result_size != 0) {
            const std::size_t bytes = times(count, work.result_size);
            results = answer.add(bytes, Message::alignment);
            std::memset(results, 0, bytes);
        }
        SingleContext context;
        mp::detail::set_worker(pool.opening.first_worker, this);
        answer.header().begin_ns = now_ns();
        work.run({.run = work.run,
                  .closure = work.closure.data(),
                  .closure_size = work.closure.size(),
                  .items = items.data,
                  .item_size = work.item_size,
                  .results = results,
                  .result_size = work.result_size,
                  .size = count},
                 0, count, context);
        answer.header().end_ns = now_ns();
        if (work.result_size == 0) put_values(answer, packed.data(), 0, 0, count);
        for (Failed& each : context.failures()) each.facts.item += asked.first;
        put_failures(answer, context.failures());
    } catch (...) { // none of its items was run
        answer.reset(answer.header());
        answer.header().count = 0;
        put_failures(answer, {Failed::current(asked.first)});
        answer.header().end_ns = now_ns();
    }
    send_(std::move(answer));
}

} // namespace mp_mpi
