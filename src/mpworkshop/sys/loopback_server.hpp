#pragma once

#include <memory>
#include <string>

namespace mpworkshop::sys {

/// A web server inside this program, on 127.0.0.1 and a free port, so no other machine can reach
/// it. It invents its pages and delays each of them, as distant servers do. It answers only
/// requests of get().
class LoopbackServer {
public:
    /// Answers after `delay_seconds`, any number of requests at a time. Errors: std::runtime_error
    /// if there is no port or no thread.
    explicit LoopbackServer(double delay_seconds);
    ~LoopbackServer();

    /// "http://127.0.0.1:PORT"
    const std::string& address() const;

    /// Gets a page over HTTP, in a new connection; empty after a caught signal. Blocks for the
    /// delay. Errors: std::runtime_error. Thread-safety: any number of threads.
    std::string get(const std::string& path) const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace mpworkshop::sys
