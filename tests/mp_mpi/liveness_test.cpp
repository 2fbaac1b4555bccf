#include "mp_mpi/sys/liveness.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstring>
#include <fstream>
#include <functional>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "mp/os/descriptor.hpp"
#include "support/sanitizers.hpp"

namespace {

using namespace std::chrono_literals;
using mp::os::Descriptor;
using mp_mpi::Hello, mp_mpi::LivenessLink, mp_mpi::LivenessMonitor, mp_mpi::Listener;
using Clock = std::chrono::steady_clock;

// A connection to rank 0's port that has sent nothing.
Descriptor stranger(const Listener& listener) {
    Descriptor end(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = listener.rendezvous().port;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(end.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) return {};
    return end;
}

void say(const Descriptor& end, const void* data, std::size_t size) {
    ASSERT_EQ(::send(end.get(), data, size, MSG_NOSIGNAL), static_cast<ssize_t>(size));
}

bool closed(const Descriptor& end, int ms) {
    pollfd ask{end.get(), POLLIN, 0};
    char byte = 0;
    return ::poll(&ask, 1, ms) > 0 && ::recv(end.get(), &byte, 1, MSG_DONTWAIT) <= 0;
}

// Polls until it is true, for at most ten seconds; returns whether it is.
bool becomes(const std::function<bool()>& what) {
    for (const auto until = Clock::now() + 10s; Clock::now() < until; std::this_thread::yield())
        if (what()) return true;
    return false;
}

TEST(LivenessMonitor, strangers_that_say_nothing_do_not_delay_the_ranks) {
    Listener listener(true, 3);
    std::vector<Descriptor> strangers;
    for (int i = 0; i < 20; ++i) strangers.push_back(stranger(listener));
    const LivenessLink one = LivenessLink::connect(listener.rendezvous(), 1);
    const LivenessLink two = LivenessLink::connect(listener.rendezvous(), 2);
    const auto began = Clock::now();
    EXPECT_EQ(listener.finish(2).size(), 2U);
    EXPECT_LT(Clock::now() - began, 2s); // the time limit of one silent connection
}

TEST(LivenessMonitor, strangers_that_keep_coming_do_not_delay_the_ranks) {
    Listener listener(true, 3);
    std::atomic<bool> enough = false;
    std::atomic<int> come = 0;
    std::thread strangers([&] {
        for (std::vector<Descriptor> ends; !enough && come < 5'000; ++come) {
            ends.push_back(stranger(listener));
            if (ends.size() > 200) ends.clear();
        }
    });
    EXPECT_TRUE(becomes([&] { return come > 10; }));
    const auto began = Clock::now();
    listener.take();
    const LivenessLink one = LivenessLink::connect(listener.rendezvous(), 1);
    const LivenessLink two = LivenessLink::connect(listener.rendezvous(), 2);
    EXPECT_EQ(listener.finish(2).size(), 2U);
    EXPECT_LT(Clock::now() - began, 3s);
    enough = true;
    strangers.join();
}

TEST(LivenessMonitor, more_silent_ones_than_are_kept_are_closed) {
    Listener listener(true, 2);
    std::vector<Descriptor> strangers;
    for (int i = 0; i < 400; ++i) strangers.push_back(stranger(listener));
    EXPECT_TRUE(becomes([&] { return (listener.take(), closed(strangers.front(), 0)); }));
    EXPECT_FALSE(closed(strangers.back(), 0));
}

TEST(LivenessMonitor, a_rank_that_speaks_in_pieces_is_heard) {
    Listener listener(true, 2);
    const Hello hello{listener.rendezvous().token, 1};
    std::array<char, sizeof hello> bytes{};
    std::memcpy(bytes.data(), &hello, sizeof hello);
    const Descriptor rank = stranger(listener);
    say(rank, bytes.data(), 7);
    listener.take(); // some of it has arrived, but not all
    listener.take();
    say(rank, bytes.data() + 7, sizeof hello - 7);
    EXPECT_EQ(listener.finish(1).size(), 1U);
}

TEST(LivenessMonitor, one_that_does_not_know_the_token_is_closed) {
    Listener listener(true, 3);
    Hello wrong{listener.rendezvous().token, 1};
    wrong.token[3] ^= 1;
    const Hello too_many{listener.rendezvous().token, 3}, rank_0{listener.rendezvous().token, 0};
    for (const Hello& hello : {wrong, too_many, rank_0}) {
        const Descriptor other = stranger(listener);
        say(other, &hello, sizeof hello);
        EXPECT_TRUE(becomes([&] { return (listener.take(), closed(other, 0)); }));
    }
    const LivenessLink one = LivenessLink::connect(listener.rendezvous(), 1);
    EXPECT_EQ(listener.finish(1).size(), 1U);
}

// A rank in a separate process whose life is tied to rank 0.
class Rank {
public:
    explicit Rank(Listener& listener) {
        std::array<int, 2> ends{};
        if (::pipe2(ends.data(), O_CLOEXEC) != 0) return;
        const Descriptor bound(ends[0]);
        Descriptor tell(ends[1]);
        pid_ = ::fork();
        if (pid_ == 0) {
            LivenessLink line = LivenessLink::connect(listener.rendezvous(), 1);
            line.exit_with_coordinator();
            tell = Descriptor();
            for (;;) ::pause();
        }
        tell = Descriptor();
        pollfd ask{bound.get(), POLLIN, 0};
        ::poll(&ask, 1, 10'000); // its end is closed once it is tied
    }
    Rank(const Rank&) = delete;
    Rank& operator=(const Rank&) = delete;
    ~Rank() {
        if (pid_ <= 0 || ended_) return;
        ::kill(pid_, SIGKILL);
        (void)end();
    }

    void signal(int number) const { ::kill(pid_, number); }
    // S: sleeping; Z: ended.
    char state() const {
        std::ifstream in("/proc/" + std::to_string(pid_) + "/stat");
        std::string line;
        std::getline(in, line);
        const std::size_t name_end = line.rfind(')');
        return name_end == std::string::npos ? '?' : line.at(name_end + 2);
    }
    // Waits for the end; returns the signal that caused it.
    int end() {
        int status = 0;
        if (::waitpid(pid_, &status, 0) != pid_) return -1;
        ended_ = true;
        return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    }

private:
    pid_t pid_ = -1;
    bool ended_ = false;
};

int goodbye_of(LivenessMonitor& lines) {
    std::optional<mp_mpi::RankEnd> ended;
    becomes([&] { return (ended = lines.first_ended()).has_value(); });
    return ended ? ended->goodbye : -1;
}

TEST(LivenessMonitor, a_rank_that_a_signal_ends_waits_for_the_end_of_rank_0) {
    for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
        Listener listener(true, 2);
        Rank rank(listener);
        LivenessMonitor lines = listener.finish(1);
        ASSERT_EQ(lines.size(), 1U);
        EXPECT_FALSE(lines.first_ended());
        rank.signal(number);
        EXPECT_EQ(goodbye_of(lines), number);
        EXPECT_EQ(goodbye_of(lines), number); // the same when called again
        char state = 0;
        EXPECT_TRUE(becomes([&] { return (state = rank.state()) == 'S' || state == 'Z'; }));
        EXPECT_EQ(state, 'S');
        lines = LivenessMonitor(); // as if rank 0 had ended
        EXPECT_EQ(rank.end(), number);
    }
}

TEST(LivenessMonitor, a_second_signal_ends_it_at_once) {
    if (support::thread_sanitizer)
        GTEST_SKIP() << "the thread sanitizer keeps a signal until the handler has returned";
    Listener listener(true, 2);
    Rank rank(listener);
    LivenessMonitor lines = listener.finish(1);
    rank.signal(SIGTERM);
    EXPECT_EQ(goodbye_of(lines), SIGTERM);
    const auto began = Clock::now();
    rank.signal(SIGTERM);
    EXPECT_EQ(rank.end(), SIGTERM);
    EXPECT_LT(Clock::now() - began, 4s);
}

TEST(LivenessMonitor, a_rank_that_is_killed_has_said_no_farewell) {
    Listener listener(true, 2);
    Rank rank(listener);
    LivenessMonitor lines = listener.finish(1);
    rank.signal(SIGKILL);
    EXPECT_EQ(goodbye_of(lines), 0);
    EXPECT_EQ(rank.end(), SIGKILL);
}

} // namespace
