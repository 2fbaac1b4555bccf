#include "mp_mpi/local_pool.hpp"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <iterator>
#include <new>
#include <optional>
#include <utility>

#include "mp_mpi/wire.hpp"

namespace mp_mpi {

// Some items of a chunk, as a task.
struct GrainTask {
    mp::detail::TaskSlot slot;
    mp::detail::TaskItems items; // in memory that the workers see
    mp::detail::JobId job;       // at rank 0; 0: none
    std::uint32_t
        step; // items between two reports of progress; 1 if another worker may have to continue
    WireSpan span; // written by the worker when it ends

    static void run(mp::detail::TaskSlot& task, mp::detail::TaskContext& context);
    static mp::detail::TaskItems items_of(mp::detail::TaskSlot& task) { return of(task).items; }
    static constexpr mp::detail::TaskType type = {.run = run, .items = items_of};
    static GrainTask& of(mp::detail::TaskSlot& slot) { return reinterpret_cast<GrainTask&>(slot); }
};

namespace {

// The worker's context, which keeps each failure separately.
class GrainContext final : public mp::detail::TaskContext {
public:
    GrainContext(mp::detail::TaskContext& outer, const GrainTask& task)
        : TaskContext(reached_, nullptr), outer_(outer), task_(task) {}
    std::byte* allocate(std::size_t bytes) override { return outer_.allocate(bytes); }
    void release(const void* data) noexcept override { outer_.release(data); }
    mp::detail::FailureNote* note(std::size_t item) noexcept override { return outer_.note(item); }
    void failed(std::size_t item) noexcept override {
        task_.items.failures[item] = outer_.note(task_.slot.first + item);
    }

private:
    std::atomic<std::uint64_t> reached_; // not used here
    mp::detail::TaskContext& outer_;
    const GrainTask& task_;
};

constexpr std::size_t answer_bytes = 512; // the size without results and failures, for one worker

mp::detail::TaskItems part_of(const mp::detail::TaskItems& all, std::size_t first,
                              std::size_t count) {
    mp::detail::TaskItems part = all;
    part.job.items = static_cast<const std::byte*>(all.job.items) +
                     first * mp::detail::stored_size(all.job.item_size);
    part.job.results = static_cast<std::byte*>(all.job.results) +
                       first * mp::detail::stored_size(all.job.result_size);
    part.job.size = count;
    part.failures = all.failures + first;
    return part;
}

void set(mp::detail::TaskSlot& slot, mp::detail::TaskState state) { slot.status.finish(state); }

} // namespace

void GrainTask::run(mp::detail::TaskSlot& task, mp::detail::TaskContext& context) {
    GrainTask& all = of(task);
    const mp::detail::Job& job = all.items.job;
    GrainContext inner(context, all);
    const std::int64_t began_ns = now_ns();
    for (std::size_t i = task.next; i < task.end; i += all.step) {
        context.reach(i);
        job.run(job, i, std::min<std::size_t>(i + all.step, task.end), inner);
    }
    all.span = {.kind = mp::Span::Kind::work,
                .worker = mp::worker_index(),
                .entry = {.begin_ns = began_ns,
                          .end_ns = now_ns(),
                          .first = task.first,
                          .items = task.end,
                          .job = all.job,
                          .chunks = 1,
                          .pid = mp::this_process::pid()}};
}

// A chunk in progress.
struct LocalPool::ActiveChunk {
    Message message; // the request; items may be read in place
    Items items;
    std::shared_ptr<void>
        memory;           // closure, results, failures, and items that are not read in place
    std::size_t room = 0; // its size in bytes
    mp::detail::TaskItems chunk{};
    bool cancelled = false;
    std::vector<GrainTask*> tasks;

    const Header& asked() const { return message.header(); }
    bool done() const {
        return std::ranges::all_of(tasks, [](const GrainTask* each) { return each->slot.done(); });
    }
    std::vector<mp::detail::FailureNote> failed() const;
    Message answer(std::uint32_t pool, std::size_t count) const {
        return Message(Header{.kind = Kind::ran,
                              .pool = pool,
                              .job = asked().job,
                              .ticket = asked().ticket,
                              .first = asked().first,
                              .count = count});
    }
};

LocalPool::LocalPool(std::uint32_t id, RemotePool opened, unsigned processes, const Send& send)
    : id_(id), send_(send), opened_(std::move(opened)), own_process_(processes == 0) {
    const Opening& opening = opened_.opening;
    backend_ =
        mp::detail::make_backend(own_process_ ? "serial" : "processes",
                                 {.processes = std::min(opening.workers, std::max(processes, 1U)),
                                  .initializer = opened_.initializer,
                                  .trace = traced(),
                                  .maxtasksperchild = opening.maxtasksperchild,
                                  .retries = opening.retries,
                                  .task_timeout = std::chrono::nanoseconds(opening.task_timeout_ns),
                                  .first_worker = opening.first_worker});
}

LocalPool::~LocalPool() = default;

// Task memory is only ever used for tasks: a worker may look at an old one.
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
    task->slot.worker_exits = 0;
    task->span = {};
    return task;
}

