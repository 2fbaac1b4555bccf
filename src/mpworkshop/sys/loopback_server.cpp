#include "mpworkshop/sys/loopback_server.hpp"

#include <stdexcept>

#ifdef MPWORKSHOP_HAS_HTTPLIB
#include <fmt/format.h>
#include <httplib.h>

#include <csignal>
#include <ctime>
#include <system_error>

#include "mpworkshop/sys/page_server.hpp"
#include "mpworkshop/sys/signals.hpp"
#endif

namespace mpworkshop::sys {

#ifdef MPWORKSHOP_HAS_HTTPLIB

bool has_loopback_server() { return true; }

struct LoopbackServer::State {
    explicit State(double delay_seconds) : server(delay_seconds), delay_s(delay_seconds) {}

    PageServer server;
    std::string address = fmt::format("http://127.0.0.1:{}", server.port());
    double delay_s;
};

namespace {

/// While it lives, a server that has gone does not end the program by SIGPIPE.
class PipeSignalHeld {
public:
    PipeSignalHeld() {
        sigemptyset(&pipe_);
        sigaddset(&pipe_, SIGPIPE);
        ::pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
    }
    ~PipeSignalHeld() {
        const timespec at_once = {0, 0};
        if (sigismember(&before_, SIGPIPE) == 0) ::sigtimedwait(&pipe_, nullptr, &at_once);
        ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
    }
    PipeSignalHeld(const PipeSignalHeld&) = delete;
    PipeSignalHeld& operator=(const PipeSignalHeld&) = delete;

private:
    sigset_t pipe_ = {}, before_ = {};
};

} // namespace

LoopbackServer::LoopbackServer(double delay_seconds) {
    try {
        state_ = std::make_unique<State>(delay_seconds);
    } catch (const std::system_error& error) {
        throw std::runtime_error(std::string(error.what()) + "; try --io sleep");
    }
}
LoopbackServer::~LoopbackServer() = default;

const std::string& LoopbackServer::address() const { return state_->address; }

std::string LoopbackServer::get(const std::string& path) const {
    const PipeSignalHeld held;
    httplib::Client client("127.0.0.1", state_->server.port());
    client.set_read_timeout(static_cast<time_t>(state_->delay_s) + 60);
    const httplib::Result page =
        client.Get(path.c_str(), {{"Authorization", "Bearer " + state_->server.token()}});
    if (caught_signal() != 0) return "";
    if (!page)
        throw std::runtime_error("no answer from " + address() + path + ": " +
                                 httplib::to_string(page.error()));
    if (page->status != 200)
        throw std::runtime_error(fmt::format("{}{} answered {}", address(), path, page->status));
    return page->body;
}

#else

bool has_loopback_server() { return false; }

struct LoopbackServer::State {
    std::string address;
};

LoopbackServer::LoopbackServer(double) {
    throw std::runtime_error(
        "--io web needs cpp-httplib, which was not there when this program was built; "
        "try --io sleep");
}
LoopbackServer::~LoopbackServer() = default;
const std::string& LoopbackServer::address() const { return state_->address; }
std::string LoopbackServer::get(const std::string&) const { return ""; }

#endif

} // namespace mpworkshop::sys
