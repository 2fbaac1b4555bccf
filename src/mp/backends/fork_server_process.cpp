#include "mp/backends/fork_server_process.hpp"

#include <csignal>
#include <utility>

#include "mp/backends/worker_process.hpp"
#include "mp/os/child.hpp"
#include "mp/os/event.hpp"

namespace mp::detail {

void ForkServerProcess::start(const ForkContext& context) {
    seal_ = context.seal;
    workers_ = context.shared->workers();
    os::Pair channel = os::make_channel();
    pid_ = os::fork_child();
    if (pid_ == 0) {
        channel.first.reset();
        run_fork_server(context, std::move(channel.second));
    }
    channel_ = std::move(channel.first);
}

int ForkServerProcess::descriptor() const { return stopped_ ? -1 : channel_.get(); }

os::Message ForkServerProcess::receive(Reply& reply, os::Descriptor& ended) noexcept {
    const os::Message heard = os::receive_message(channel_.get(), &reply, sizeof reply, &ended);
    if (heard == os::Message::end) channel_.reset();
    if (heard == os::Message::whole && (reply.seal != seal_ || reply.worker >= workers_))
        return os::Message::unknown;
    return heard;
}

bool ForkServerProcess::ask(Request::Wish wish, std::uint32_t worker, pid_t pid) noexcept {
    Request request{};
    request.seal = seal_;
    request.wish = wish;
    request.worker = worker;
    request.pid = pid;
    return channel_ && os::send_message(channel_.get(), &request, sizeof request, -1);
}

bool ForkServerProcess::request(std::uint32_t worker) noexcept {
    return ask(Request::Wish::make, worker, 0);
}

bool ForkServerProcess::ask_to_kill(pid_t worker) noexcept {
    return !stopped_ && ask(Request::Wish::kill, 0, worker);
}

void ForkServerProcess::stop() noexcept {
    if (!stopped_) stopped_ = ask(Request::Wish::leave, 0, 0);
}

void ForkServerProcess::send_away_killing() noexcept {
    if (!stopped_) stopped_ = ask(Request::Wish::kill_all, 0, 0);
}

void ForkServerProcess::join(
    const std::function<void(const Reply&, os::Descriptor)>& adopt) noexcept {
    if (pid_ == 0) return;
    stop();
    const auto deadline = os::Clock::now() + grace;
    while (stopped_ && channel_) {
        os::Watched answer[] = {os::watch(channel_.get())};
        const bool heard = os::wait_ready(answer, deadline);
        Reply reply{};
        os::Descriptor ended;
        const os::Message what = heard ? receive(reply, ended) : os::Message::none;
        if (what == os::Message::whole && reply.pid > 0) adopt(reply, std::move(ended));
        if (what != os::Message::whole && os::Clock::now() >= deadline) break;
    }
    channel_.reset();
    if (!os::reap(pid_, false)) {
        // It has no state to lose, and may be stopped.
        (void)os::send_signal(pid_, SIGKILL);
        os::reap(pid_, true);
    }
    pid_ = 0;
}

} // namespace mp::detail
