#include "mp/backends/template_process.hpp"

#include <csignal>
#include <utility>

#include "mp/backends/worker_process.hpp"
#include "mp/os/child.hpp"
#include "mp/os/event.hpp"

namespace mp::detail {

void TemplateProcess::start(const Heritage& heritage) {
    os::Pair channel = os::make_channel();
    pid_ = os::fork_child();
    if (pid_ == 0) {
        channel.first.reset();
        be_template(heritage, std::move(channel.second));
    }
    channel_ = std::move(channel.first);
}

int TemplateProcess::descriptor() const { return sent_away_ ? -1 : channel_.get(); }

bool TemplateProcess::hear(Reply& reply, os::Descriptor& ended) noexcept {
    if (os::receive_message(channel_.get(), &reply, sizeof reply, &ended)) return true;
    channel_.reset();
    return false;
}

bool TemplateProcess::ask_for(std::uint32_t worker) noexcept {
    const Request request{worker};
    return channel_ && os::send_message(channel_.get(), &request, sizeof request, -1);
}

void TemplateProcess::send_away() noexcept {
    if (!sent_away_) sent_away_ = ask_for(Request::leave);
}

void TemplateProcess::end(
    const std::function<void(const Reply&, os::Descriptor)>& settle) noexcept {
    if (pid_ == 0) return;
    send_away();
    const auto deadline = os::Clock::now() + grace;
    while (sent_away_ && channel_) {
        os::Watched answer[] = {os::watch(channel_.get())};
        if (!os::wait_ready(answer, deadline)) {
            if (os::Clock::now() >= deadline) break;
            continue;
        }
        Reply reply{};
        os::Descriptor ended;
        if (hear(reply, ended) && reply.pid > 0) settle(reply, std::move(ended));
    }
    channel_.reset();
    if (!os::reap(pid_, false)) {
        // It has nothing to lose, and may be stopped.
        os::send_signal(pid_, SIGKILL);
        os::reap(pid_, true);
    }
    pid_ = 0;
}

} // namespace mp::detail
