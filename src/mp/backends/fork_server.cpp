#include "mp/backends/fork_server.hpp"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <deque>
#include <new>
#include <vector>

#include "mp/interrupt_event.hpp"
#include "mp/item_seed.hpp"
#include "mp/os/child.hpp"
#include "mp/os/closer.hpp"
#include "mp/scheduler/worker_loop.hpp"
#include "mp/worker.hpp"

namespace mp::detail {

namespace {

struct Child {
    pid_t pid = 0;
    os::Descriptor watch;
};

class ForkServer {
public:
    ForkServer(const ForkContext& context, os::Descriptor channel)
        : context_(context), channel_(std::move(channel)),
          owner_watch_(os::watch_exit(context.owner)), children_(context.shared->workers()) {}

    void run() {
        for (unsigned i = 0; i < context_.shared->workers(); ++i)
            if (!make(i)) return leave_unheard();
        for (;;) {
            os::Watched watched[] = {os::watch(channel_.get()), os::watch(owner_watch_.get())};
            os::wait_ready(watched, std::nullopt);
            if (os::is_surely_ready(watched[1]) || os::parent_pid() != context_.owner)
                return kill_all();
            if (!os::is_ready(watched[0])) continue;
            if (!receive()) return kill_all();
            while (!requests_.empty()) {
                const Request request = requests_.front();
                requests_.pop_front();
                if (request.wish == Request::Wish::make && request.worker < children_.size()) {
                    if (!make(request.worker)) return leave_unheard();
                } else if (!fulfill(request)) {
                    return;
                }
            }
        }
    }

private:
    // Reads a message, if there is one. Returns false at the end of the channel: the owner has
    // died.
    bool receive() {
        Request request{};
        switch (os::receive_message(channel_.get(), &request, sizeof request, nullptr)) {
        case os::Message::whole:
            if (request.seal == context_.seal) requests_.push_back(request);
            return true;
        case os::Message::unknown:
        case os::Message::none:
            return true;
        case os::Message::end:
            return false;
        }
        return true;
    }

    // The owner cannot be told of a worker. If that is so because it has died, no worker may
    // outlive it; else it finds the worker in the shared state.
    void leave_unheard() noexcept {
        for (;;) {
            Request request{};
            switch (os::receive_message(channel_.get(), &request, sizeof request, nullptr)) {
            case os::Message::whole:
            case os::Message::unknown:
                continue;
            case os::Message::none:
                if (os::parent_pid() != context_.owner) kill_all();
                return;
            case os::Message::end:
                return kill_all();
            }
        }
    }

    // Returns false when there is nothing more to do.
    bool fulfill(const Request& request) {
        switch (request.wish) {
        case Request::Wish::make: // at no place that there is
            return true;
        case Request::Wish::kill:
            if (request.pid > 0) kill(request.pid);
            return true;
        case Request::Wish::kill_all:
            for (const Child& worker : children_)
                if (worker.pid != 0) kill_with_descendants(worker);
            return false;
        case Request::Wish::leave:
            return false;
        }
        return true;
    }

    void kill(pid_t pid) noexcept {
        const auto known = std::ranges::find(children_, pid, &Child::pid);
        if (known != children_.end()) return kill_with_descendants(*known);
        Child unknown; // the owner itself has forked it
        unknown.pid = pid;
        kill_with_descendants(unknown);
    }

    static bool has_ended(const Child& worker) noexcept {
        os::Watched watched[] = {os::watch(worker.watch.get())};
        os::wait_ready(watched, os::Clock::now());
        return os::is_surely_ready(watched[0]);
    }

    static void kill_with_descendants(const Child& worker) noexcept {
        if (has_ended(worker)) return; // another process may have its pid
        const auto descendants = os::stop_descendants(worker.pid, SIGKILL);
        os::kill_watched(worker.watch, worker.pid);
        os::kill_descendants(descendants);
    }

    // Returns false when the owner cannot be told, or when going on is pointless.
    bool make(std::uint32_t worker) {
        // Used only where the kernel cannot watch a process: the worker alone holds the write end.
        os::Pair pipe;
        if (!owner_watch_) {
            try {
                pipe = os::make_pipe();
            } catch (const std::exception&) {
                return answer({context_.seal, worker, -1, errno}, {});
            }
        }
        const pid_t pid = os::clone_sibling(context_.shared->worker_slot(worker).unreported_pid());
        if (pid == 0) {
            pipe.first.reset();
            channel_.reset();
            owner_watch_.reset();
            close_watches();
            run_worker_process(context_, worker);
        }
        if (pid < 0) return answer({context_.seal, worker, -1, errno}, {});
        os::Descriptor watch = owner_watch_ ? os::watch_exit(pid) : std::move(pipe.first);
        const bool sent = answer({context_.seal, worker, pid, 0}, watch);
        children_[worker] = {pid, owner_watch_ ? std::move(watch) : os::Descriptor()};
        return sent;
    }

    // In a worker, which does not look after the others.
    void close_watches() noexcept {
        os::Closer closer;
        for (Child& other : children_) closer.close(std::move(other.watch));
    }

    // Meanwhile the owner may be sending requests, and not reading.
    bool answer(const Reply& reply, const os::Descriptor& watch) {
        while (!os::wait_to_send(channel_.get()))
            if (!receive()) return false;
        return os::send_message(channel_.get(), &reply, sizeof reply, watch.get());
    }

    void kill_all() noexcept {
        for (const Child& worker : children_)
            if (worker.pid != 0) os::kill_watched(worker.watch, worker.pid);
    }

    const ForkContext& context_;
    os::Descriptor channel_;
    os::Descriptor owner_watch_;
    std::vector<Child> children_;
    std::deque<Request> requests_; // received, but not yet fulfilled
};

} // namespace

Seal new_seal() noexcept {
    static std::atomic<Seal> count = 0;
    return item_seed(static_cast<Seal>(now_ns()) ^ static_cast<Seal>(os::current_pid()) << 40,
                     ++count);
}

void run_fork_server(const ForkContext& context, os::Descriptor channel) noexcept {
    set_in_child();
    leave_parents_interrupt();
    os::ignore_terminal_signals();
    os::die_with_parent(context.owner, context.forked_by_main_thread);
    os::buffer_lines(); // for the workers, which inherit it
    ForkServer(context, std::move(channel)).run();
    os::exit_child(0);
}

void run_worker_process(const ForkContext& context, unsigned worker) noexcept {
    set_in_child();
    os::die_with_parent(context.owner, context.forked_by_main_thread);
    const WorkerHost host{[&] {
                              // If the event cannot be set, the owner stays asleep; the worker's
                              // death wakes it.
                              if (!context.owner_event->notify()) os::exit_child(1);
                          },
                          context.backend};
    context.shared->worker_slot(worker).set_pid(os::current_pid());
    if (!start_worker(*context.shared, worker, *context.initializer, host)) os::exit_child(1);
    run_worker(*context.shared, worker, host);
    os::exit_child(0);
}

} // namespace mp::detail