void LocalPool::run(Message&& asked) {
    if (spare_chunks_.empty()) spare_chunks_.emplace_back();
    active_chunks_.splice(active_chunks_.end(), spare_chunks_, spare_chunks_.begin());
    ActiveChunk& active_chunk = active_chunks_.back();
    active_chunk.message = std::move(asked);
    try {
        load(active_chunk);
        launch(active_chunk);
    } catch (...) {
        refuse(active_chunk);
        retire(std::prev(active_chunks_.end()));
    }
}

// Keeps its memory for the next chunk, unless it is large.
std::list<LocalPool::ActiveChunk>::iterator
LocalPool::retire(std::list<ActiveChunk>::iterator active_chunk) {
    constexpr std::size_t kept_bytes = std::size_t{4} << 20;
    free_.insert(free_.end(), active_chunk->tasks.begin(), active_chunk->tasks.end());
    active_chunk->tasks.clear();
    active_chunk->cancelled = false;
    if (active_chunk->room > kept_bytes) {
        active_chunk->memory.reset();
        active_chunk->room = 0;
    }
    const auto next = std::next(active_chunk);
    spare_chunks_.splice(spare_chunks_.begin(), active_chunks_, active_chunk);
    return next;
}

// Copies all that the workers need to where they see it.
void LocalPool::load(ActiveChunk& active_chunk) {
    const Header& asked = active_chunk.asked();
    Reader from(active_chunk.message);
    RemoteJob described;
    if ((asked.flags & with_job) != 0) described = opened_.read_job(from);
    if ((asked.flags & (with_job | once)) == with_job)
        opened_.jobs.insert_or_assign(asked.job, std::exchange(described, {}));
    const RemoteJob& job = (asked.flags & once) != 0 ? described : opened_.jobs.at(asked.job);

    const std::size_t count = asked.count;
    Items& items = active_chunk.items = Items::read(from, job.item_size, count);
    const auto bytes_of = [count](std::size_t value_size) {
        return times(count, mp::detail::stored_size(value_size));
    };
    std::size_t item_bytes = 0;
    if (!backend_->visible(active_chunk.message.bytes(), active_chunk.message.size())) {
        item_bytes = bytes_of(job.item_size);
        for (const mp::detail::Packed& each : items.table)
            item_bytes = added(item_bytes, each.size);
    }
    const std::size_t result_bytes = bytes_of(job.result_size);

    std::size_t bytes = times(count, sizeof(mp::detail::FailureNote*));
    for (const std::size_t each : {job.closure.size(), item_bytes, result_bytes})
        bytes = added(bytes, aligned(each));
    if (active_chunk.room < bytes) {
        active_chunk.memory = backend_->allocate(bytes);
        active_chunk.room = bytes;
    }
    auto* at = static_cast<std::byte*>(active_chunk.memory.get());
    const auto next = [&at](std::size_t size) { return std::exchange(at, at + aligned(size)); };
    std::byte* const closure = next(job.closure.size());
    std::ranges::copy(job.closure, closure);
    std::byte* const results = next(result_bytes);
    std::memset(results, 0, result_bytes);
    if (item_bytes != 0) items.copy_to(next(item_bytes), times(count, job.item_size));
    auto* const failures = reinterpret_cast<mp::detail::FailureNote**>(next(count * sizeof(void*)));
    std::fill_n(failures, count, nullptr);
    active_chunk.chunk = {.job = {.run = job.run,
                                  .closure = closure,
                                  .closure_size = job.closure.size(),
                                  .items = items.data,
                                  .item_size = job.item_size,
                                  .results = results,
                                  .result_size = job.result_size,
                                  .size = count},
                          .failures = failures};
}

void LocalPool::launch(ActiveChunk& active_chunk) {
    const Header& asked = active_chunk.asked();
    const std::size_t count = asked.count;
    const std::size_t grain = std::max<std::size_t>(asked.grain, 1);
    active_chunk.tasks.reserve(count / grain + 1);
    for (std::size_t begin = 0; begin < count; begin += grain) {
        GrainTask* const task = take_task();
        task->slot.first = asked.first + begin;
        task->slot.next = 0;
        task->slot.end = static_cast<std::uint32_t>(std::min(count - begin, grain));
        task->items = part_of(active_chunk.chunk, begin, task->slot.end);
        task->job = asked.job;
        task->step = own_process_ ? task->slot.end : 1;
        set(task->slot, mp::detail::TaskState::open);
        backend_->executor().submit(task->slot);
        active_chunk.tasks.push_back(task); // only submitted tasks are waited for
    }
}

