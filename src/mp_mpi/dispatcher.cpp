#include "mp_mpi/dispatcher.hpp"

#include <algorithm>
#include <cstring>
#include <limits>

#include "mp_mpi/wire.hpp"

namespace mp_mpi {

void Dispatcher::begin(std::uint32_t pool, const std::vector<unsigned>& workers) {
    pool_ = pool;
    for (const unsigned each : workers) {
        sides_.push_back({.workers = each});
        workers_ += each;
        room_ += 2 * each;
    }
}

// ---- Work is submitted.

mp::detail::JobId Dispatcher::post(const mp::detail::Job& job) {
    ActiveJob& active_job = active_jobs_[++jobs_];
    const auto* closure = static_cast<const std::byte*>(job.closure);
    active_job.closure.assign(closure, closure + job.closure_size);
    active_job.job = job;
    active_job.job.closure = active_job.closure.data();
    active_job.pace = {.chunksize = job.chunksize, .item_bytes = job.item_size + job.result_size};
    if (job.item_size == 0 && job.size != 0) {
        const auto* packed = static_cast<const mp::detail::Packed*>(job.items);
        const auto* last = packed + job.size - 1;
        const auto bytes = static_cast<std::size_t>(last->data + last->size - packed->data);
        active_job.pace.item_bytes += bytes / job.size;
    }
    active_job.known.resize(sides_.size());
    active_job.sent.resize(sides_.size());
    undispatched_.push_back(jobs_);
    try {
        dispatch();
    } catch (...) {
        active_jobs_.erase(jobs_);
        std::erase(undispatched_, jobs_);
        throw;
    }
    return jobs_;
}

void Dispatcher::submit(mp::detail::TaskSlot& task) {
    queue_.push_back(&task);
    dispatch();
}

bool Dispatcher::finished(mp::detail::JobId job) const {
    const auto found = active_jobs_.find(job);
    return found == active_jobs_.end() ||
           found->second.done + found->second.skipped == found->second.job.size;
}

void Dispatcher::finish(mp::detail::JobId job) {
    const auto found = active_jobs_.find(job);
    if (found == active_jobs_.end()) return;
    const ActiveJob active_job = std::move(found->second);
    active_jobs_.erase(found);
    for (std::size_t i = 0; i < sides_.size(); ++i)
        if (active_job.known[i])
            coordinator_.send(i, Message(Header{.kind = Kind::forget, .pool = pool_, .job = job}));
    if (active_job.failure) std::rethrow_exception(mp::detail::error_of(*active_job.failure));
    if (active_job.skipped != 0) throw mp::Cancelled();
}

void Dispatcher::cancel(mp::detail::JobId job) {
    const auto found = active_jobs_.find(job);
    if (found == active_jobs_.end()) return;
    ActiveJob& active_job = found->second;
    active_job.skipped += active_job.job.size - active_job.next;
    active_job.next = active_job.job.size;
    std::erase(undispatched_, job);
}

void Dispatcher::stop(mp::detail::JobId job) {
    const auto found = active_jobs_.find(job);
    if (found == active_jobs_.end()) return;
    for (std::size_t i = 0; i < sides_.size(); ++i)
        if (found->second.sent[i] != 0)
            coordinator_.send(i, Message(Header{.kind = Kind::cancel, .pool = pool_, .job = job}));
}

bool Dispatcher::stop(const mp::detail::TaskSlot& task) {
    if (!coordinator_.has_local()) return false; // a rank cannot be ended alone
    const auto ticket = sent_.ticket_of(task);
    if (ticket)
        coordinator_.send(sent_.at(*ticket).endpoint,
                          Message(Header{.kind = Kind::cancel, .pool = pool_, .ticket = *ticket}));
    return ticket.has_value();
}

void Dispatcher::drop() noexcept {
    queue_.clear();
    undispatched_.clear();
    active_jobs_.clear();
}

// ---- Work is sent.

void Dispatcher::dispatch() {
    if (coordinator_.lost()) return;
    // First, idle workers get work; then workers get their next chunk in advance.
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
    if (coordinator_.lost()) return;
    const Side& side = sides_[endpoint];
    for (const bool ahead : {false, true})
        while (has_work() && side.load < (ahead ? 2 : 1) * side.workers && give(endpoint, ahead)) {
        }
}

// Sources take turns: the queue, then each job.
bool Dispatcher::give(std::size_t endpoint, bool ahead) {
    const std::size_t sources = undispatched_.size() + 1;
    for (std::size_t i = 0; i < sources; ++i) {
        const std::size_t source = turn_++ % sources;
        if (source == 0 ? give_of_queue(endpoint, ahead)
                        : give_of_job(endpoint, undispatched_[source - 1], ahead))
            return true;
    }
    return false;
}

bool Dispatcher::give_of_queue(std::size_t endpoint, bool ahead) {
    if (queue_.empty() || (ahead && !prefetches(queue_pace_, queue_.size(), workers_)))
        return false;
    while (!queue_.empty()) {
        mp::detail::TaskSlot& task = *queue_.front();
        queue_.pop_front();
        if (!task.status.try_begin(0)) continue; // it was cancelled
        const mp::detail::Job job = task.type->items(task).job;
        try {
            ++tasks_given_;
            send(run_message({.kind = Kind::run,
                              .pool = pool_,
                              .flags = with_job | once,
                              .grain = static_cast<std::uint32_t>(job.size),
                              .first = task.first,
                              .count = job.size},
                             job, 0),
                 {.task = &task,
                  .first = task.first,
                  .count = job.size,
                  .endpoint = endpoint,
                  .load = 1});
        } catch (...) { // it was not sent: put it back where it came from
            --tasks_given_;
            task.status.finish(mp::detail::TaskState::open);
            queue_.push_front(&task);
            throw;
        }
        return true;
    }
    return false;
}

bool Dispatcher::give_of_job(std::size_t endpoint, mp::detail::JobId id, bool ahead) {
    ActiveJob& active_job = active_jobs_.at(id);
    const std::size_t left = active_job.job.size - active_job.next;
    if (left == 0 || (ahead && !prefetches(active_job.pace, left, workers_))) return false;
    const Side& side = sides_[endpoint];
    const std::size_t each = next_chunk(active_job.pace, left, workers_);
    const std::size_t count = std::min(each * ((ahead ? 2 : 1) * side.workers - side.load), left);
    const auto load = static_cast<unsigned>((count + each - 1) / each);
    active_job.pace.longest = std::max(active_job.pace.longest, each);
    Message message = run_message({.kind = Kind::run,
                                   .pool = pool_,
                                   .job = id,
                                   .flags = active_job.known[endpoint] ? 0U : with_job,
                                   .grain = static_cast<std::uint32_t>(std::min<std::size_t>(
                                       each, std::numeric_limits<std::uint32_t>::max())),
                                   .first = active_job.next,
                                   .count = count},
                                  active_job.job, active_job.next);
    active_job.known[endpoint] = true;
    ++active_job.sent[endpoint];
    send(std::move(message),
         {.job = id, .first = active_job.next, .count = count, .endpoint = endpoint, .load = load});
    active_job.next += count;
    if (active_job.next == active_job.job.size) std::erase(undispatched_, id);
    return true;
}

Message Dispatcher::run_message(const Header& header, const mp::detail::Job& job,
                                std::size_t first) {
    Message message = coordinator_.blank();
    message.reset(header);
    if ((header.flags & with_job) != 0) {
        message.put(JobDescription{reinterpret_cast<std::uint64_t>(job.run), job.closure_size,
                                   job.item_size, job.result_size});
        message.put_bytes(job.closure, job.closure_size, Message::alignment);
    }
    put_values(message, job.items, job.item_size, first, header.count);
    return message;
}

void Dispatcher::send(Message&& message, const SentChunk& sent) {
    message.header().ticket = sent_.add(sent);
    sides_[sent.endpoint].load += sent.load;
    room_ -= sent.load;
    coordinator_.send(sent.endpoint, std::move(message));
}

// ---- Answers arrive.

void Dispatcher::take(std::size_t endpoint, Message& ran) {
    const SentChunk sent = sent_.take(ran.header().ticket);
    sides_[endpoint].load -= sent.load;
    room_ += sent.load;
    Reader from(ran);
    remote_stats_.ran(endpoint, from);
    if (sent.task != nullptr) {
        note_pace(queue_pace_, sent, ran.header());
        finish_task(sent,
                    take_results(sent, sent.task->type->items(*sent.task).job, ran.header(), from));
    } else if (const auto found = active_jobs_.find(sent.job); found != active_jobs_.end()) {
        note_pace(found->second.pace, sent, ran.header());
        finish_part(found->second, sent, take_results(sent, found->second.job, ran.header(), from));
    }                      // otherwise it could not be sent as a whole
    dispatch_to(endpoint); // the other endpoints have as much as they can take
}

void Dispatcher::note_pace(Pace& pace, const SentChunk& sent, const Header& answer) {
    const double item_ns = double(std::max<std::int64_t>(answer.end_ns - answer.begin_ns, 1)) *
                           sent.load / double(std::max<std::size_t>(sent.count, 1));
    pace.item_ns = pace.item_ns == 0 ? item_ns : 0.5 * pace.item_ns + 0.5 * item_ns;
}

// Stores the results. Returns which items have none, the first one if none was run.
std::vector<OwnedNote> Dispatcher::take_results(const SentChunk& sent, const mp::detail::Job& job,
                                                const Header& answer, Reader& from) const {
    const Endpoint& at = coordinator_.endpoints()[sent.endpoint];
    std::vector<OwnedNote> failures;
    bool none_ran = answer.count == 0;
    try {
        failures = read_failures(from, at);
        if (!none_ran)
            read_results(from, job.results, job.result_size, sent.task != nullptr ? 0 : sent.first,
                         sent.count);
    } catch (...) { // there is no memory for them
        failures.clear();
        failures.push_back(current_note(sent.first, at));
        none_ran = true;
    }
    if (none_ran && sent.task != nullptr) // each item of a task has its own failure
        for (std::size_t i = failures.size(); i < sent.count; ++i) {
            mp::detail::FailureNote note = *failures.front();
            const std::size_t text_size = note.what_size + note.type_size;
            note.item = sent.first + i;
            failures.push_back(make_note(note, {note.text, text_size}, at));
        }
    return failures;
}

void Dispatcher::finish_part(ActiveJob& active_job, const SentChunk& sent,
                             std::vector<OwnedNote> failures) {
    for (OwnedNote& each : failures)
        if (!active_job.failure || each->item < active_job.failure->item)
            active_job.failure = std::move(each);
    --active_job.sent[sent.endpoint];
    active_job.done += sent.count;
}

void Dispatcher::finish_task(const SentChunk& sent, std::vector<OwnedNote> failures) {
    mp::detail::TaskSlot& task = *sent.task;
    const mp::detail::TaskItems items = task.type->items(task);
    mp::detail::TaskState state = mp::detail::TaskState::finished;
    for (OwnedNote& each : failures) {
        const std::size_t item = each->item - sent.first;
        if (each->fate == mp::detail::Fate::cancelled)
            state = mp::detail::TaskState::cancelled;
        else
            items.failures[item] = each.release(); // now owned by the task
    }
    ++tasks_done_;
    task.status.finish(state);
}

std::pair<std::size_t, std::size_t> Dispatcher::progress() const {
    std::size_t done = tasks_done_, all = tasks_given_ + queue_.size();
    if (done == all) done = all = 0; // no item is in progress
    for (const auto& [id, active_job] : active_jobs_) {
        done += active_job.done;
        all += active_job.job.size;
    }
    return {done, all};
}

} // namespace mp_mpi
