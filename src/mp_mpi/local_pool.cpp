#include "mp_mpi/local_pool.hpp"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <new>
#include <optional>
#include <utility>

#include "mp_mpi/wire_failure.hpp"
#include "mp_mpi/wire_stats.hpp"
#include "mp_mpi/wire_values.hpp"

namespace mp_mpi {

// Some items of a chunk, as a task: a TaskFrame of them, and the chunk.
struct GrainTask {
    mp::detail::TaskSlot slot;
    mp::detail::TaskFrame frame;
    mp::detail::Job chunk; // all its items, in memory that the workers see

    static void run(mp::detail::TaskSlot& task, mp::detail::TaskContext& context);
    static constexpr mp::detail::TaskType type = {.run = run,
                                                  .run_items = nullptr,
                                                  .closure = 0,
                                                  .closure_size = 0,
                                                  .items = 0,
                                                  .item_size = 0,
                                                  .results = 0,
                                                  .result_size = 0};
    static GrainTask& of(mp::detail::TaskSlot& slot) { return reinterpret_cast<GrainTask&>(slot); }
};

namespace {

// The worker's context, with each failure kept for itself.
class GrainContext final : public mp::detail::TaskContext {
public:
    GrainContext(mp::detail::TaskContext& outer, const mp::detail::TaskFrame& frame)
        : TaskContext(reached_, nullptr), outer_(outer), frame_(frame) {}
    std::byte* allocate(std::size_t bytes) override { return outer_.allocate(bytes); }
    void release(const void* data) noexcept override { outer_.release(data); }
    mp::detail::FailureNote* note(std::size_t item) noexcept override { return outer_.note(item); }
    void failed(std::size_t item) noexcept override {
        frame_.failures[item] = outer_.note(frame_.first + item);
    }

private:
    std::atomic<std::uint64_t> reached_; // nobody asks
    mp::detail::TaskContext& outer_;
    const mp::detail::TaskFrame& frame_;
};

void set(mp::detail::TaskSlot& slot, mp::detail::TaskState state) {
    slot.state.store(static_cast<std::uint32_t>(state));
}

} // namespace

void GrainTask::run(mp::detail::TaskSlot& task, mp::detail::TaskContext& context) {
    const GrainTask& all = of(task);
    GrainContext inner(context, all.frame);
    for (std::size_t i = all.frame.next; i < all.frame.end; ++i) {
        context.reach(i);
        all.chunk.run(all.chunk, i, i + 1, inner);
    }
}

// A chunk under way.
struct LocalPool::ActiveChunk {
    Header asked;
    std::int64_t began_ns = now_ns();
    std::shared_ptr<void> memory; // closure, items, results, failures
    mp::detail::Job chunk;
    std::byte* results = nullptr;
    mp::detail::FailureNote** failures = nullptr;
    bool cancelled = false;
    std::vector<GrainTask*> tasks;

