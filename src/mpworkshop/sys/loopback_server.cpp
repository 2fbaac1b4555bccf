#include "mpworkshop/sys/loopback_server.hpp"

#include <stdexcept>

#ifdef MPWORKSHOP_HAS_HTTPLIB
#include <fmt/format.h>
#include <httplib.h>
#include <sys/socket.h>

#include <csignal>
#include <thread>

#include "mpworkshop/sys/signals.hpp"
#endif

namespace mpworkshop::sys {

#ifdef MPWORKSHOP_HAS_HTTPLIB

bool has_loopback_server() { return true; }

struct LoopbackServer::State {
    httplib::Server server;
    std::string address;
    int port = 0;
    double delay = 0;
    std::thread thread;
};

LoopbackServer::LoopbackServer(double delay_seconds, unsigned connections)
    : state_(std::make_unique<State>()) {
    State& state = *state_;
    std::signal(
        SIGPIPE,
        SIG_DFL); // httplib ignores it for the whole program; here `| head -1` shall stay silent
    state.delay = delay_seconds;
    state.server.new_task_queue = [connections] { return new httplib::ThreadPool(connections); };
    state.server.Get(
        "/.*", [delay_seconds](const httplib::Request& request, httplib::Response& response) {
            if (sleep_for(delay_seconds))
                response.set_content(fmt::format("This is page {}.\n", request.path), "text/plain");
            else
                response.status = 503;
        });
    int socket = -1;
    state.server.set_socket_options([&socket](socket_t made) { socket = made; });
    state.port = state.server.bind_to_any_port("127.0.0.1");
    if (state.port <= 0)
        throw std::runtime_error(
            "cannot open a port on 127.0.0.1 for the web server; try --io sleep");
    // httplib lets five clients queue; a sixth would try again only after a whole second.
    ::listen(socket, SOMAXCONN);
    state.address = fmt::format("http://127.0.0.1:{}", state.port);
    state.thread = std::thread([&state] {
        leave_signals_to_main_thread(); // SIGPIPE too: a client that has gone is no reason to end
        state.server.listen_after_bind();
    });
    while (!state.server.is_running()) std::this_thread::yield(); // stop() does nothing before that
}

LoopbackServer::~LoopbackServer() {
    state_->server.stop();
    state_->thread.join();
}

const std::string& LoopbackServer::address() const { return state_->address; }

std::string LoopbackServer::get(const std::string& path) const {
    httplib::Client client("127.0.0.1", state_->port);
    client.set_read_timeout(static_cast<time_t>(state_->delay) + 60);
    const httplib::Result page = client.Get(path.c_str());
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

LoopbackServer::LoopbackServer(double, unsigned) {
    throw std::runtime_error(
        "--io web needs cpp-httplib, which was not there when this program was built; "
        "try --io sleep");
}
LoopbackServer::~LoopbackServer() = default;
const std::string& LoopbackServer::address() const { return state_->address; }
std::string LoopbackServer::get(const std::string&) const { return ""; }

#endif

} // namespace mpworkshop::sys
