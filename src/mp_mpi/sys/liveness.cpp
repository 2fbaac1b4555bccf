#include "mp_mpi/sys/liveness.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <utility>

#include "mp_mpi/sys/termination.hpp"

namespace mp_mpi {

namespace {

constexpr int address_ms = 2000; // for one address to answer
constexpr int all_addresses_ms = 10'000;
constexpr int hello_ms = 2000; // for a connection to identify itself
constexpr int all_ms = 4000; // for the connections of all ranks, once each has connected on its own
constexpr std::size_t most_silent = 256;

// How long a rank that a signal ends waits for rank 0 to end first; and the same if it cannot see
// rank 0.
constexpr int rank_0_ms = 5000, unseen_rank_0_ms = 1000;

void set(int fd, int level, int option, int value) {
    (void)::setsockopt(fd, level, option, &value, sizeof value);
}

// A host that does not answer this many probes, a second apart, is lost. Rank 0 reports it first,
// then the launcher (told to probe 3 times), then the ranks on the lost host themselves.
constexpr int coordinator_probes = 2, other_probes = 4;

void give_up_soon(int fd, int probes) {
    set(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
    set(fd, IPPROTO_TCP, TCP_KEEPIDLE, 1);
    set(fd, IPPROTO_TCP, TCP_KEEPINTVL, 1);
    set(fd, IPPROTO_TCP, TCP_KEEPCNT, probes);
    set(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, 1000 * probes + 500);
}

bool has_ended(int fd) {
    pollfd ask{fd, POLLIN | POLLRDHUP, 0};
    if (::poll(&ask, 1, 0) <= 0) return false;
    if ((ask.revents & (POLLHUP | POLLERR | POLLRDHUP | POLLNVAL)) != 0) return true;
    char byte = 0;
    return ::recv(fd, &byte, 1, MSG_DONTWAIT) == 0; // no data is ever sent on it
}

bool wait_for(int fd, short what, int ms) {
    pollfd ask{fd, what, 0};
    int n = 0;
    while ((n = ::poll(&ask, 1, ms)) < 0 && errno == EINTR) {
    }
    return n > 0;
}

int process_link_fd = -1;
pid_t process_link_pid = 0;

void leave_if_ended(int) {
    const int before = errno;
    if (has_ended(process_link_fd)) exit_rank();
    errno = before;
}

// The end of a rank cuts short the time that mpirun gives the others between SIGTERM and SIGKILL:
// it sleeps for that time, and SIGCHLD wakes it. So rank 0, which still has something to write,
// ends first.
void say_goodbye(int signal) {
    const auto word = static_cast<std::uint8_t>(signal);
    if (::getpid() == process_link_pid) {                    // not in a child
        const int link = std::exchange(process_link_fd, -1); // so that its end has no other effect
        if (link >= 0) (void)::send(link, &word, sizeof word, MSG_DONTWAIT | MSG_NOSIGNAL);
        (void)wait_for(link, POLLIN | POLLRDHUP, link >= 0 ? rank_0_ms : unseen_rank_0_ms);
    }
    end_by_signal(signal); // its default handler has been restored
}

} // namespace

std::optional<RankEnd> LivenessMonitor::first_ended() {
    const bool any = ::poll(asked_.data(), asked_.size(), 0) > 0;
    std::optional<RankEnd> sent_away;
    for (std::size_t i = 0; i < links_.size(); ++i) {
        Link& link = links_[i];
        if (any && asked_[i].revents != 0) {
            std::uint8_t word = 0;
            ssize_t n = 0;
            while ((n = ::recv(link.end.get(), &word, sizeof word, MSG_DONTWAIT)) == sizeof word)
                link.goodbye = word;
            const int error = n < 0 ? errno : 0;
            const bool ended = error != EAGAIN && error != EINTR;
            if (ended && link.goodbye == 0)
                return RankEnd{.rank = link.rank,
                               .unreachable = error == ETIMEDOUT || error == EHOSTUNREACH ||
                                              error == ENETUNREACH};
        }
        if (link.goodbye != 0 && !sent_away)
            sent_away = {.rank = link.rank, .goodbye = link.goodbye};
    }
    return sent_away;
}

Listener::Listener(bool local_only, std::size_t ranks)
    : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)), ranks_(ranks) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(local_only ? INADDR_LOOPBACK : INADDR_ANY);
    socklen_t size = sizeof address;
    constexpr rlim_t for_others = 256;
    rlimit files{};
    if (::getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur < ranks + for_others) {
        files.rlim_cur = std::min<rlim_t>(files.rlim_max, ranks + for_others);
        (void)::setrlimit(RLIMIT_NOFILE, &files);
    }
    if (!socket_ || ::getrandom(rendezvous_.token.data(), rendezvous_.token.size(), 0) < 16 ||
        ::bind(socket_.get(), reinterpret_cast<sockaddr*>(&address), size) != 0 ||
        ::listen(socket_.get(), SOMAXCONN) != 0 ||
        ::getsockname(socket_.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0)
        return;
    rendezvous_.port = address.sin_port;
    rendezvous_.ipv4[rendezvous_.addresses++] = htonl(INADDR_LOOPBACK);
    ifaddrs* all = nullptr;
    if (local_only || ::getifaddrs(&all) != 0) return;
    for (const ifaddrs* each = all; each != nullptr; each = each->ifa_next) {
        if (each->ifa_addr == nullptr || each->ifa_addr->sa_family != AF_INET) continue;
        const auto ip = reinterpret_cast<const sockaddr_in*>(each->ifa_addr)->sin_addr.s_addr;
        if (ntohl(ip) >> 24 != 127 && rendezvous_.addresses < Rendezvous::most)
            rendezvous_.ipv4[rendezvous_.addresses++] = ip;
    }
    ::freeifaddrs(all);
}

