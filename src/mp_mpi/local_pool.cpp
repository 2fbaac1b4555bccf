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

// Some items of a chunk, as a task: a Series of them, and the chunk.
struct PieceTask {
    mp::TaskSlot slot;
    mp::Series series;
    mp::Job chunk; // all its items, in memory that the workers see

    static void run(mp::TaskSlot& task, mp::TaskContext& context);
    static constexpr mp::TaskType type = {.run = run,
                                          .run_items = nullptr,
                                          .closure = 0,
                                          .closure_size = 0,
                                          .items = 0,
                                          .item_size = 0,
                                          .results = 0,
                                          .result_size = 0};
    static PieceTask& of(mp::TaskSlot& slot) { return reinterpret_cast<PieceTask&>(slot); }
};

namespace {

// The worker's context, with each failure kept for itself.
class PieceContext final : public mp::TaskContext {
public:
    PieceContext(mp::TaskContext& outer, const mp::Series& series)
        : TaskContext(reached_, nullptr), outer_(outer), series_(series) {}
    std::byte* allocate(std::size_t bytes) override { return outer_.allocate(bytes); }
    void release(const void* data) noexcept override { outer_.release(data); }
    mp::FailureNote* note(std::size_t item) noexcept override { return outer_.note(item); }
    void failed(std::size_t item) noexcept override {
        series_.failures[item] = outer_.note(series_.first + item);
    }

private:
    std::atomic<std::uint64_t> reached_; // nobody asks
    mp::TaskContext& outer_;
    const mp::Series& series_;
};

void set(mp::TaskSlot& slot, mp::TaskState state) {
    slot.state.store(static_cast<std::uint32_t>(state));
}

} // namespace

void PieceTask::run(mp::TaskSlot& task, mp::TaskContext& context) {
    const PieceTask& all = of(task);
    PieceContext inner(context, all.series);
    for (std::size_t i = all.series.next; i < all.series.end; ++i) {
        context.reach(i);
        all.chunk.run(all.chunk, i, i + 1, inner);
    }
}

// A chunk under way.
struct LocalPool::Flight {
    Header asked;
    std::int64_t began_ns = now_ns();
    std::shared_ptr<void> memory; // closure, items, results, failures
    mp::Job chunk;
    std::byte* results = nullptr;
    mp::FailureNote** failures = nullptr;
    bool cancelled = false;
    std::vector<PieceTask*> tasks;

    bool done() const {
        return std::ranges::all_of(tasks, [](const PieceTask* each) { return each->slot.done(); });
    }
};

LocalPool::LocalPool(std::uint32_t id, OpenedPool opened, unsigned processes, const Send& send)
    : id_(id), send_(send), opened_(std::move(opened)) {
    const Opening& opening = opened_.opening;
    backend_ = mp::make_backend("processes",
                                {.processes = std::min(opening.workers, processes),
                                 .initializer = opened_.initializer,
                                 .trace = opening.trace != 0,
                                 .maxtasksperchild = opening.maxtasksperchild,
                                 .retries = opening.retries,
                                 .task_timeout = std::chrono::nanoseconds(opening.task_timeout_ns),
                                 .first_worker = opening.first_worker});
}

LocalPool::~LocalPool() = default;

// Memory of tasks is never anything but tasks again: a worker may look at an old one.
PieceTask* LocalPool::take_task() {
    if (free_.empty()) {
        constexpr std::size_t count = 64, bytes = aligned(sizeof(PieceTask));
        auto* memory =
            static_cast<std::byte*>(slabs_.emplace_back(backend_->allocate(count * bytes)).get());
        for (std::size_t i = 0; i < count; ++i)
            free_.push_back(::new (memory + i * bytes) PieceTask{});
        for (PieceTask* each : free_) set(each->slot, mp::TaskState::cancelled);
    }
    PieceTask* const task = free_.back();
    free_.pop_back();
    task->slot.type = &PieceTask::type;
    task->slot.kind = mp::TaskKind::series;
    task->slot.failure = nullptr;
    task->slot.deaths = 0;
    return task;
}

