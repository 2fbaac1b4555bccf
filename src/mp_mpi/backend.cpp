#include "mp_mpi/backend.hpp"

#include <algorithm>
#include <cstring>
#include <limits>
#include <new>
#include <stdexcept>
#include <utility>

#include "mp_mpi/pause.hpp"

namespace mp_mpi {

namespace {

constexpr std::size_t spans_kept = 1U << 13; // of one endpoint; then neighbours are joined

double seconds(std::int64_t ns) { return double(ns) / 1e9; }

// What lies in memory that only this machine's processes share.
void refuse_shared_memory(const void* closure, std::size_t size) {
    for (std::size_t at = 0; at + sizeof(void*) <= size; at += sizeof(void*)) {
        const void* word = nullptr;
        std::memcpy(&word, static_cast<const std::byte*>(closure) + at, sizeof word);
        if (mp::detail::is_shared(word))
            throw std::invalid_argument(
                "mp: this function captures a SharedArray's span(), which other ranks do not see; "
                "send the values as items, and return results");
    }
}

void put_items(Message& message, const void* items, std::size_t item_size, std::size_t first,
               std::size_t count) {
    if (item_size != 0)
        message.put_bytes(static_cast<const std::byte*>(items) + first * item_size,
                          count * item_size, Message::alignment);
    else
        put_packed(message, static_cast<const mp::Packed*>(items) + first, count);
}

// Results, as they lie in an answer, to where they belong.
void take_results(Reader& from, void* results, std::size_t result_size, std::size_t first,
                  std::size_t count) {
    if (result_size != 0) {
        const std::byte* data = from.take(count * result_size, Message::alignment);
        std::memcpy(static_cast<std::byte*>(results) + first * result_size, data,
                    count * result_size);
        return;
    }
    auto* packed = static_cast<mp::Packed*>(results) + first;
    std::vector<std::uint64_t> sizes(count);
    for (std::uint64_t& size : sizes) size = from.get<std::uint64_t>();
    for (std::size_t i = 0; i < count; ++i) {
        if (sizes[i] == no_value) continue;
        auto* copy = new std::byte[std::max<std::size_t>(sizes[i], 1)];
        std::memcpy(copy, from.take(sizes[i], 1), sizes[i]);
        packed[i] = {copy, sizes[i]};
    }
}

// A task seen as a job of its own.
mp::Job job_of(mp::TaskSlot& task) {
    const mp::TaskType& type = *task.type;
    auto* const bytes = reinterpret_cast<std::byte*>(&task);
    mp::Job job{.run = type.run_items,
                .closure = bytes + type.closure,
                .closure_size = type.closure_size,
                .items = bytes + type.items,
                .item_size = type.item_size,
                .results = bytes + type.results,
                .result_size = type.result_size,
                .size = 1,
                .chunksize = 1};
    if (task.kind == mp::TaskKind::series) {
        std::memcpy(&job.items, bytes + type.items, sizeof job.items);
        std::memcpy(&job.results, bytes + type.results, sizeof job.results);
        job.size = mp::Series::of(task).end;
    }
    return job;
}

} // namespace

RanksBackend::RanksBackend(Leader& leader, mp::BackendOptions options)
    : leader_(leader), trace_(options.trace) {
    const unsigned all = leader.workers();
    if (options.processes > all)
        throw std::invalid_argument("mp::Pool: " + std::to_string(options.processes) +
                                    " workers are more than the other ranks have, which is " +
                                    std::to_string(all) +
                                    "; start the program with more ranks, as by mpirun -n " +
                                    std::to_string(options.processes + 1));
    const bool ends_workers =
        options.task_timeout > options.task_timeout.zero() || options.maxtasksperchild != 0;
    if (ends_workers && !leader.has_local())
        throw std::invalid_argument("mp::Pool: task_timeout and maxtasksperchild need worker "
                                    "processes, which can be ended; give each rank some");
    processes_ = options.processes;
    if (options.initializer)
        refuse_shared_memory(options.initializer.closure.data(),
                             options.initializer.closure.size());
    unsigned left = processes_;
    for (const Endpoint& endpoint : leader.endpoints()) {
        if (left == 0) break;
        Side& side = sides_.emplace_back();
        side.workers = std::min(left, endpoint.workers);
        side.first_worker = processes_ - left;
        left -= side.workers;
        room_ += 2 * side.workers;
    }
    try {
        open(options);
    } catch (...) {
        const auto held = lock();
        end();
        leader_.dismiss(pool_);
        throw;
    }
}

RanksBackend::~RanksBackend() {
    const auto held = lock();
    end();
    leader_.dismiss(pool_);
}

void RanksBackend::open(const mp::BackendOptions& options) {
    const std::vector<Module> modules = modules_here();
    {
        const auto held = lock();
        pool_ = leader_.enlist(*this);
        for (std::size_t i = 0; i < sides_.size(); ++i) {
            Side& side = sides_[i];
            Message message(Header{.kind = Kind::open, .pool = pool_});
            message.put(Opening{
                .first_worker = side.first_worker,
                .workers = side.workers,
                .maxtasksperchild = options.maxtasksperchild,
                .retries = options.retries,
                .task_timeout_ns = options.task_timeout.count(),
                .initializer = reinterpret_cast<std::uint64_t>(options.initializer.run),
                .closure_size = options.initializer.closure.size(),
                .modules = modules.size(),
                .trace = options.trace ? 1U : 0U,
            });
            message.put_bytes(options.initializer.closure.data(),
                              options.initializer.closure.size(), Message::alignment);
            for (const Module& each : modules) message.put(each);
            side.asked_ns = now_ns();
            leader_.send(i, std::move(message));
        }
    }
    wait(
        [this] {
            const auto held = lock();
            return std::ranges::all_of(sides_, &Side::opened);
        },
        std::nullopt);
    if (init_failure_) {
        const Failed& failed = *init_failure_;
        const Endpoint& at = leader_.endpoints()[init_failed_at_];
        throw mp::RemoteError(failed.what, failed.type, failed.facts.item, failed.facts.pid,
                              at.rank, at.host);
    }
}

std::shared_ptr<void> RanksBackend::allocate(std::size_t bytes) {
    constexpr std::align_val_t alignment{64};
    return {::operator new(bytes, alignment),
            [](void* data) { ::operator delete(data, std::align_val_t{64}); }};
}

void RanksBackend::release(const void* data) noexcept {
    delete[] static_cast<const std::byte*>(data);
}

void RanksBackend::check_uninterrupted() {
    if (!mp::interrupted()) return;
    leader_.look(); // a launcher's answer to a rank's end is a signal for the others
    end();
    leader_.check_alive();
    throw mp::Interrupted();
}

void RanksBackend::check_alive() {
    leader_.check_alive();
    if (!broken_.empty()) throw mp::BrokenPool(broken_);
    if (terminated_) throw mp::BrokenPool("mp: the pool was terminated");
}

void RanksBackend::check_open() {
    check_alive();
    if (close_sent_) throw std::logic_error("mp::Pool: used after close()");
}

// ---- Work comes in.

mp::JobId RanksBackend::post(const mp::Job& job) {
    refuse_shared_memory(job.closure, job.closure_size);
    const auto held = lock();
    check_uninterrupted();
    check_open();
    Flight& flight = flights_[++jobs_];
    const auto* closure = static_cast<const std::byte*>(job.closure);
    flight.job = job;
    flight.closure.assign(closure, closure + job.closure_size);
    flight.pace = {.chunksize = job.chunksize, .item_bytes = job.item_size + job.result_size};
    if (job.item_size == 0 && job.size != 0) {
        const auto* packed = static_cast<const mp::Packed*>(job.items);
        const auto* last = packed + job.size - 1;
        const auto bytes = static_cast<std::size_t>(last->data + last->size - packed->data);
        flight.pace.item_bytes += bytes / job.size;
    }
    flight.known.resize(sides_.size());
    flight.sent.resize(sides_.size());
    active_.push_back(jobs_);
    try {
        dispatch();
    } catch (...) {
        flights_.erase(jobs_);
        std::erase(active_, jobs_);
        throw;
    }
    return jobs_;
}

void RanksBackend::submit(mp::TaskSlot& task) {
    refuse_shared_memory(reinterpret_cast<std::byte*>(&task) + task.type->closure,
                         task.type->closure_size);
    const auto held = lock();
    check_uninterrupted();
    check_open();
    queue_.push_back(&task);
    dispatch();
}

bool RanksBackend::finished(mp::JobId job) noexcept {
    const auto held = lock();
    const auto found = flights_.find(job);
    return found == flights_.end() ||
           found->second.done + found->second.skipped == found->second.job.size;
}

void RanksBackend::finish(mp::JobId job) {
    const auto held = lock();
    check_alive(); // of what was given up, nothing is there
    const auto found = flights_.find(job);
    if (found == flights_.end()) return;
    const Flight flight = std::move(found->second);
    flights_.erase(found);
    for (std::size_t i = 0; i < sides_.size(); ++i)
        if (flight.known[i])
            leader_.send(i, Message(Header{.kind = Kind::forget, .pool = pool_, .job = job}));
    close_if_done();
    if (flight.failure) {
        mp::FailureNote* note = write_note(*flight.failure, flight.failed_at);
        const std::exception_ptr error = mp::detail::error_of(*note);
        release(note);
        std::rethrow_exception(error);
    }
    if (flight.skipped != 0) throw mp::Cancelled();
}

void RanksBackend::cancel(mp::JobId job) noexcept {
    const auto held = lock();
    const auto found = flights_.find(job);
    if (found == flights_.end()) return;
    Flight& flight = found->second;
    flight.skipped += flight.job.size - flight.next;
    flight.next = flight.job.size;
    std::erase(active_, job);
}

void RanksBackend::stop(mp::JobId job) noexcept {
    const auto held = lock();
    const auto found = flights_.find(job);
    if (found == flights_.end()) return;
    for (std::size_t i = 0; i < sides_.size(); ++i)
        if (found->second.sent[i] != 0)
            leader_.send(i, Message(Header{.kind = Kind::cancel, .pool = pool_, .job = job}));
}

bool RanksBackend::stop(mp::TaskSlot& task) noexcept {
    const auto held = lock();
    if (!leader_.has_local()) return false; // a rank cannot be ended alone
    for (std::size_t ticket = 0; ticket < sent_.size(); ++ticket)
        if (sent_[ticket].task == &task) {
            leader_.send(sent_[ticket].endpoint,
                         Message(Header{.kind = Kind::cancel,
                                        .pool = pool_,
                                        .ticket = static_cast<std::uint32_t>(ticket)}));
            return true;
        }
    return false;
}

// ---- Work goes out.

void RanksBackend::dispatch() {
    if (leader_.lost()) return;
    // First who has nothing to do; then what they will do next.
    for (const bool ahead : {false, true})
        for (bool any = true; any && room_ > 0 && has_work();) {
            any = false;
            for (std::size_t i = 0; i < sides_.size(); ++i) {
                if (sides_[i].load >= (ahead ? 2 : 1) * sides_[i].workers) continue;
                if (!give(i, ahead)) break; // nor is there any for the others
                any = true;
            }
        }
}

void RanksBackend::dispatch_to(std::size_t endpoint) {
    if (leader_.lost()) return;
    const Side& side = sides_[endpoint];
    for (const bool ahead : {false, true})
        while (has_work() && side.load < (ahead ? 2 : 1) * side.workers && give(endpoint, ahead)) {
        }
}

bool RanksBackend::has_work() const { return !queue_.empty() || !active_.empty(); }

// Sources take turns: the queue, then each job.
bool RanksBackend::give(std::size_t endpoint, bool ahead) {
    const std::size_t sources = active_.size() + 1;
    for (std::size_t i = 0; i < sources; ++i) {
        const std::size_t source = turn_++ % sources;
        if (source == 0 ? give_of_queue(endpoint, ahead)
                        : give_of_job(endpoint, active_[source - 1], ahead))
            return true;
    }
    return false;
}

bool RanksBackend::give_of_queue(std::size_t endpoint, bool ahead) {
    if (queue_.empty() || (ahead && !prefetches(queue_pace_, queue_.size(), processes_)))
        return false;
    while (!queue_.empty()) {
        mp::TaskSlot& task = *queue_.front();
        queue_.pop_front();
        auto open = static_cast<std::uint32_t>(mp::TaskState::open);
        if (!task.state.compare_exchange_strong(open,
                                                static_cast<std::uint32_t>(mp::TaskState::running)))
            continue; // it was called off
        const mp::Job job = job_of(task);
        struct PutBack { // unless it is sent
            RanksBackend& all;
            mp::TaskSlot* task;
            ~PutBack() {
                if (task == nullptr) return;
                task->state.store(static_cast<std::uint32_t>(mp::TaskState::open));
                all.queue_.push_front(task); // where it has just been
            }
        } put_back{*this, &task};
        Message message = leader_.blank();
        message.reset({.kind = Kind::run,
                       .pool = pool_,
                       .flags = with_work | once,
                       .piece = static_cast<std::uint32_t>(job.size),
                       .first = task.first,
                       .count = job.size});
        message.put(Work{reinterpret_cast<std::uint64_t>(job.run), job.closure_size, job.item_size,
                         job.result_size});
        message.put_bytes(job.closure, job.closure_size, Message::alignment);
        put_items(message, job.items, job.item_size, 0, job.size);
        ++tasks_given_;
        send(std::move(message), {.task = &task,
                                  .first = task.first,
                                  .count = job.size,
                                  .endpoint = endpoint,
                                  .load = 1});
        put_back.task = nullptr;
        return true;
    }
    return false;
}

bool RanksBackend::give_of_job(std::size_t endpoint, mp::JobId id, bool ahead) {
    Flight& flight = flights_.at(id);
    const std::size_t left = flight.job.size - flight.next;
    if (left == 0 || (ahead && !prefetches(flight.pace, left, processes_))) return false;
    const Side& side = sides_[endpoint];
    const std::size_t each = next_chunk(flight.pace, left, processes_);
    const std::size_t count = std::min(each * ((ahead ? 2 : 1) * side.workers - side.load), left);
    const auto load = static_cast<unsigned>((count + each - 1) / each);
    flight.pace.longest = std::max(flight.pace.longest, each);
    Message message = leader_.blank();
    message.reset({.kind = Kind::run,
                   .pool = pool_,
                   .job = id,
                   .piece = static_cast<std::uint32_t>(
                       std::min<std::size_t>(each, std::numeric_limits<std::uint32_t>::max())),
                   .first = flight.next,
                   .count = count});
    if (!flight.known[endpoint]) {
        message.header().flags = with_work;
        message.put(Work{reinterpret_cast<std::uint64_t>(flight.job.run), flight.closure.size(),
                         flight.job.item_size, flight.job.result_size});
        message.put_bytes(flight.closure.data(), flight.closure.size(), Message::alignment);
        flight.known[endpoint] = true;
    }
    put_items(message, flight.job.items, flight.job.item_size, flight.next, count);
    ++flight.sent[endpoint];
    send(std::move(message),
         {.job = id, .first = flight.next, .count = count, .endpoint = endpoint, .load = load});
    flight.next += count;
    if (flight.next == flight.job.size) std::erase(active_, id);
    return true;
}

void RanksBackend::send(Message&& message, const Sent& sent) {
    if (free_tickets_.empty()) {
        free_tickets_.push_back(sent_.size());
        sent_.emplace_back();
    }
    const std::size_t ticket = free_tickets_.back();
    free_tickets_.pop_back();
    sent_[ticket] = sent;
    sides_[sent.endpoint].load += sent.load;
    room_ -= sent.load;
    ++on_their_way_;
    message.header().ticket = static_cast<std::uint32_t>(ticket);
    leader_.send(sent.endpoint, std::move(message));
}

// ---- Answers come.

void RanksBackend::take(std::size_t endpoint, Message& answer) {
    if (terminated_ && answer.header().kind == Kind::ran) return; // nobody waits for it
    switch (answer.header().kind) {
    case Kind::opened:
        return take_opened(endpoint, answer);
    case Kind::ran:
        return take_ran(endpoint, answer);
    case Kind::stats: {
        Reader from(answer);
        return take_stats(endpoint, from, answer.header().count);
    }
    case Kind::broken: {
        Reader from(answer);
        broken_ = from.text(answer.header().count);
        return end();
    }
    case Kind::closed: {
        Reader from(answer);
        Side& side = sides_[endpoint];
        if (leader_.has_local()) {
            take_stats(endpoint, from, answer.header().first);
            take_spans(endpoint, from);
        } else {
            for (mp::WorkerStats& each : side.workers_stats)
                each.wait_seconds =
                    std::max(0.0, seconds(now_ns() - side.ready_ns) - each.busy_seconds);
        }
        side.closed = true;
        return;
    }
    default:
        return;
    }
}

void RanksBackend::take_opened(std::size_t endpoint, Message& answer) {
    Side& side = sides_[endpoint];
    const Endpoint& at = leader_.endpoints()[endpoint];
    const Header& header = answer.header();
    side.opened = true;
    side.ready_ns = now_ns();
    if (!at.same_host) // its answer came from the middle of the time between
        side.ahead_ns =
            header.end_ns - (side.asked_ns + side.ready_ns + header.end_ns - header.begin_ns) / 2;
    Reader from(answer);
    for (Failed& each : read_failures(from, header)) {
        if (init_failure_ && init_failed_at_ <= endpoint) break;
        init_failure_ = std::move(each);
        init_failed_at_ = endpoint;
    }
    const double init_s = seconds(header.end_ns - header.begin_ns);
    for (unsigned i = 0; i < side.workers; ++i)
        side.workers_stats.push_back(
            {.index = side.first_worker + i,
             .rank = at.rank,
             .host = at.host,
             .pid = static_cast<pid_t>(header.ticket),
             .start_seconds = seconds(side.ready_ns - side.asked_ns) - init_s,
             .init_seconds = init_s});
    if (!trace_ || leader_.has_local()) return;
    const auto span = [&](mp::Span::Kind kind, std::int64_t begin, std::int64_t end) {
        side.spans.push_back({.kind = kind,
                              .worker = side.first_worker,
                              .rank = at.rank,
                              .host = at.host,
                              .pid = static_cast<pid_t>(header.ticket),
                              .begin_seconds = seconds(begin - made_ns_),
                              .end_seconds = seconds(end - made_ns_)});
    };
    span(mp::Span::Kind::start, side.asked_ns, header.begin_ns - side.ahead_ns);
    span(mp::Span::Kind::init, header.begin_ns - side.ahead_ns, header.end_ns - side.ahead_ns);
}

void RanksBackend::take_ran(std::size_t endpoint, Message& answer) {
    const Sent sent = sent_.at(answer.header().ticket);
    sent_[answer.header().ticket] = {};
    free_tickets_.push_back(answer.header().ticket);
    sides_[endpoint].load -= sent.load;
    room_ += sent.load;
    --on_their_way_;
    note_time(endpoint, sent, answer.header());
    if (sent.task != nullptr)
        take_results_of_task(sent, answer);
    else
        take_results_of_job(sent, answer);
    dispatch_to(endpoint); // the others have all that they can have
    close_if_done();
}

void RanksBackend::take_results_of_job(const Sent& sent, Message& answer) {
    Flight& flight = flights_.at(sent.job);
    Reader from(answer);
    std::vector<Failed> failures;
    try {
        if (answer.header().count != 0)
            take_results(from, flight.job.results, flight.job.result_size, sent.first, sent.count);
        failures = read_failures(from, answer.header());
    } catch (...) { // there is no memory for them
        failures = {Failed::current(sent.first)};
    }
    for (Failed& each : failures) {
        if (flight.failure && flight.failure->facts.item <= each.facts.item) continue;
        flight.failure = std::move(each);
        flight.failed_at = sent.endpoint;
    }
    --flight.sent[sent.endpoint];
    flight.done += sent.count;
}

void RanksBackend::take_results_of_task(const Sent& sent, Message& answer) {
    mp::TaskSlot& task = *sent.task;
    const mp::Job job = job_of(task);
    Reader from(answer);
    bool was_run = answer.header().count != 0;
    std::vector<Failed> failures;
    try {
        if (was_run) take_results(from, job.results, job.result_size, 0, job.size);
        failures = read_failures(from, answer.header());
    } catch (...) { // there is no memory for them
        failures = {Failed::current(sent.first)};
        was_run = false;
    }
    mp::TaskState state = mp::TaskState::finished;
    for (const Failed& each : failures) {
        if (static_cast<mp::Fate>(each.facts.fate) == mp::Fate::cancelled) {
            state = mp::TaskState::cancelled;
        } else if (task.kind == mp::TaskKind::series) {
            mp::FailureNote** notes = mp::Series::of(task).failures;
            if (was_run)
                notes[each.facts.item - sent.first] = write_note(each, sent.endpoint);
            else
                for (std::size_t i = 0; i < job.size; ++i)
                    notes[i] = write_note(each, sent.endpoint);
        } else {
            task.failure = write_note(each, sent.endpoint);
            state = mp::TaskState::failed;
        }
    }
    ++tasks_done_;
    task.state.store(static_cast<std::uint32_t>(state), std::memory_order_seq_cst);
}

mp::FailureNote* RanksBackend::write_note(const Failed& failed, std::size_t endpoint) const {
    const Endpoint& at = leader_.endpoints()[endpoint];
    const std::string text = failed.what + failed.type + at.host;
    auto* memory = new std::byte[sizeof(mp::FailureNote) + text.size()];
    auto* words = reinterpret_cast<char*>(memory + sizeof(mp::FailureNote));
    std::memcpy(words, text.data(), text.size());
    return ::new (memory) mp::FailureNote{.item = failed.facts.item,
                                          .pid = failed.facts.pid,
                                          .fate = static_cast<mp::Fate>(failed.facts.fate),
                                          .status = failed.facts.status,
                                          .what_size = failed.what.size(),
                                          .type_size = failed.type.size(),
                                          .text = words,
                                          .host_size = at.host.size(),
                                          .rank = at.rank};
}

// What the workers did, and when.
void RanksBackend::note_time(std::size_t endpoint, const Sent& sent, const Header& header) {
    Side& side = sides_[endpoint];
    const Endpoint& at = leader_.endpoints()[endpoint];
    const std::int64_t took = header.end_ns - header.begin_ns;
    Pace& pace = sent.task != nullptr ? queue_pace_ : flights_.at(sent.job).pace;
    const double item_ns = double(std::max<std::int64_t>(took, 1)) * sent.load /
                           double(std::max<std::size_t>(sent.count, 1));
    pace.item_ns = pace.item_ns == 0 ? item_ns : 0.5 * pace.item_ns + 0.5 * item_ns;
    if (leader_.has_local()) return; // worker processes tell of themselves
    mp::WorkerStats& stats = side.workers_stats[0];
    stats.items += sent.count;
    stats.busy_seconds += seconds(took);
    mp::ChunkTime chunk{seconds(took), trace_ ? sent.first : 0, trace_ ? sent.count : 0};
    for (mp::ChunkTime& each : stats.longest)
        if (chunk.seconds > each.seconds) std::swap(chunk, each);
    if (!trace_) return;
    side.spans.push_back({.kind = mp::Span::Kind::work,
                          .worker = side.first_worker,
                          .rank = at.rank,
                          .host = at.host,
                          .pid = stats.pid,
                          .begin_seconds = seconds(header.begin_ns - side.ahead_ns - made_ns_),
                          .end_seconds = seconds(header.end_ns - side.ahead_ns - made_ns_),
                          .job = sent.job,
                          .first = sent.first,
                          .items = sent.count,
                          .chunks = 1});
    if (side.spans.size() < spans_kept) return;
    std::size_t kept = 2; // start and init
    for (std::size_t i = 2; i + 1 < side.spans.size(); i += 2) {
        mp::Span joined = side.spans[i];
        joined.end_seconds = side.spans[i + 1].end_seconds;
        joined.items += side.spans[i + 1].items;
        joined.chunks += side.spans[i + 1].chunks;
        side.spans[kept++] = joined;
    }
    side.spans.resize(kept);
}

void RanksBackend::take_stats(std::size_t endpoint, Reader& from, std::size_t count) {
    Side& side = sides_[endpoint];
    const Endpoint& at = leader_.endpoints()[endpoint];
    for (std::size_t i = 0; i < count; ++i) {
        const auto facts = from.get<WorkerFacts>();
        mp::WorkerStats& stats = side.workers_stats.at(facts.worker - side.first_worker);
        stats = {.index = facts.worker,
                 .rank = at.rank,
                 .host = at.host,
                 .pid = facts.pid,
                 .items = facts.items,
                 .restarts = facts.restarts,
                 .busy_seconds = facts.busy_s,
                 .start_seconds = facts.start_s,
                 .init_seconds = facts.init_s,
                 .wait_seconds = facts.wait_s};
        for (std::size_t k = 0; k < stats.longest.size(); ++k)
            stats.longest[k] = {facts.longest[k].seconds, facts.longest[k].first,
                                facts.longest[k].items};
    }
}

void RanksBackend::take_spans(std::size_t endpoint, Reader& from) {
    Side& side = sides_[endpoint];
    const Endpoint& at = leader_.endpoints()[endpoint];
    const auto count = from.get<std::uint64_t>();
    for (std::uint64_t i = 0; i < count; ++i) {
        const auto facts = from.get<SpanFacts>();
        side.spans.push_back({.kind = static_cast<mp::Span::Kind>(facts.kind),
                              .worker = facts.worker,
                              .rank = at.rank,
                              .host = at.host,
                              .pid = facts.pid,
                              .begin_seconds = seconds(facts.begin_ns - side.ahead_ns - made_ns_),
                              .end_seconds = seconds(facts.end_ns - side.ahead_ns - made_ns_),
                              .job = facts.job,
                              .first = facts.first,
                              .items = facts.items,
                              .chunks = facts.chunks});
    }
}

std::pair<std::size_t, std::size_t> RanksBackend::progress() const {
    std::size_t done = tasks_done_, all = tasks_given_ + queue_.size();
    if (done == all) done = all = 0; // nothing of them is under way
    for (const auto& [id, flight] : flights_) {
        done += flight.done;
        all += flight.job.size;
    }
    return {done, all};
}

// ---- Waiting, and the end.

bool RanksBackend::wait(const std::function<bool()>& done,
                        std::optional<std::chrono::steady_clock::time_point> deadline) {
    Pause pause;
    for (;;) {
        bool moved = false;
        {
            const auto held = lock();
            check_uninterrupted();
            check_alive();
            try {
                moved = leader_.pump();
            } catch (const mp::RankLost&) {
                end(); // nobody may write to the work's memory once it is the caller's again
                throw;
            }
        }
        if (done()) return true;
        if (deadline && std::chrono::steady_clock::now() >= *deadline) return false;
        if (moved)
            pause.reset();
        else
            pause.rest();
    }
}

std::vector<mp::WorkerStats> RanksBackend::stats() const {
    const auto held = lock();
    std::vector<mp::WorkerStats> all;
    const double now = seconds(now_ns());
    for (const Side& side : sides_)
        for (mp::WorkerStats each : side.workers_stats) {
            if (!leader_.has_local() && !side.closed)
                each.wait_seconds = std::max(0.0, now - seconds(side.ready_ns) - each.busy_seconds);
            all.push_back(std::move(each));
        }
    return all;
}

std::vector<mp::Span> RanksBackend::trace() const {
    const auto held = lock();
    std::vector<mp::Span> all;
    if (!trace_) return all;
    for (const Side& side : sides_) all.insert(all.end(), side.spans.begin(), side.spans.end());
    std::ranges::stable_sort(all, {}, &mp::Span::worker);
    return all;
}

void RanksBackend::send_close() noexcept {
    if (std::exchange(close_sent_, true)) return;
    try {
        for (std::size_t i = 0; i < sides_.size(); ++i)
            leader_.send(i, Message(Header{.kind = Kind::close, .pool = pool_}));
    } catch (...) { // no memory: the end of all ranks closes it too
    }
}

void RanksBackend::close_if_done() {
    if (closing_ && on_their_way_ == 0 && !has_work()) send_close();
}

void RanksBackend::close() noexcept {
    const auto held = lock();
    closing_ = true;
    close_if_done();
}

void RanksBackend::terminate() noexcept {
    const auto held = lock();
    end();
}

void RanksBackend::end() noexcept {
    terminated_ = true;
    queue_.clear();
    active_.clear();
    flights_.clear();
    send_close();
}

void RanksBackend::join() {
    wait(
        [this] {
            const auto held = lock();
            return std::ranges::all_of(sides_, &Side::closed);
        },
        std::nullopt);
}

} // namespace mp_mpi
