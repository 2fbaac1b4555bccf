#include "mpworkshop/sys/loopback_server.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <stdexcept>
#include <string_view>
#include <system_error>

#include "mpworkshop/sys/page_server.hpp"
#include "mpworkshop/sys/signals.hpp"

namespace mpworkshop::sys {

struct LoopbackServer::State {
    explicit State(double delay_seconds) : server(delay_seconds), delay_s(delay_seconds) {}

    PageServer server;
    std::string address = fmt::format("http://127.0.0.1:{}", server.port());
    double delay_s;
};

namespace {

/// A connection to our own server, which reads a request, and sends its answer, in one piece.
class Connection {
public:
    explicit Connection(int port)
        : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_TCP)) {
        if (socket_.number() < 0) fail("cannot make a socket for a web request");
        sockaddr_in address = {};
        address.sin_family = AF_INET;
        address.sin_port = htons(static_cast<in_port_t>(port));
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        while (::connect(socket_.number(), reinterpret_cast<const sockaddr*>(&address),
                         sizeof address) != 0)
            if (errno != EINTR) fail("cannot connect to the web server");
    }

    void send(std::string_view request) const {
        while (::send(socket_.number(), request.data(), request.size(), MSG_NOSIGNAL) < 0)
            if (errno != EINTR) fail("cannot send a web request");
    }

    /// Everything until the server closes, or sends nothing for `patience_seconds`.
    std::string receive(double patience_seconds) const {
        std::string answer;
        char buffer[4096];
        pollfd source = {socket_.number(), POLLIN, 0};
        const int patience_ms = static_cast<int>(std::min(patience_seconds * 1000, 2e9));
        for (;;) {
            const int ready = ::poll(&source, 1, patience_ms);
            if (ready == 0) fail("no answer from the web server", ETIMEDOUT);
            const ssize_t got =
                ready < 0 ? -1 : ::recv(socket_.number(), buffer, sizeof buffer, MSG_DONTWAIT);
            if (got == 0) return answer;
            if (got > 0)
                answer.append(buffer, static_cast<std::size_t>(got));
            else if (errno != EINTR && errno != EAGAIN)
                fail("the web server closed the connection early");
        }
    }

private:
    Descriptor socket_;
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
    std::string answer;
    try {
        const Connection connection(state_->server.port());
        connection.send(fmt::format("GET {} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nAuthorization: "
                                    "Bearer {}\r\nConnection: close\r\n\r\n",
                                    path, state_->server.port(), state_->server.token()));
        answer = connection.receive(state_->delay_s + 60);
    } catch (const std::system_error& error) {
        if (caught_signal() != 0) return "";
        throw std::runtime_error(fmt::format("{}{}: {}", address(), path, error.what()));
    }
    if (caught_signal() != 0) return "";
    const std::size_t head_end = answer.find("\r\n\r\n");
    const std::string_view status = std::string_view(answer).substr(0, answer.find('\r'));
    if (head_end == answer.npos || !status.starts_with("HTTP/1.1 200 "))
        throw std::runtime_error(
            fmt::format("{}{} answered {}", address(), path, status.empty() ? "nothing" : status));
    return answer.substr(head_end + 4);
}

} // namespace mpworkshop::sys