void LocalPool::run(Message& asked) {
    const Header& header = asked.header();
    Flight flight{.asked = header, .memory = {}, .chunk = {}, .tasks = {}};
    try {
        Reader from(asked);
        Assignment work;
        if ((header.flags & with_work) != 0) work = opened_.read_work(from);
        if ((header.flags & (with_work | once)) == with_work)
            opened_.jobs.insert_or_assign(header.job, work);
        else if ((header.flags & with_work) == 0)
            work = opened_.jobs.at(header.job);
        load(flight, work, from);
        launch(flight);
        flights_.push_back(std::move(flight));
    } catch (...) {
        refuse(flight);
    }
}

// Puts all that the workers need where they see it.
void LocalPool::load(Flight& flight, const Assignment& work, Reader& from) {
    const std::size_t count = flight.asked.count;
    const Items items = Items::read(from, work.item_size, count);
    const auto size_of = [count](std::size_t value_size) {
        return times(count, value_size != 0 ? value_size : sizeof(mp::Packed));
    };
    std::size_t packed_bytes = 0;
    for (const mp::Packed& each : items.table) packed_bytes = added(packed_bytes, each.size);
    const std::size_t item_bytes = added(size_of(work.item_size), packed_bytes);
    const std::size_t result_bytes = size_of(work.result_size);

    std::size_t bytes = times(count, sizeof(mp::FailureNote*));
    for (const std::size_t each : {work.closure.size(), item_bytes, result_bytes})
        bytes = added(bytes, aligned(each));
    flight.memory = backend_->allocate(bytes);
    auto* at = static_cast<std::byte*>(flight.memory.get());
    const auto next = [&at](std::size_t size) { return std::exchange(at, at + aligned(size)); };
    std::byte* closure = next(work.closure.size());
    std::ranges::copy(work.closure, closure);
    std::byte* local_items = next(item_bytes);
    if (work.item_size != 0) {
        std::memcpy(local_items, items.data, item_bytes);
    } else {
        auto* table = reinterpret_cast<mp::Packed*>(local_items);
        auto* data = reinterpret_cast<std::byte*>(table + count);
        for (std::size_t i = 0; i < count; ++i) {
            std::memcpy(data, items.table[i].data, items.table[i].size);
            table[i] = {data, items.table[i].size};
            data += items.table[i].size;
        }
    }
    flight.results = next(result_bytes);
    std::memset(flight.results, 0, result_bytes);
    flight.failures = reinterpret_cast<mp::FailureNote**>(next(count * sizeof(void*)));
    std::fill_n(flight.failures, count, nullptr);
    flight.chunk = {.run = work.run,
                    .closure = closure,
                    .closure_size = work.closure.size(),
                    .items = local_items,
                    .item_size = work.item_size,
                    .results = flight.results,
                    .result_size = work.result_size,
                    .size = count};
}

void LocalPool::launch(Flight& flight) {
    const std::size_t count = flight.asked.count;
    const std::size_t piece = std::max<std::size_t>(flight.asked.piece, 1);
    for (std::size_t begin = 0; begin < count; begin += piece) {
        PieceTask* const task = take_task();
        const std::size_t end = std::min(count, begin + piece);
        task->slot.items = static_cast<std::uint32_t>(end - begin);
        task->slot.first = static_cast<std::uint32_t>(flight.asked.first + begin);
        task->series = {.next = begin,
                        .end = end,
                        .first = flight.asked.first,
                        .failures = flight.failures,
                        .job = 0,
                        .recorded_as = flight.asked.job};
        task->chunk = flight.chunk;
        flight.tasks.push_back(task);
        set(task->slot, mp::TaskState::open);
        backend_->submit(task->slot);
    }
}

