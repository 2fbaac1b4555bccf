#include "mp_mpi/dispatcher.hpp"

#include <algorithm>
#include <cstring>
#include <limits>

#include "mp_mpi/wire_values.hpp"

namespace mp_mpi {

namespace {

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

void put_work(Message& to, const mp::Job& job) {
    to.put(Work{reinterpret_cast<std::uint64_t>(job.run), job.closure_size, job.item_size,
                job.result_size});
    to.put_bytes(job.closure, job.closure_size, Message::alignment);
}

} // namespace

void Dispatcher::begin(std::uint32_t pool, const std::vector<unsigned>& workers) {
    pool_ = pool;
    for (const unsigned each : workers) {
        sides_.push_back({.workers = each});
        workers_ += each;
        room_ += 2 * each;
    }
}

// ---- Work comes in.

mp::JobId Dispatcher::post(const mp::Job& job) {
    Flight& flight = flights_[++jobs_];
    const auto* closure = static_cast<const std::byte*>(job.closure);
    flight.closure.assign(closure, closure + job.closure_size);
    flight.job = job;
    flight.job.closure = flight.closure.data();
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

void Dispatcher::submit(mp::TaskSlot& task) {
    queue_.push_back(&task);
    dispatch();
}

bool Dispatcher::finished(mp::JobId job) const {
    const auto found = flights_.find(job);
    return found == flights_.end() ||
           found->second.done + found->second.skipped == found->second.job.size;
}

void Dispatcher::finish(mp::JobId job) {
    const auto found = flights_.find(job);
    if (found == flights_.end()) return;
    const Flight flight = std::move(found->second);
    flights_.erase(found);
    for (std::size_t i = 0; i < sides_.size(); ++i)
        if (flight.known[i])
            leader_.send(i, Message(Header{.kind = Kind::forget, .pool = pool_, .job = job}));
    if (flight.failure) {
        const mp::FailureNote* note = note_of(*flight.failure, flight.failed_at);
        const std::exception_ptr error = mp::detail::error_of(*note);
        delete[] reinterpret_cast<const std::byte*>(note);
        std::rethrow_exception(error);
    }
    if (flight.skipped != 0) throw mp::Cancelled();
}

void Dispatcher::cancel(mp::JobId job) {
    const auto found = flights_.find(job);
    if (found == flights_.end()) return;
    Flight& flight = found->second;
    flight.skipped += flight.job.size - flight.next;
    flight.next = flight.job.size;
    std::erase(active_, job);
}

void Dispatcher::stop(mp::JobId job) {
    const auto found = flights_.find(job);
    if (found == flights_.end()) return;
    for (std::size_t i = 0; i < sides_.size(); ++i)
        if (found->second.sent[i] != 0)
            leader_.send(i, Message(Header{.kind = Kind::cancel, .pool = pool_, .job = job}));
}

bool Dispatcher::stop(const mp::TaskSlot& task) {
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

void Dispatcher::drop() noexcept {
    queue_.clear();
    active_.clear();
    flights_.clear();
}

// ---- Work goes out.

void Dispatcher::dispatch() {
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

void Dispatcher::dispatch_to(std::size_t endpoint) {
    if (leader_.lost()) return;
    const Side& side = sides_[endpoint];
    for (const bool ahead : {false, true})
        while (has_work() && side.load < (ahead ? 2 : 1) * side.workers && give(endpoint, ahead)) {
        }
}

// Sources take turns: the queue, then each job.
bool Dispatcher::give(std::size_t endpoint, bool ahead) {
    const std::size_t sources = active_.size() + 1;
    for (std::size_t i = 0; i < sources; ++i) {
        const std::size_t source = turn_++ % sources;
        if (source == 0 ? give_of_queue(endpoint, ahead)
                        : give_of_job(endpoint, active_[source - 1], ahead))
            return true;
    }
    return false;
}

bool Dispatcher::give_of_queue(std::size_t endpoint, bool ahead) {
    if (queue_.empty() || (ahead && !prefetches(queue_pace_, queue_.size(), workers_)))
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
            Dispatcher& all;
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
        put_work(message, job);
        put_values(message, job.items, job.item_size, 0, job.size);
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

bool Dispatcher::give_of_job(std::size_t endpoint, mp::JobId id, bool ahead) {
    Flight& flight = flights_.at(id);
    const std::size_t left = flight.job.size - flight.next;
    if (left == 0 || (ahead && !prefetches(flight.pace, left, workers_))) return false;
    const Side& side = sides_[endpoint];
    const std::size_t each = next_chunk(flight.pace, left, workers_);
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
        put_work(message, flight.job);
        flight.known[endpoint] = true;
    }
    put_values(message, flight.job.items, flight.job.item_size, flight.next, count);
    ++flight.sent[endpoint];
    send(std::move(message),
         {.job = id, .first = flight.next, .count = count, .endpoint = endpoint, .load = load});
    flight.next += count;
    if (flight.next == flight.job.size) std::erase(active_, id);
    return true;
}

void Dispatcher::send(Message&& message, const Sent& sent) {
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

void Dispatcher::take(std::size_t endpoint, Message& ran) {
    const std::uint32_t ticket = ran.header().ticket;
    const Sent sent = std::exchange(sent_.at(ticket), {});
    free_tickets_.push_back(ticket);
    sides_[endpoint].load -= sent.load;
    room_ += sent.load;
    --on_their_way_;
    ledger_.ran(endpoint, ran.header(), sent.job, sent.first, sent.count);
    if (sent.task != nullptr) {
        note_pace(queue_pace_, sent, ran.header());
        take_results_of_task(sent, ran);
    } else if (const auto flight = flights_.find(sent.job); flight != flights_.end()) {
        note_pace(flight->second.pace, sent, ran.header());
        take_results_of_job(flight->second, sent, ran);
    }                      // else it could not be sent as a whole
    dispatch_to(endpoint); // the others have all that they can have
}

void Dispatcher::note_pace(Pace& pace, const Sent& sent, const Header& answer) {
    const double item_ns = double(std::max<std::int64_t>(answer.end_ns - answer.begin_ns, 1)) *
                           sent.load / double(std::max<std::size_t>(sent.count, 1));
    pace.item_ns = pace.item_ns == 0 ? item_ns : 0.5 * pace.item_ns + 0.5 * item_ns;
}

void Dispatcher::take_results_of_job(Flight& flight, const Sent& sent, Message& answer) {
    Reader from(answer);
    std::vector<Failed> failures;
    try {
        if (answer.header().count != 0)
            read_results(from, flight.job.results, flight.job.result_size, sent.first, sent.count);
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

void Dispatcher::take_results_of_task(const Sent& sent, Message& answer) {
    mp::TaskSlot& task = *sent.task;
    const mp::Job job = job_of(task);
    Reader from(answer);
    bool was_run = answer.header().count != 0;
    std::vector<Failed> failures;
    try {
        if (was_run) read_results(from, job.results, job.result_size, 0, job.size);
        failures = read_failures(from, answer.header());
    } catch (...) { // there is no memory for them
        failures = {Failed::current(sent.first)};
        was_run = false;
    }
    mp::TaskState state = mp::TaskState::finished;
    for (const Failed& each : failures) {
        if (each.fate() == mp::Fate::cancelled) {
            state = mp::TaskState::cancelled;
        } else if (task.kind == mp::TaskKind::series) {
            mp::FailureNote** notes = mp::Series::of(task).failures;
            if (was_run)
                notes[each.facts.item - sent.first] = note_of(each, sent.endpoint);
            else
                for (std::size_t i = 0; i < job.size; ++i) notes[i] = note_of(each, sent.endpoint);
        } else {
            task.failure = note_of(each, sent.endpoint);
            state = mp::TaskState::failed;
        }
    }
    ++tasks_done_;
    task.state.store(static_cast<std::uint32_t>(state), std::memory_order_seq_cst);
}

mp::FailureNote* Dispatcher::note_of(const Failed& failed, std::size_t endpoint) const {
    const Endpoint& at = leader_.endpoints()[endpoint];
    return failed.note(at.rank, at.host);
}

std::pair<std::size_t, std::size_t> Dispatcher::progress() const {
    std::size_t done = tasks_done_, all = tasks_given_ + queue_.size();
    if (done == all) done = all = 0; // nothing of them is under way
    for (const auto& [id, flight] : flights_) {
        done += flight.done;
        all += flight.job.size;
    }
    return {done, all};
}

} // namespace mp_mpi
