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

class SerialWorkerContext final : public mp::detail::TaskContext {
public:
    SerialWorkerContext() : TaskContext(reached_, nullptr) {}
    std::byte* allocate(std::size_t bytes) override {
        return values_.emplace_back(new std::byte[std::max<std::size_t>(bytes, 1)]).get();
    }
    void release(const void*) noexcept override {} // all go together
    mp::detail::FailureNote* note(std::size_t) noexcept override { return nullptr; } // tasks' own
    void failed(std::size_t item) noexcept override {
        try {
            failures_.push_back(RemoteFailure::current(item));
        } catch (...) { // no memory for words
            lost_words_ = true;
        }
    }
    std::vector<RemoteFailure>& failures() {
        if (lost_words_ && failures_.empty()) throw std::bad_alloc();
        return failures_;
    }

private:
    std::atomic<std::uint64_t> reached_; // nobody asks
    std::vector<std::unique_ptr<std::byte[]>> values_;
    std::vector<RemoteFailure> failures_;
    bool lost_words_ = false;
};

} // namespace

void SerialWorker::take(Message& message) {
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

void SerialWorker::open(Message& message) {
    Message answer(Header{.kind = Kind::opened,
                          .pool = message.header().pool,
                          .ticket = static_cast<std::uint32_t>(mp::this_process::pid()),
                          .begin_ns = now_ns()});
    try {
        RemotePool pool = RemotePool::read(message);
        mp::detail::set_worker(pool.opening.first_worker, this);
        pool.initializer();
        pools_.insert_or_assign(message.header().pool, std::move(pool));
    } catch (...) {
        put_failures(answer, {RemoteFailure::current(0)});
    }
    answer.header().end_ns = now_ns();
    send_(std::move(answer));
}

void SerialWorker::run(Message& message) {
    const Header& asked = message.header();
    Message answer(Header{.kind = Kind::ran,
                          .pool = asked.pool,
                          .job = asked.job,
                          .ticket = asked.ticket,
                          .first = asked.first,
                          .count = asked.count,
                          .begin_ns = now_ns()});
    try {
        RemotePool& pool = pools_.at(asked.pool);
        Reader from(message);
        RemoteJob described;
        if ((asked.flags & with_job) != 0) described = pool.read_job(from);
        if ((asked.flags & (with_job | once)) == with_job)
            pool.jobs.insert_or_assign(asked.job, std::exchange(described, {}));
        const RemoteJob& remote_job =
            (asked.flags & once) != 0 ? described : pool.jobs.at(asked.job);
        const std::size_t count = asked.count;
        const Items items = Items::read(from, remote_job.item_size, count);
        std::vector<mp::detail::Packed> packed(remote_job.result_size == 0 ? count : 0);
        std::byte* results = reinterpret_cast<std::byte*>(packed.data());
        if (remote_job.result_size != 0) {
            const std::size_t bytes = times(count, remote_job.result_size);
            results = answer.add(bytes, Message::alignment);
            std::memset(results, 0, bytes);
        }
        SerialWorkerContext context;
        mp::detail::set_worker(pool.opening.first_worker, this);
        answer.header().begin_ns = now_ns();
        remote_job.run({.run = remote_job.run,
                        .closure = remote_job.closure.data(),
                        .closure_size = remote_job.closure.size(),
                        .items = items.data,
                        .item_size = remote_job.item_size,
                        .results = results,
                        .result_size = remote_job.result_size,
                        .size = count},
                       0, count, context);
        answer.header().end_ns = now_ns();
        if (remote_job.result_size == 0) put_values(answer, packed.data(), 0, 0, count);
        for (RemoteFailure& each : context.failures()) each.wire.item += asked.first;
        put_failures(answer, context.failures());
    } catch (...) { // none of its items was run
        answer.reset(answer.header());
        answer.header().count = 0;
        put_failures(answer, {RemoteFailure::current(asked.first)});
        answer.header().end_ns = now_ns();
    }
    send_(std::move(answer));
}

} // namespace mp_mpi