// Waits for at most 10 ms, however many connect and send nothing.
void Listener::take() {
    if (!socket_) return;
    std::vector<pollfd> asked{{socket_.get(), POLLIN, 0}};
    for (const Silent& each : silent_) asked.push_back({each.end.get(), POLLIN | POLLRDHUP, 0});
    if (::poll(asked.data(), asked.size(), 10) <= 0) return drop_silent();
    for (std::size_t i = 0; i < silent_.size(); ++i)
        if (asked[i + 1].revents != 0) hear(silent_[i]);
    drop_silent();
    if (asked[0].revents != 0) accept();
}

void Listener::accept() {
    for (std::size_t i = 0; i < most_silent; ++i) {
        mp::os::Descriptor end(
            ::accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
        if (!end) return;
        silent_.push_back({.end = std::move(end), .since = Clock::now()});
        hear(silent_.back());
    }
}

// A connection that has sent its rank, or something else, is no longer silent: its end is moved or
// closed.
void Listener::hear(Silent& from) {
    auto* const bytes = reinterpret_cast<std::byte*>(&from.hello);
    while (from.come < sizeof(Hello)) {
        const ssize_t n =
            ::recv(from.end.get(), bytes + from.come, sizeof(Hello) - from.come, MSG_DONTWAIT);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0 && errno == EAGAIN) return;
        if (n <= 0) {
            from.end = mp::os::Descriptor();
            return;
        }
        from.come += static_cast<std::size_t>(n);
    }
    mp::os::Descriptor end = std::exchange(from.end, mp::os::Descriptor());
    const auto [token, rank] = from.hello;
    if (token != rendezvous_.token || rank <= 0 || std::cmp_greater_equal(rank, ranks_)) return;
    give_up_soon(end.get(), coordinator_probes);
    taken_.asked_.push_back({end.get(), POLLIN | POLLRDHUP, 0});
    taken_.links_.push_back({rank, std::move(end)});
}

// The oldest is closed first if there are more than can be kept.
void Listener::drop_silent() {
    const auto now = Clock::now();
    std::erase_if(silent_, [now](const Silent& each) {
        return !each.end || now - each.since > std::chrono::milliseconds(hello_ms);
    });
    if (silent_.size() > most_silent) silent_.erase(silent_.begin(), silent_.end() - most_silent);
}

LivenessMonitor Listener::finish(std::size_t expected) {
    const auto until = Clock::now() + std::chrono::milliseconds(all_ms);
    while (taken_.links_.size() < expected && Clock::now() < until) take();
    socket_ = mp::os::Descriptor();
    silent_.clear();
    return std::move(taken_);
}

LivenessLink LivenessLink::connect(const Rendezvous& rendezvous, int rank) {
    LivenessLink link;
    if (rendezvous.port == 0) return link;
    const auto until = Clock::now() + std::chrono::milliseconds(all_addresses_ms);
    // The loopback address comes first in the list, and on another host it does not lead to rank 0:
    // try it last there.
    for (std::uint32_t i = rendezvous.addresses; i-- > 0;) {
        mp::os::Descriptor end(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = rendezvous.port;
        address.sin_addr.s_addr = rendezvous.ipv4[i];
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now());
        if (!end || left.count() <= 0) return link;
        if (::connect(end.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 &&
            (errno != EINPROGRESS ||
             !wait_for(end.get(), POLLOUT,
                       static_cast<int>(std::min<std::int64_t>(left.count(), address_ms)))))
            continue;
        const Hello hello{rendezvous.token, rank};
        if (::send(end.get(), &hello, sizeof hello, MSG_NOSIGNAL) != sizeof hello) continue;
        give_up_soon(end.get(), other_probes);
        link.end_ = std::move(end);
        return link;
    }
    return link;
}

bool LivenessLink::ended() const { return end_ && has_ended(end_.get()); }

void LivenessLink::exit_with_coordinator() {
    struct sigaction action {};
    action.sa_handler = say_goodbye;
    action.sa_flags =
        static_cast<int>(SA_RESETHAND | SA_NODEFER); // a second signal ends it at once
    process_link_fd = end_.get();
    process_link_pid = ::getpid();
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) (void)::sigaction(signal, &action, nullptr);
    if (!end_) return;
    action.sa_handler = leave_if_ended;
    action.sa_flags = SA_RESTART;
    (void)::sigaction(SIGIO, &action, nullptr);
    (void)::fcntl(end_.get(), F_SETOWN, ::getpid());
    (void)::fcntl(end_.get(), F_SETFL, ::fcntl(end_.get(), F_GETFL) | O_ASYNC);
    if (ended()) exit_rank(); // it ended before the handler was set
}

void LivenessLink::release() {
    process_link_pid = 0;
    process_link_fd = -1;
    if (!end_) return;
    (void)::fcntl(end_.get(), F_SETFL, ::fcntl(end_.get(), F_GETFL) & ~O_ASYNC);
    (void)std::signal(SIGIO, SIG_IGN); // a signal may be pending
}

} // namespace mp_mpi