    bool done() const {
        return std::ranges::all_of(tasks, [](const GrainTask* each) { return each->slot.done(); });
    }
};

LocalPool::LocalPool(std::uint32_t id, RemotePool opened, unsigned processes, const Send& send)
    : id_(id), send_(send), opened_(std::move(opened)) {
    const Opening& opening = opened_.opening;
    backend_ = mp::detail::make_backend(
        "processes", {.processes = std::min(opening.workers, processes),
                      .initializer = opened_.initializer,
                      .trace = opening.trace != 0,
                      .maxtasksperchild = opening.maxtasksperchild,
                      .retries = opening.retries,
                      .task_timeout = std::chrono::nanoseconds(opening.task_timeout_ns),
                      .first_worker = opening.first_worker});
}

LocalPool::~LocalPool() = default;

// Memory of tasks is never anything but tasks again: a worker may look at an old one.
GrainTask* LocalPool::take_task() {
    if (free_.empty()) {
        constexpr std::size_t count = 64, bytes = aligned(sizeof(GrainTask));
        auto* memory =
            static_cast<std::byte*>(slabs_.emplace_back(backend_->allocate(count * bytes)).get());
        for (std::size_t i = 0; i < count; ++i)
            free_.push_back(::new (memory + i * bytes) GrainTask{});
        for (GrainTask* each : free_) set(each->slot, mp::detail::TaskState::cancelled);
    }
    GrainTask* const task = free_.back();
    free_.pop_back();
    task->slot.type = &GrainTask::type;
    task->slot.kind = mp::detail::TaskKind::chunk;
    task->slot.failure = nullptr;
    task->slot.worker_exits = 0;
    return task;
}

void LocalPool::run(Message& asked) {
    const Header& header = asked.header();
    ActiveChunk active_chunk{.asked = header, .memory = {}, .chunk = {}, .tasks = {}};
    try {
        Reader from(asked);
        RemoteJob remote_job;
        if ((header.flags & with_job) != 0) remote_job = opened_.read_job(from);
        if ((header.flags & (with_job | once)) == with_job)
            opened_.jobs.insert_or_assign(header.job, remote_job);
        else if ((header.flags & with_job) == 0)
            remote_job = opened_.jobs.at(header.job);
        load(active_chunk, remote_job, from);
        launch(active_chunk);
        active_chunks_.push_back(std::move(active_chunk));
    } catch (...) {
        refuse(active_chunk);
    }
}

// Puts all that the workers need where they see it.
void LocalPool::load(ActiveChunk& active_chunk, const RemoteJob& remote_job, Reader& from) {
    const std::size_t count = active_chunk.asked.count;
    const Items items = Items::read(from, remote_job.item_size, count);
    const auto size_of = [count](std::size_t value_size) {
        return times(count, value_size != 0 ? value_size : sizeof(mp::detail::Packed));
    };
    std::size_t packed_bytes = 0;
    for (const mp::detail::Packed& each : items.table)
        packed_bytes = added(packed_bytes, each.size);
    const std::size_t item_bytes = added(size_of(remote_job.item_size), packed_bytes);
    const std::size_t result_bytes = size_of(remote_job.result_size);

    std::size_t bytes = times(count, sizeof(mp::detail::FailureNote*));
    for (const std::size_t each : {remote_job.closure.size(), item_bytes, result_bytes})
        bytes = added(bytes, aligned(each));
    active_chunk.memory = backend_->allocate(bytes);
    auto* at = static_cast<std::byte*>(active_chunk.memory.get());
    const auto next = [&at](std::size_t size) { return std::exchange(at, at + aligned(size)); };
    std::byte* closure = next(remote_job.closure.size());
    std::ranges::copy(remote_job.closure, closure);
    std::byte* local_items = next(item_bytes);
    if (remote_job.item_size != 0) {
        std::memcpy(local_items, items.data, item_bytes);
    } else {
        auto* table = reinterpret_cast<mp::detail::Packed*>(local_items);
        auto* data = reinterpret_cast<std::byte*>(table + count);
        for (std::size_t i = 0; i < count; ++i) {
            std::memcpy(data, items.table[i].data, items.table[i].size);
            table[i] = {data, items.table[i].size};
            data += items.table[i].size;
        }
    }
    active_chunk.results = next(result_bytes);
    std::memset(active_chunk.results, 0, result_bytes);
    active_chunk.failures =
        reinterpret_cast<mp::detail::FailureNote**>(next(count * sizeof(void*)));
    std::fill_n(active_chunk.failures, count, nullptr);
    active_chunk.chunk = {.run = remote_job.run,
                          .closure = closure,
                          .closure_size = remote_job.closure.size(),
                          .items = local_items,
                          .item_size = remote_job.item_size,
                          .results = active_chunk.results,
                          .result_size = remote_job.result_size,
                          .size = count};
}

void LocalPool::launch(ActiveChunk& active_chunk) {
    const std::size_t count = active_chunk.asked.count;
    const std::size_t grain = std::max<std::size_t>(active_chunk.asked.grain, 1);
    for (std::size_t begin = 0; begin < count; begin += grain) {
        GrainTask* const task = take_task();
        const std::size_t end = std::min(count, begin + grain);
        task->slot.items = static_cast<std::uint32_t>(end - begin);
        task->slot.first = static_cast<std::uint32_t>(active_chunk.asked.first + begin);
        task->frame = {.next = begin,
                       .end = end,
                       .first = active_chunk.asked.first,
                       .failures = active_chunk.failures,
                       .job = 0,
                       .trace_job = active_chunk.asked.job};
        task->chunk = active_chunk.chunk;
        active_chunk.tasks.push_back(task);
        set(task->slot, mp::detail::TaskState::open);
        backend_->submit(task->slot);
    }
}

// By the exception that is being handled. None of its items counts as run.
void LocalPool::refuse(ActiveChunk& active_chunk) {
    Message answer(Header{.kind = Kind::ran,
                          .pool = id_,
                          .job = active_chunk.asked.job,
                          .ticket = active_chunk.asked.ticket,
                          .first = active_chunk.asked.first,
                          .begin_ns = active_chunk.began_ns,
                          .end_ns = now_ns()});
    put_failures(answer, {RemoteFailure::current(active_chunk.asked.first)});
    for (const GrainTask* task : active_chunk.tasks) // what has been submitted needs its memory
        backend_->wait([task] { return task->slot.done(); }, std::nullopt);
    send_(std::move(answer));
}

void LocalPool::cancel(const Header& what) {
    for (ActiveChunk& active_chunk : active_chunks_) {
        if (what.job != 0 ? active_chunk.asked.job != what.job
                          : active_chunk.asked.ticket != what.ticket)
            continue;
        active_chunk.cancelled = true;
        call_off(active_chunk);
    }
}

// Also what a worker that took an ended one's place goes on with.
void LocalPool::call_off(ActiveChunk& active_chunk) {
    for (GrainTask* task : active_chunk.tasks) {
        auto open = static_cast<std::uint32_t>(mp::detail::TaskState::open);
        if (!task->slot.state.compare_exchange_strong(
                open, static_cast<std::uint32_t>(mp::detail::TaskState::cancelled)) &&
            !task->slot.done())
            (void)backend_->stop(task->slot);
    }
}

bool LocalPool::answer() {
    if (active_chunks_.empty()) return false;
    // What a death asks for is done while somebody waits.
    (void)backend_->wait([] { return true; }, std::nullopt);
    bool any = false;
    for (auto active_chunk = active_chunks_.begin(); active_chunk != active_chunks_.end();) {
        if (active_chunk->cancelled) call_off(*active_chunk);
        if (!active_chunk->done()) {
            ++active_chunk;
            continue;
        }
        answer(*active_chunk);
        free_.insert(free_.end(), active_chunk->tasks.begin(), active_chunk->tasks.end());
        active_chunk = active_chunks_.erase(active_chunk);
        any = true;
    }
    return any;
}

void LocalPool::answer(ActiveChunk& active_chunk) {
    if (active_chunks_.size() == 1) { // what stats() says after the last result
        Message stats(Header{.kind = Kind::stats, .pool = id_});
        put_stats(stats);
        send_(std::move(stats));
    }
    const Header& asked = active_chunk.asked;
    Message answer(Header{.kind = Kind::ran,
                          .pool = id_,
                          .job = asked.job,
                          .ticket = asked.ticket,
                          .first = asked.first,
                          .count = asked.count,
                          .begin_ns = active_chunk.began_ns,
                          .end_ns = now_ns()});
    put_values(answer, active_chunk.results, active_chunk.chunk.result_size, 0, asked.count);
    if (active_chunk.chunk.result_size == 0) {
        const auto* packed = reinterpret_cast<const mp::detail::Packed*>(active_chunk.results);
        for (std::size_t i = 0; i < asked.count; ++i)
            if (packed[i].data != nullptr) backend_->release(packed[i].data);
    }
    std::vector<RemoteFailure> failures;
    for (const GrainTask* task : active_chunk.tasks) {
        const auto state = static_cast<mp::detail::TaskState>(task->slot.state.load());
        for (std::size_t end = task->frame.end, i = end - task->slot.items; i < end; ++i) {
            if (const mp::detail::FailureNote* note = active_chunk.failures[i]; note != nullptr) {
                failures.push_back(RemoteFailure::noted(*note));
                backend_->release(note);
            } else if (state == mp::detail::TaskState::cancelled) {
                failures.emplace_back(asked.first + i, mp::detail::Fate::cancelled, 0, 0, "", "");
            }
        }
    }
    put_failures(answer, failures);
    send_(std::move(answer));
}

void LocalPool::close() {
    if (active_chunks_.empty()) { // every span shall be there
        backend_->close();
        backend_->join();
    } else {
        backend_->terminate();
    }
    Message answer(Header{.kind = Kind::closed, .pool = id_});
    put_stats(answer);
    answer.header().first = std::exchange(answer.header().count, 0);
    put_spans(answer);
    send_(std::move(answer));
}

void LocalPool::tell() {
    Message answer(Header{.kind = Kind::spans, .pool = id_});
    put_spans(answer);
    send_(std::move(answer));
}

void LocalPool::put_stats(Message& to) const {
    const std::vector<mp::WorkerStats> all = backend_->stats();
    for (const mp::WorkerStats& each : all) to.put(to_wire(each, opened_.opening.first_worker));
    to.header().count = all.size();
}

void LocalPool::put_spans(Message& to) {
    const std::vector<mp::Span> spans = backend_->trace();
    to.put(std::uint64_t{spans.size()});
    for (const mp::Span& each : spans)
        to.put(to_wire(each, opened_.opening.first_worker, made_ns_));
}

void LocalPool::wait(const std::function<bool()>& other,
                     std::chrono::steady_clock::time_point deadline) {
    const auto ready = [&] {
        return other() || std::ranges::any_of(active_chunks_, &ActiveChunk::done);
    };
    (void)backend_->wait(ready, deadline);
}

} // namespace mp_mpi
