#include "mp_mpi/team.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <new>
#include <utility>

namespace mp_mpi {

namespace {

// Some items of a chunk, as a task of the local pool: a Series, then this.
struct Piece {
    mp::Job job; // of all items of the chunk, in memory that the workers see
};
struct PieceTask {
    mp::TaskSlot slot;
    mp::Series series;
    Piece piece;

    static void run(mp::TaskSlot& task, mp::TaskContext& context);
    static constexpr mp::TaskType type = {.run = run,
                                          .run_items = nullptr,
                                          .closure = 0,
                                          .closure_size = 0,
                                          .items = 0,
                                          .item_size = 0,
                                          .results = 0,
                                          .result_size = 0};
};

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

void PieceTask::run(mp::TaskSlot& task, mp::TaskContext& context) {
    const auto& all = reinterpret_cast<const PieceTask&>(task);
    PieceContext inner(context, all.series);
    for (std::size_t i = all.series.next; i < all.series.end; ++i) {
        context.reach(i);
        all.piece.job.run(all.piece.job, i, i + 1, inner);
    }
}

constexpr std::size_t aligned(std::size_t size) { return (size + 63) / 64 * 64; }

Failed failed_as(const mp::FailureNote& note) {
    Failed failed{{.item = note.item,
                   .fate = static_cast<std::uint32_t>(note.fate),
                   .pid = note.pid,
                   .status = note.status,
                   .what_size = 0,
                   .type_size = 0},
                  {},
                  {}};
    if (note.text != nullptr) {
        failed.what.assign(note.text, note.what_size);
        failed.type.assign(note.text + note.what_size, note.type_size);
    }
    failed.facts.what_size = failed.what.size();
    failed.facts.type_size = failed.type.size();
    return failed;
}

WorkerFacts facts_of(const mp::WorkerStats& stats, unsigned first_worker) {
    WorkerFacts facts{.worker = first_worker + stats.index,
                      .pid = stats.pid,
                      .items = stats.items,
                      .restarts = stats.restarts,
                      .busy_s = stats.busy_seconds,
                      .start_s = stats.start_seconds,
                      .init_s = stats.init_seconds,
                      .wait_s = stats.wait_seconds,
                      .longest = {}};
    for (std::size_t i = 0; i < stats.longest.size(); ++i)
        facts.longest[i] = {stats.longest[i].seconds, stats.longest[i].first,
                            stats.longest[i].items};
    return facts;
}

} // namespace

// A chunk under way. Its tasks are of the type above.
struct Team::Flight {
    Header asked;
    std::int64_t began_ns = now_ns();
    std::shared_ptr<void> memory; // closure, items, results, failures
    bool cancelled = false;
    std::vector<mp::TaskSlot*> tasks;
    std::byte* results = nullptr;
    mp::FailureNote** failures = nullptr;
    std::size_t result_size = 0;

    bool done() const {
        return std::ranges::all_of(tasks, [](const mp::TaskSlot* each) { return each->done(); });
    }
};

struct Team::LocalPool {
    // Memory of tasks is never anything but tasks again: a worker may look at an old one.
    PieceTask* take_task() {
        if (free.empty()) {
            constexpr std::size_t count = 64, bytes = aligned(sizeof(PieceTask));
            auto* memory =
                static_cast<std::byte*>(slabs.emplace_back(backend->allocate(count * bytes)).get());
            for (std::size_t i = 0; i < count; ++i)
                free.push_back(&(::new (memory + i * bytes) PieceTask{})->slot);
            for (mp::TaskSlot* each : free) set(*each, mp::TaskState::cancelled);
        }
        auto* task = reinterpret_cast<PieceTask*>(free.back());
        free.pop_back();
        task->slot.type = &PieceTask::type;
        task->slot.kind = mp::TaskKind::series;
        task->slot.failure = nullptr;
        task->slot.deaths = 0;
        return task;
    }
    static void set(mp::TaskSlot& slot, mp::TaskState state) {
        slot.state.store(static_cast<std::uint32_t>(state));
    }

