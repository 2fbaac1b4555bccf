#include "mp_mpi/backend.hpp"

#include <algorithm>
#include <cstring>
#include <new>
#include <stdexcept>
#include <utility>

#include "mp_mpi/backoff.hpp"
#include "mp_mpi/sys/code_map.hpp"

namespace mp_mpi {

namespace {

// Data in memory that only the processes of this machine share.
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

} // namespace

RanksBackend::RanksBackend(Coordinator& coordinator, mp::detail::BackendOptions options)
    : coordinator_(coordinator), processes_(options.processes),
      remote_stats_(coordinator.endpoints(), options.trace),
      dispatcher_(coordinator, remote_stats_) {
    const unsigned all = coordinator.workers();
    if (options.processes > all)
        throw std::invalid_argument("mp::Pool: " + std::to_string(options.processes) +
                                    " workers are more than the other ranks have, which is " +
                                    std::to_string(all) +
                                    "; start the program with more ranks, as by mpirun -n " +
                                    std::to_string(options.processes + 1));
    const bool ends_workers =
        options.task_timeout > options.task_timeout.zero() || options.maxtasksperchild != 0;
    if (ends_workers && !coordinator.has_local())
        throw std::invalid_argument("mp::Pool: task_timeout and maxtasksperchild need worker "
                                    "processes, which can be ended; give each rank some");
    if (options.initializer)
        refuse_shared_memory(options.initializer.closure.data(),
                             options.initializer.closure.size());
    try {
        open(options);
    } catch (...) {
        const auto held = lock();
        end();
        coordinator_.dismiss(pool_);
        throw;
    }
}

RanksBackend::~RanksBackend() {
    const auto held = lock();
    end();
    coordinator_.dismiss(pool_);
}

void RanksBackend::open(const mp::detail::BackendOptions& options) {
    const std::vector<LoadedObject> objects = loaded_objects();
    const auto opening = [&](unsigned workers, unsigned first_worker) {
        Message message(Header{.kind = Kind::open, .pool = pool_});
        message.put(Opening{
            .first_worker = first_worker,
            .workers = workers,
            .maxtasksperchild = options.maxtasksperchild,
            .retries = options.retries,
            .task_timeout_ns = options.task_timeout.count(),
            .initializer = reinterpret_cast<std::uint64_t>(options.initializer.run),
            .closure_size = options.initializer.closure.size(),
            .objects = objects.size(),
            .trace = options.trace ? 1U : 0U,
        });
        message.put_bytes(options.initializer.closure.data(), options.initializer.closure.size(),
                          Message::alignment);
        for (const LoadedObject& each : objects) message.put(each);
        return message;
    };
    {
        const auto held = lock();
        pool_ = coordinator_.enlist(*this);
        std::vector<unsigned> workers;
        for (unsigned left = processes_; left != 0; left -= workers.back())
            workers.push_back(std::min(left, coordinator_.endpoints()[workers.size()].workers));
        sides_.resize(workers.size());
        dispatcher_.begin(pool_, workers);
        unsigned first_worker = 0;
        for (std::size_t i = 0; i < workers.size(); first_worker += workers[i++]) {
            Message message = opening(workers[i], first_worker);
            remote_stats_.asked(workers[i], first_worker);
            coordinator_.send(i, std::move(message));
        }
    }
    wait(
        [this] {
            const auto held = lock();
            return std::ranges::all_of(sides_, &Side::opened);
        },
        std::nullopt);
    if (init_failure_) std::rethrow_exception(mp::detail::error_of(*init_failure_));
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
    coordinator_.look(); // a launcher's reaction to the end of a rank is a signal to the others
    end();
    coordinator_.check_alive();
    throw mp::Interrupted();
}

void RanksBackend::check_alive() {
    coordinator_.check_alive();
    if (!broken_.empty()) throw mp::BrokenPool(broken_);
    if (terminated_) throw mp::BrokenPool("mp: the pool was terminated");
}

void RanksBackend::check_open() {
    check_alive();
    if (close_sent_) throw std::logic_error("mp::Pool: used after close()");
}

// ---- Work is submitted.

mp::detail::JobId RanksBackend::post(const mp::detail::Job& job) {
    refuse_shared_memory(job.closure, job.closure_size);
    const auto held = lock();
    check_uninterrupted();
    check_open();
    return dispatcher_.post(job);
}

void RanksBackend::submit(mp::detail::TaskSlot& task) {
    const mp::detail::Job job = task.type->items(task).job;
    refuse_shared_memory(job.closure, job.closure_size);
    const auto held = lock();
    check_uninterrupted();
    check_open();
    dispatcher_.submit(task);
}

bool RanksBackend::finished(mp::detail::JobId job) noexcept {
    const auto held = lock();
    return dispatcher_.finished(job);
}

void RanksBackend::finish(mp::detail::JobId job) {
    const auto held = lock();
    check_alive(); // abandoned work has no results
    dispatcher_.finish(job);
}

void RanksBackend::cancel(mp::detail::JobId job) noexcept {
    const auto held = lock();
    dispatcher_.cancel(job);
    close_if_done();
}

void RanksBackend::stop(mp::detail::JobId job) noexcept {
    const auto held = lock();
    dispatcher_.stop(job);
}

bool RanksBackend::stop(mp::detail::TaskSlot& task) noexcept {
    const auto held = lock();
    return dispatcher_.stop(task);
}

// ---- Answers arrive.

void RanksBackend::take(std::size_t endpoint, Message& answer) {
    Reader from(answer);
    switch (answer.header().kind) {
    case Kind::opened:
        return take_opened(endpoint, answer);
    case Kind::ran:
        if (terminated_) return; // no thread waits for it
        dispatcher_.take(endpoint, answer);
        return close_if_done();
    case Kind::broken:
        broken_ = get_text(from);
        return end();
    case Kind::closed:
        return take_closed(endpoint, answer);
    default:
        return;
    }
}

std::pair<std::size_t, std::size_t> RanksBackend::progress() const {
    return dispatcher_.progress();
}

void RanksBackend::take_opened(std::size_t endpoint, Message& answer) {
    sides_[endpoint].opened = true;
    Reader from(answer);
    remote_stats_.opened(endpoint, answer.header(), from);
    const Endpoint& at = coordinator_.endpoints()[endpoint];
    for (OwnedNote& each : read_failures(from, at))
        if (!init_failure_ || at.rank < init_failure_->rank) init_failure_ = std::move(each);
}

void RanksBackend::take_closed(std::size_t endpoint, Message& answer) {
    sides_[endpoint].closed = true;
    Reader from(answer);
    remote_stats_.closed(endpoint, from);
}

// ---- Waiting, and the end.

bool RanksBackend::wait(const std::function<bool()>& done,
                        std::optional<Clock::time_point> deadline) {
    Backoff backoff;
    for (;;) {
        bool moved = false;
        {
            const auto held = lock();
            check_uninterrupted();
            check_alive();
            try {
                moved = coordinator_.pump();
            } catch (const mp::RankLost&) {
                end(); // nothing may write to the work's memory once the caller has it back
                throw;
            }
        }
        if (done()) return true;
        if (deadline && Clock::now() >= *deadline) return false;
        if (moved)
            backoff.reset();
        else
            backoff.rest();
    }
}

std::vector<mp::WorkerStats> RanksBackend::stats() const {
    const auto held = lock();
    return remote_stats_.stats();
}

std::vector<mp::Span> RanksBackend::trace() {
    const auto held = lock();
    return remote_stats_.trace();
}

void RanksBackend::send_close() noexcept {
    if (std::exchange(close_sent_, true)) return;
    try {
        for (std::size_t i = 0; i < sides_.size(); ++i)
            coordinator_.send(i, Message(Header{.kind = Kind::close, .pool = pool_}));
    } catch (...) { // no memory: the end of all ranks closes it too
    }
}

void RanksBackend::close_if_done() {
    if (closing_ && dispatcher_.idle()) send_close();
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
    dispatcher_.drop();
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