// For the exception that is being handled. None of its items counts as run.
void LocalPool::refuse(ActiveChunk& active_chunk) {
    const OwnedNote why = current_note(active_chunk.asked().first);
    for (const GrainTask* task : active_chunk.tasks) // submitted tasks still use its memory
        backend_->executor().wait([task] { return task->slot.done(); }, std::nullopt);
    Message answer = active_chunk.answer(id_, 0);
    put_all<WireWorkerStats>(answer, {});
    put_all<WireSpan>(answer, {});
    put_failures(answer, {*why});
    send_(std::move(answer));
}

void LocalPool::cancel(const Header& what) {
    for (ActiveChunk& active_chunk : active_chunks_) {
        if (what.job != 0 ? active_chunk.asked().job != what.job
                          : active_chunk.asked().ticket != what.ticket)
            continue;
        active_chunk.cancelled = true;
        call_off(active_chunk);
    }
}

// This includes what a replacement worker continues with.
void LocalPool::call_off(ActiveChunk& active_chunk) {
    for (GrainTask* task : active_chunk.tasks) {
        if (!task->slot.status.try_cancel() && !task->slot.done())
            (void)backend_->executor().stop(task->slot);
    }
}

bool LocalPool::answer() {
    if (active_chunks_.empty()) return false;
    // Recovery after a death happens while a thread waits.
    (void)backend_->executor().wait([] { return true; }, std::nullopt);
    bool any = false;
    for (auto active_chunk = active_chunks_.begin(); active_chunk != active_chunks_.end();) {
        if (active_chunk->cancelled) call_off(*active_chunk);
        if (!active_chunk->done()) {
            ++active_chunk;
            continue;
        }
        answer(*active_chunk);
        active_chunk = retire(active_chunk);
        any = true;
    }
    return any;
}

void LocalPool::answer(ActiveChunk& active_chunk) {
    const mp::detail::Job& job = active_chunk.chunk.job;
    Message answer = active_chunk.answer(id_, job.size);
    answer.reserve(answer_bytes);
    std::vector<WireSpan> spans;
    Header& header = answer.header();
    for (const GrainTask* task : active_chunk.tasks) {
        const auto& entry = task->span.entry;
        if (entry.end_ns == 0) continue; // it has not been run
        header.begin_ns =
            header.begin_ns == 0 ? entry.begin_ns : std::min(header.begin_ns, entry.begin_ns);
        header.end_ns = std::max(header.end_ns, entry.end_ns);
        if (traced()) spans.push_back(task->span);
    }
    if (active_chunks_.size() == 1) // the statistics that stats() reports after the last result
        put_stats(answer);
    else
        put_all<WireWorkerStats>(answer, {});
    put_all(answer, spans);
    put_failures(answer, active_chunk.failed());
    put_values(answer, job.results, job.result_size, 0, job.size);
    release(active_chunk);
    send_(std::move(answer));
}

// Memory that the workers have allocated for it.
void LocalPool::release(const ActiveChunk& active_chunk) {
    const auto& [job, failures] = active_chunk.chunk;
    for (std::size_t i = 0; i < job.size; ++i)
        if (failures[i] != nullptr) backend_->executor().release(failures[i]);
    mp::detail::release_results(backend_->executor(), job, 0, job.size);
}

std::vector<mp::detail::FailureNote> LocalPool::ActiveChunk::failed() const {
    std::vector<mp::detail::FailureNote> notes;
    for (const GrainTask* task : tasks) {
        const mp::detail::TaskState state = task->slot.status.get();
        for (std::size_t i = 0; i < task->slot.end; ++i)
            if (const mp::detail::FailureNote* note = task->items.failures[i]; note != nullptr)
                notes.push_back(*note);
            else if (state == mp::detail::TaskState::cancelled)
                notes.push_back({.item = task->slot.first + i,
                                 .pid = 0,
                                 .fate = mp::detail::Fate::cancelled,
                                 .status = 0,
                                 .what_size = 0,
                                 .type_size = 0,
                                 .text = nullptr});
    }
    return notes;
}

void LocalPool::put_opened(Message& to) {
    put_stats(to);
    std::vector<WireSpan> spans;
    for (const mp::Span& each : backend_->trace())
        spans.push_back(to_wire(each, opened_.opening.first_worker, made_ns_));
    put_all(to, spans);
}

void LocalPool::put_stats(Message& to) const {
    std::vector<WireWorkerStats> all;
    for (const mp::WorkerStats& each : backend_->stats())
        all.push_back(to_wire(each, opened_.opening.first_worker));
    put_all(to, all);
}

void LocalPool::close() {
    if (active_chunks_.empty()) {
        backend_->close();
        backend_->join();
    } else {
        backend_->terminate();
    }
    Message answer(Header{.kind = Kind::closed, .pool = id_});
    put_stats(answer);
    send_(std::move(answer));
}

void LocalPool::wait(const std::function<bool()>& other, Clock::time_point deadline) {
    const auto ready = [&] {
        return other() || std::ranges::any_of(active_chunks_, &ActiveChunk::done);
    };
    (void)backend_->executor().wait(ready, deadline);
}

} // namespace mp_mpi
