// Other users of this machine can connect to the web server of threads-io.

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <string>
#include <vector>

#include "support/command.hpp"

using support::RunningProgram;

namespace {

/// A connection to a port of this machine.
class Stranger {
public:
    explicit Stranger(int port)
        : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_TCP)) {
        sockaddr_in address = {};
        address.sin_family = AF_INET;
        address.sin_port = htons(static_cast<std::uint16_t>(port));
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        EXPECT_EQ(::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    }
    ~Stranger() { ::close(socket_); }
    Stranger(const Stranger&) = delete;
    Stranger& operator=(const Stranger&) = delete;

    /// Returns false once the other end is closed.
    bool say(const std::string& text) const {
        return ::send(socket_, text.data(), text.size(), MSG_NOSIGNAL) == ssize_t(text.size());
    }

    /// Everything received until the other end closes the connection, or for 20 s.
    std::string answer() const {
        std::string all;
        pollfd source = {socket_, POLLIN, 0};
        char buffer[4096];
        while (::poll(&source, 1, 20'000) == 1) {
            const ssize_t got = ::recv(socket_, buffer, sizeof buffer, 0);
            if (got <= 0) return all;
            all.append(buffer, std::size_t(got));
        }
        return all + "it does not end";
    }

private:
    int socket_;
};

int port_of(RunningProgram& command) {
    command.wait_for("http://127.0.0.1:");
    command.wait_for("a slow server");
    const std::string& out = command.so_far().out;
    return std::stoi(out.substr(out.find("127.0.0.1:") + 10));
}

} // namespace

TEST(StrangerOfThreadsIo, gets_no_page) {
    RunningProgram command({"threads-io", "--io", "web", "--seconds", "3600", "--tasks", "2"});
    const int port = port_of(command);
    for (const char* path : {"/page/1", "/"}) {
        const Stranger stranger(port);
        stranger.say(std::string("GET ") + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
        EXPECT_TRUE(stranger.answer().starts_with("HTTP/1.1 403 ")) << path;
    }
    command.send(SIGTERM);
    command.finish();
}

TEST(StrangerOfThreadsIo, can_send_no_payload) {
    RunningProgram command({"threads-io", "--io", "web", "--seconds", "3600", "--tasks", "2"});
    const int port = port_of(command);
    const Stranger stranger(port), talker(port);
    stranger.say("POST /page/1 HTTP/1.1\r\nHost: localhost\r\nContent-Length: 700000000\r\n\r\n");
    const std::string megabyte(1 << 20, 'x');
    int sent = 0; // the kernel buffers some megabytes
    while (sent < 100 && stranger.say(megabyte)) ++sent;
    EXPECT_LT(sent, 100);
    talker.say("GET /page/1 HTTP/1.1\r\n"); // a head without an end
    for (sent = 0; sent < 100 && talker.say("X: " + megabyte + "\r\n"); ++sent) {
    }
    EXPECT_LT(sent, 100);
    command.send(SIGTERM);
    command.finish();
}

TEST(StrangerOfThreadsIo, who_says_nothing_is_shown_out) {
    RunningProgram command({"threads-io", "--io", "web", "--seconds", "3600", "--tasks", "2"});
    const Stranger silent(port_of(command));
    EXPECT_EQ(silent.answer(), "");
    command.send(SIGTERM);
    command.finish();
}

TEST(StrangerOfThreadsIo, cannot_keep_the_program_from_its_pages_nor_from_its_end) {
    using Clock = std::chrono::steady_clock;
    RunningProgram command({"threads-io", "--io", "web", "--seconds", "0.2", "--tasks", "4"});
    const int port = port_of(command);
    std::vector<std::unique_ptr<Stranger>> many;
    for (int i = 0; i < 200; ++i) {
        many.push_back(std::make_unique<Stranger>(port));
        many.back()->say("G");
    }
    const auto began = Clock::now();
    const auto result = command.finish();
    EXPECT_EQ(result.status, 0) << result.err;
    EXPECT_LT(Clock::now() - began, std::chrono::seconds(20));
}
