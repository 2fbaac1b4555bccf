#include "mp/backends/fork_server.hpp"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <new>
#include <vector>

#include "mp/interrupt_event.hpp"
#include "mp/item_seed.hpp"
#include "mp/os/child.hpp"
#include "mp/scheduler/worker_loop.hpp"
#include "mp/worker.hpp"

namespace mp::detail {

namespace {

struct Made {
    pid_t pid = 0;
    os::Descriptor watch;
};

class Template {
public:
    Template(const Heritage& heritage, os::Descriptor channel)
        : heritage_(heritage), channel_(std::move(channel)),
          owner_watch_(os::watch_exit(heritage.owner)), made_(heritage.board->processes) {}

    void live() {
        for (unsigned i = 0; i < heritage_.board->processes; ++i)
            if (!make(i)) return;
        for (;;) {
            os::Watched watched[] = {os::watch(channel_.get()), os::watch(owner_watch_.get())};
            os::wait_ready(watched, std::nullopt);
            if (os::is_surely_ready(watched[1]) || os::parent_pid() != heritage_.owner)
                return kill_all();
            if (!os::is_ready(watched[0])) continue;
            Request request{};
            switch (os::receive_message(channel_.get(), &request, sizeof request, nullptr)) {
            case os::Message::whole:
                if (request.seal == heritage_.seal && !fulfil(request)) return;
                break;
            case os::Message::unknown:
            case os::Message::none:
                break;
            case os::Message::end: // without a word: the owner has died
                return kill_all();
            }
        }
    }

private:
    // False: there is nothing more to do.
    bool fulfil(const Request& request) {
        switch (request.wish) {
        case Request::Wish::make:
            return request.worker >= made_.size() || make(request.worker);
        case Request::Wish::kill:
            if (request.pid > 0) kill(request.pid);
            return true;
        case Request::Wish::kill_all:
            for (const Made& worker : made_)
                if (worker.pid != 0) kill_with_descendants(worker);
            return false;
        case Request::Wish::leave:
            return false;
        }
        return true;
    }

    void kill(pid_t pid) noexcept {
        const auto known = std::ranges::find(made_, pid, &Made::pid);
        if (known != made_.end()) return kill_with_descendants(*known);
        Made unknown; // the owner has forked it itself
        unknown.pid = pid;
        kill_with_descendants(unknown);
    }

    static void kill_with_descendants(const Made& worker) noexcept {
        const auto descendants = os::stop_descendants(worker.pid, SIGKILL);
        os::kill_watched(worker.watch, worker.pid);
        os::kill_descendants(descendants);
    }

    // False: the owner cannot be told, or there is nothing left to hope for.
    bool make(std::uint32_t worker) {
        // Only used where the kernel cannot watch a process: the worker alone holds the writing
        // end.
        os::Pair pipe;
        if (!owner_watch_) {
            try {
                pipe = os::make_pipe();
            } catch (const std::exception&) {
                return answer({heritage_.seal, worker, -1, errno}, {});
            }
        }
        const pid_t pid = os::clone_sibling(heritage_.board->places[worker].made);
        if (pid == 0) {
            pipe.first.reset();
            channel_.reset();
            owner_watch_.reset();
            for (Made& other : made_) other.watch.reset();
            be_worker(heritage_, worker);
        }
        if (pid < 0) return answer({heritage_.seal, worker, -1, errno}, {});
        os::Descriptor watch = owner_watch_ ? os::watch_exit(pid) : std::move(pipe.first);
        const bool sent = answer({heritage_.seal, worker, pid, 0}, watch);
        made_[worker] = {pid, owner_watch_ ? std::move(watch) : os::Descriptor()};
        return sent;
    }

    bool answer(const Reply& reply, const os::Descriptor& watch) {
        return os::send_message(channel_.get(), &reply, sizeof reply, watch.get());
    }

    void kill_all() noexcept {
        for (const Made& worker : made_)
            if (worker.pid != 0) os::kill_watched(worker.watch, worker.pid);
    }

    const Heritage& heritage_;
    os::Descriptor channel_;
    os::Descriptor owner_watch_;
    std::vector<Made> made_;
};

} // namespace

Seal new_seal() noexcept {
    static std::atomic<Seal> count = 0;
    return item_seed(static_cast<Seal>(now_ns()) ^ static_cast<Seal>(os::current_pid()) << 40,
                     ++count);
}

void be_template(const Heritage& heritage, os::Descriptor channel) noexcept {
    set_in_child();
    leave_parents_interrupt();
    os::ignore_terminal_signals();
    os::die_with_parent(heritage.owner, heritage.forked_by_main_thread);
    Template(heritage, std::move(channel)).live();
    os::exit_child(0);
}

void be_worker(const Heritage& heritage, unsigned worker) noexcept {
    set_in_child();
    os::die_with_parent(heritage.owner, heritage.forked_by_main_thread);
    os::buffer_lines();
    const Surroundings around{[&] {
                                  // A bell that cannot ring would leave the owner asleep; a death
                                  // wakes it.
                                  if (!heritage.owners_bell->ring()) os::exit_child(1);
                              },
                              heritage.backend};
    heritage.board->places[worker].pid.store(os::current_pid());
    if (!start_worker(*heritage.board, worker, *heritage.initializer, around)) os::exit_child(1);
    serve(*heritage.board, worker, around);
    os::exit_child(0);
}

} // namespace mp::detail
