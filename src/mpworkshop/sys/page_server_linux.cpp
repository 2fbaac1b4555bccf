#include "mpworkshop/sys/page_server.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <random>
#include <string_view>

#include "mpworkshop/sys/signals.hpp"

namespace mpworkshop::sys {
namespace {

using Clock = std::chrono::steady_clock;

constexpr auto time_for_a_head = std::chrono::seconds(1);
constexpr std::size_t longest_head = 4096;
constexpr std::size_t most_strangers = 64; // connections that have not shown the token

std::string random_token() {
    std::random_device random;
    return fmt::format("{:08x}{:08x}{:08x}{:08x}", random(), random(), random(), random());
}

std::string answer(std::string_view status, std::string_view body) {
    return fmt::format("HTTP/1.1 {}\r\nContent-Type: text/plain\r\nContent-Length: {}\r\n"
                       "Connection: close\r\n\r\n{}",
                       status, body.size(), body);
}

} // namespace

/// The connections. Errors: std::bad_alloc.
class PageServer::Visitors {
public:
    Visitors(std::string token, Clock::duration delay)
        : sign_("\r\nAuthorization: Bearer " + std::move(token) + "\r\n"), delay_(delay) {}

    /// Adds what to poll for; returns when the next action is due.
    Clock::time_point watch(std::vector<pollfd>& sources) const {
        Clock::time_point due = Clock::time_point::max();
        for (const Visitor& each : all_) {
            // A connection that waits for its page sends no more; poll reports its end anyway.
            sources.push_back({each.socket.number(), short(each.page.empty() ? POLLIN : 0), 0});
            due = std::min(due, each.due);
        }
        return due;
    }

    /// `sources`: as many as watch() added.
    void look(const pollfd* sources) {
        const auto now = Clock::now();
        for (Visitor& each : all_)
            if (const short events = sources++->revents; each.page.empty()) {
                if (events != 0) read(each);
                if (now >= each.due && each.page.empty()) each.socket.close();
            } else if (events != 0) {
                each.socket.close();
            } else if (now >= each.due) {
                send(each, answer("200 OK", each.page));
            }
        std::erase_if(all_, [](const Visitor& each) { return each.socket.number() < 0; });
    }

    /// Adds one; closes the oldest without a token if there are too many.
    void add(Descriptor socket) {
        const auto stranger = [](const Visitor& each) { return each.page.empty(); };
        if (std::size_t(std::ranges::count_if(all_, stranger)) >= most_strangers) drop_stranger();
        all_.push_back({.socket = std::move(socket), .due = Clock::now() + time_for_a_head});
        read(all_.back()); // our client has sent it, or will soon
    }

    /// False if there is none.
    bool drop_stranger() {
        const auto oldest =
            std::ranges::find_if(all_, [](const Visitor& each) { return each.page.empty(); });
        if (oldest == all_.end()) return false;
        all_.erase(oldest);
        return true;
    }

private:
    struct Visitor {
        Descriptor socket;
        Clock::time_point due; ///< for the head, then for the page
        std::string head = {};
        std::string page = {}; ///< empty until the token was seen
    };

    void read(Visitor& from) {
        char buffer[longest_head];
        const ssize_t got = ::recv(from.socket.number(), buffer, sizeof buffer, MSG_DONTWAIT);
        if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
        if (got <= 0) return from.socket.close();
        from.head.append(buffer, std::size_t(got));
        const std::size_t end = from.head.find("\r\n\r\n");
        if (end == from.head.npos) {
            if (from.head.size() >= longest_head) from.socket.close();
            return;
        }
        const std::string_view head = std::string_view(from.head).substr(0, end + 2);
        const std::size_t path_end = head.find(' ', 4);
        if (head.find(sign_) == head.npos) return send(from, answer("403 Forbidden", ""));
        if (!head.starts_with("GET /") || path_end > head.find('\r'))
            return send(from, answer("405 Method Not Allowed", ""));
        from.page = fmt::format("This is page {}.\n", head.substr(4, path_end - 4));
        from.due = Clock::now() + delay_;
    }

    // It fits into the socket's buffer; otherwise the client does not read.
    static void send(Visitor& to, const std::string& text) {
        (void)::send(to.socket.number(), text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        to.socket.close();
    }

    std::string sign_;
    Clock::duration delay_;
    std::vector<Visitor> all_;
};

PageServer::PageServer(double delay_seconds) : delay_s_(delay_seconds), token_(random_token()) {
    listener_ =
        Descriptor(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_TCP));
    if (listener_.number() < 0) fail("cannot make a socket for the web server");
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const any = reinterpret_cast<sockaddr*>(&address);
    if (::bind(listener_.number(), any, size) != 0 ||
        ::listen(listener_.number(), SOMAXCONN) != 0 ||
        ::getsockname(listener_.number(), any, &size) != 0)
        fail("cannot open a port on 127.0.0.1 for the web server");
    port_ = ntohs(address.sin_port);
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) fail("cannot make a pipe for the web server");
    near_event_ = Descriptor(ends[0]);
    far_event_ = Descriptor(ends[1]);
    try {
        thread_ = std::thread([this] { serve(); });
    } catch (const std::system_error& error) {
        fail("cannot start a thread for the web server", error.code().value());
    }
}

PageServer::~PageServer() {
    far_event_.close();
    thread_.join();
}

void PageServer::serve() {
    leave_signals_to_main_thread(); // including SIGPIPE: a lost client is no reason to end
    constexpr auto breath = std::chrono::milliseconds(20);
    try {
        const auto delay =
            std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(delay_s_));
        Visitors visitors(token_, delay);
        bool room = true; // for one more connection
        while (caught_signal() == 0) {
            std::vector<pollfd> sources = {{near_event_.number(), POLLIN, 0},
                                           {signal_event(), POLLIN, 0},
                                           {room ? listener_.number() : -1, POLLIN, 0}};
            Clock::time_point due = visitors.watch(sources);
            if (!room) due = std::min(due, Clock::now() + breath);
            const auto left = std::chrono::ceil<std::chrono::milliseconds>(
                std::min<Clock::duration>(due - Clock::now(), std::chrono::minutes(1)));
            (void)::poll(sources.data(), sources.size(), int(std::max<long>(left.count(), 0)));
            if ((sources[0].revents | sources[1].revents) != 0) break;
            visitors.look(sources.data() + 3);
            room = true;
            for (Descriptor made; sources[2].revents != 0;) {
                made = Descriptor(
                    ::accept4(listener_.number(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
                if (made.number() >= 0) {
                    visitors.add(std::move(made));
                    continue;
                }
                if (errno == EAGAIN || errno == EINTR || errno == ECONNABORTED) break;
                room = visitors.drop_stranger(); // no descriptor is left: close one without a token
                break;
            }
        }
    } catch (const std::exception&) { // no memory: the clients see their connections end
    }
    listener_.close();
}

} // namespace mpworkshop::sys
