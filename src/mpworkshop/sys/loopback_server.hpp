#pragma once

#include <memory>
#include <string>

namespace mpworkshop::sys {

/// A web server inside of this program, for as long as it lives: on 127.0.0.1 and a free port, so
/// no other machine sees it. It makes up its pages and takes its time over each, as servers far
/// away do. It answers requests of get() and no others.
class LoopbackServer {
public:
    /// Answers after `delay_seconds`, any number of requests at once.
    /// Errors: std::runtime_error where there is no port or no thread.
    explicit LoopbackServer(double delay_seconds);
    ~LoopbackServer();

    /// "http://127.0.0.1:PORT"
    const std::string& address() const;

    /// Gets a page over HTTP, in a connection of its own; empty after a caught signal.
    /// Blocks: for the delay. Errors: std::runtime_error. Thread-safety: any number of threads.
    std::string get(const std::string& path) const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace mpworkshop::sys