// By the exception that is being handled. None of its items counts as run.
void LocalPool::refuse(Flight& flight) {
    Message answer(Header{.kind = Kind::ran,
                          .pool = id_,
                          .job = flight.asked.job,
                          .ticket = flight.asked.ticket,
                          .first = flight.asked.first,
                          .begin_ns = flight.began_ns,
                          .end_ns = now_ns()});
    put_failures(answer, {Failed::current(flight.asked.first)});
    for (const PieceTask* task : flight.tasks) // what has been submitted needs its memory
        backend_->wait([task] { return task->slot.done(); }, std::nullopt);
    send_(std::move(answer));
}

void LocalPool::cancel(const Header& what) {
    for (Flight& flight : flights_) {
        if (what.job != 0 ? flight.asked.job != what.job : flight.asked.ticket != what.ticket)
            continue;
        flight.cancelled = true;
        call_off(flight);
    }
}

// Also what a worker that took an ended one's place goes on with.
void LocalPool::call_off(Flight& flight) {
    for (PieceTask* task : flight.tasks) {
        auto open = static_cast<std::uint32_t>(mp::TaskState::open);
        if (!task->slot.state.compare_exchange_strong(
                open, static_cast<std::uint32_t>(mp::TaskState::cancelled)) &&
            !task->slot.done())
            (void)backend_->stop(task->slot);
    }
}

bool LocalPool::answer() {
    if (flights_.empty()) return false;
    // What a death asks for is done while somebody waits.
    (void)backend_->wait([] { return true; }, std::nullopt);
    bool any = false;
    for (auto flight = flights_.begin(); flight != flights_.end();) {
        if (flight->cancelled) call_off(*flight);
        if (!flight->done()) {
            ++flight;
            continue;
        }
        answer(*flight);
        free_.insert(free_.end(), flight->tasks.begin(), flight->tasks.end());
        flight = flights_.erase(flight);
        any = true;
    }
    return any;
}

void LocalPool::answer(Flight& flight) {
    if (flights_.size() == 1) { // what stats() says after the last result
        Message stats(Header{.kind = Kind::stats, .pool = id_});
        put_stats(stats);
        send_(std::move(stats));
    }
    const Header& asked = flight.asked;
    Message answer(Header{.kind = Kind::ran,
                          .pool = id_,
                          .job = asked.job,
                          .ticket = asked.ticket,
                          .first = asked.first,
                          .count = asked.count,
                          .begin_ns = flight.began_ns,
                          .end_ns = now_ns()});
    put_values(answer, flight.results, flight.chunk.result_size, 0, asked.count);
    if (flight.chunk.result_size == 0) {
        const auto* packed = reinterpret_cast<const mp::Packed*>(flight.results);
        for (std::size_t i = 0; i < asked.count; ++i)
            if (packed[i].data != nullptr) backend_->release(packed[i].data);
    }
    std::vector<Failed> failures;
    for (const PieceTask* task : flight.tasks) {
        const auto state = static_cast<mp::TaskState>(task->slot.state.load());
        for (std::size_t end = task->series.end, i = end - task->slot.items; i < end; ++i) {
            if (const mp::FailureNote* note = flight.failures[i]; note != nullptr) {
                failures.push_back(Failed::noted(*note));
                backend_->release(note);
            } else if (state == mp::TaskState::cancelled) {
                failures.emplace_back(asked.first + i, mp::Fate::cancelled, 0, 0, "", "");
            }
        }
    }
    put_failures(answer, failures);
    send_(std::move(answer));
}

void LocalPool::close() {
    if (flights_.empty()) { // every span shall be there
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
    for (const mp::WorkerStats& each : all) to.put(facts_of(each, opened_.opening.first_worker));
    to.header().count = all.size();
}

void LocalPool::put_spans(Message& to) {
    const std::vector<mp::Span> spans = backend_->trace();
    to.put(std::uint64_t{spans.size()});
    for (const mp::Span& each : spans)
        to.put(facts_of(each, opened_.opening.first_worker, made_ns_));
}

void LocalPool::wait(const std::function<bool()>& other,
                     std::chrono::steady_clock::time_point deadline) {
    const auto ready = [&] { return other() || std::ranges::any_of(flights_, &Flight::done); };
    (void)backend_->wait(ready, deadline);
}

} // namespace mp_mpi