    std::vector<std::shared_ptr<void>> slabs;
    std::vector<mp::TaskSlot*> free; // each of a PieceTask
    OpenedPool opened;
    std::int64_t made_ns = now_ns();
    std::list<Flight> flights;
    std::unique_ptr<mp::Backend> backend; // the first to go: its workers use all of that
};

Team::Team(unsigned processes, std::function<void(Message&&)> send)
    : processes_(processes), send_(std::move(send)) {}

Team::~Team() = default;

void Team::take(Message& message) {
    const Header header = message.header();
    if (header.kind == Kind::open) return open(message);
    const auto found = pools_.find(header.pool);
    if (found == pools_.end()) {
        if (header.kind != Kind::close) return;
        Message answer(Header{.kind = Kind::closed, .pool = header.pool});
        answer.put(std::uint64_t{0}); // spans
        return send_(std::move(answer));
    }
    try {
        take(*found->second, message);
    } catch (const std::exception& error) {
        give_up(header.pool, error.what());
    }
}

void Team::take(LocalPool& pool, Message& message) {
    const Header& header = message.header();
    switch (header.kind) {
    case Kind::run:
        return run(pool, message);
    case Kind::forget:
        pool.opened.jobs.erase(header.job);
        return;
    case Kind::cancel:
        return cancel(pool, header);
    case Kind::close:
        return close(header.pool);
    default:
        return;
    }
}

void Team::open(Message& message) {
    Message answer(Header{.kind = Kind::opened,
                          .pool = message.header().pool,
                          .ticket = static_cast<std::uint32_t>(mp::this_process::pid()),
                          .begin_ns = now_ns()});
    try {
        auto pool = std::make_unique<LocalPool>();
        pool->opened = OpenedPool::read(message);
        const Opening& opening = pool->opened.opening;
        pool->backend = mp::make_backend(
            "processes", {.processes = std::min(opening.workers, processes_),
                          .initializer = pool->opened.initializer,
                          .trace = opening.trace != 0,
                          .maxtasksperchild = opening.maxtasksperchild,
                          .retries = opening.retries,
                          .task_timeout = std::chrono::nanoseconds(opening.task_timeout_ns),
                          .first_worker = opening.first_worker});
        pools_.insert_or_assign(message.header().pool, std::move(pool));
    } catch (const mp::RemoteError& error) {
        Failed failed{{.item = error.item(),
                       .fate = static_cast<std::uint32_t>(mp::Fate::threw),
                       .pid = error.pid(),
                       .status = 0,
                       .what_size = std::string_view(error.what()).size(),
                       .type_size = error.type_name().size()},
                      error.what(),
                      error.type_name()};
        put_failures(answer, {std::move(failed)});
    } catch (...) {
        put_failures(answer, {Failed::current(0)});
    }
    answer.header().end_ns = now_ns();
    send_(std::move(answer));
}

void Team::run(LocalPool& pool, Message& message) {
    const Header& asked = message.header();
    Flight flight{.asked = asked};
    try {
        Reader from(message);
        Assignment work;
        if ((asked.flags & with_work) != 0) work = pool.opened.read_work(from);
        if ((asked.flags & (with_work | once)) == with_work)
            pool.opened.jobs.insert_or_assign(asked.job, work);
        else if ((asked.flags & with_work) == 0)
            work = pool.opened.jobs.at(asked.job);
        const std::size_t count = asked.count;
        const std::size_t piece = std::max<std::size_t>(asked.piece, 1);
        const std::size_t pieces = (count + piece - 1) / piece;
        const Items items = Items::read(from, work.item_size, count);
        std::size_t packed_bytes = 0;
        for (const mp::Packed& each : items.table) packed_bytes += each.size;

        flight.result_size = work.result_size;
        const std::size_t result_bytes =
            count * (work.result_size != 0 ? work.result_size : sizeof(mp::Packed));
        const std::size_t item_bytes =
            count * (work.item_size != 0 ? work.item_size : sizeof(mp::Packed)) + packed_bytes;
        flight.memory =
            pool.backend->allocate(aligned(work.closure.size()) + aligned(item_bytes) +
                                   aligned(result_bytes) + count * sizeof(mp::FailureNote*));
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
        const mp::Job job{.run = work.run,
                          .closure = closure,
                          .closure_size = work.closure.size(),
                          .items = local_items,
                          .item_size = work.item_size,
                          .results = flight.results,
                          .result_size = work.result_size,
                          .size = count};
        for (std::size_t i = 0; i < pieces; ++i) {
            PieceTask* const task = pool.take_task();
            const std::size_t begin = i * piece, end = std::min(count, begin + piece);
            task->slot.items = static_cast<std::uint32_t>(end - begin);
            task->slot.first = static_cast<std::uint32_t>(asked.first + begin);
            task->series = {.next = begin,
                            .end = end,
                            .first = asked.first,
                            .failures = flight.failures,
                            .job = 0};
            task->piece.job = job;
            flight.tasks.push_back(&task->slot);
            LocalPool::set(task->slot, mp::TaskState::open);
            pool.backend->submit(task->slot);
        }
        pool.flights.push_back(std::move(flight));
    } catch (...) { // none of its items is run
        Message answer(flight.asked);
        answer.reset(Header{.kind = Kind::ran,
                            .pool = flight.asked.pool,
                            .job = flight.asked.job,
                            .ticket = flight.asked.ticket,
                            .first = flight.asked.first,
                            .begin_ns = flight.began_ns,
                            .end_ns = now_ns()});
        put_failures(answer, {Failed::current(flight.asked.first)});
        for (const mp::TaskSlot* task : flight.tasks) // what has been submitted needs its memory
            pool.backend->wait([task] { return task->done(); }, std::nullopt);
        send_(std::move(answer));
    }
}

void Team::cancel(LocalPool& pool, const Header& what) {
    for (Flight& flight : pool.flights) {
        if (what.job != 0 ? flight.asked.job != what.job : flight.asked.ticket != what.ticket)
            continue;
        flight.cancelled = true;
        call_off(pool, flight);
    }
}

// Also what a worker that took an ended one's place goes on with.
void Team::call_off(LocalPool& pool, Flight& flight) {
    for (mp::TaskSlot* task : flight.tasks) {
        auto open = static_cast<std::uint32_t>(mp::TaskState::open);
        if (!task->state.compare_exchange_strong(
                open, static_cast<std::uint32_t>(mp::TaskState::cancelled)) &&
            !task->done())
            (void)pool.backend->stop(*task);
    }
}

void Team::close(std::uint32_t id) {
    LocalPool& pool = *pools_.at(id);
    if (pool.flights.empty()) { // every span shall be there
        pool.backend->close();
        pool.backend->join();
    } else {
        pool.backend->terminate();
    }
    Message answer(Header{.kind = Kind::closed, .pool = id});
    put_stats(answer, pool);
    answer.header().first = std::exchange(answer.header().count, 0);
    const std::vector<mp::Span> spans = pool.backend->trace();
    answer.put(std::uint64_t{spans.size()});
    const auto ns = [&pool](double seconds) {
        return pool.made_ns + static_cast<std::int64_t>(seconds * 1e9);
    };
    for (const mp::Span& each : spans)
        answer.put(SpanFacts{.kind = static_cast<std::uint32_t>(each.kind),
                             .worker = pool.opened.opening.first_worker + each.worker,
                             .job = each.job,
                             .pid = each.pid,
                             .begin_ns = ns(each.begin_seconds),
                             .end_ns = ns(each.end_seconds),
                             .first = each.first,
                             .items = each.items,
                             .chunks = each.chunks});
    pools_.erase(id);
    send_(std::move(answer));
}

void Team::put_stats(Message& to, const LocalPool& pool) const {
    const std::vector<mp::WorkerStats> all = pool.backend->stats();
    for (const mp::WorkerStats& each : all)
        to.put(facts_of(each, pool.opened.opening.first_worker));
    to.header().count = all.size();
}

// A local pool that can run nothing any more is gone for all.
void Team::give_up(std::uint32_t id, std::string_view why) {
    pools_.erase(id);
    Message answer(Header{.kind = Kind::broken, .pool = id, .count = why.size()});
    answer.put_bytes(why.data(), why.size(), 1);
    send_(std::move(answer));
}

bool Team::answer() {
    bool any = false;
    for (auto at = pools_.begin(); at != pools_.end();) {
        const std::uint32_t id = at->first;
        LocalPool& pool = *(at++)->second;
        try {
            any |= answer(id, pool);
        } catch (const std::exception& error) {
            give_up(id, error.what());
            any = true;
        }
    }
    return any;
}

bool Team::answer(std::uint32_t id, LocalPool& pool) {
    if (pool.flights.empty()) return false;
    // What a death asks for is done while somebody waits.
    (void)pool.backend->wait([] { return true; }, std::nullopt);
    bool any = false;
    for (auto flight = pool.flights.begin(); flight != pool.flights.end();) {
        if (flight->cancelled) call_off(pool, *flight);
        if (!flight->done()) {
            ++flight;
            continue;
        }
        answer(id, pool, *flight);
        pool.free.insert(pool.free.end(), flight->tasks.begin(), flight->tasks.end());
        flight = pool.flights.erase(flight);
        any = true;
    }
    return any;
}

void Team::answer(std::uint32_t id, LocalPool& pool, Flight& flight) {
    if (pool.flights.size() == 1) { // what stats() says after the last result
        Message stats(Header{.kind = Kind::stats, .pool = id});
        put_stats(stats, pool);
        send_(std::move(stats));
    }
    const Header& asked = flight.asked;
    Message answer(Header{.kind = Kind::ran,
                          .pool = id,
                          .job = asked.job,
                          .ticket = asked.ticket,
                          .first = asked.first,
                          .count = asked.count,
                          .begin_ns = flight.began_ns,
                          .end_ns = now_ns()});
    if (flight.result_size != 0) {
        answer.put_bytes(flight.results, asked.count * flight.result_size, Message::alignment);
    } else {
        const auto* packed = reinterpret_cast<const mp::Packed*>(flight.results);
        put_packed(answer, packed, asked.count);
        for (std::size_t i = 0; i < asked.count; ++i)
            if (packed[i].data != nullptr) pool.backend->release(packed[i].data);
    }
    std::vector<Failed> failures;
    for (mp::TaskSlot* task : flight.tasks)
        for (std::size_t end = mp::Series::of(*task).end, i = end - task->items; i < end; ++i) {
            if (const mp::FailureNote* note = flight.failures[i]; note != nullptr) {
                failures.push_back(failed_as(*note));
                pool.backend->release(note);
            } else if (static_cast<mp::TaskState>(task->state.load()) == mp::TaskState::cancelled) {
                failures.push_back({{.item = asked.first + i,
                                     .fate = static_cast<std::uint32_t>(mp::Fate::cancelled),
                                     .pid = 0,
                                     .status = 0,
                                     .what_size = 0,
                                     .type_size = 0},
                                    {},
                                    {}});
            }
        }
    put_failures(answer, failures);
    send_(std::move(answer));
}

void Team::rest(Channel& channel) {
    constexpr auto a_while = std::chrono::milliseconds(1); // messages do not end the other wait
    for (auto& [id, pool] : pools_)
        if (!pool->flights.empty()) try {
                const auto ready = [&] {
                    return channel.ready() || std::ranges::any_of(pool->flights, &Flight::done);
                };
                (void)pool->backend->wait(ready, std::chrono::steady_clock::now() + a_while);
                return;
            } catch (const std::exception& error) {
                return give_up(id, error.what());
            }
    channel.wait(std::chrono::milliseconds(channel.has_unsent() ? 100 : -1));
}

void be_team(Channel channel, unsigned processes) {
    Team team(processes, [&channel](Message&& message) { channel.send(std::move(message)); });
    Message message;
    for (;;) {
        bool any = false;
        while (channel.receive(message)) {
            if (message.header().kind == Kind::leave) return;
            team.take(message);
            any = true;
        }
        if (channel.ended()) return;
        if (!team.answer() && !any) team.rest(channel);
    }
}

} // namespace mp_mpi
