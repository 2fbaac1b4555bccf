#pragma once

#include <string>
#include <thread>

#include "mpworkshop/sys/descriptor.hpp"

namespace mpworkshop::sys {

/// Serves pages over HTTP/1.1 on 127.0.0.1 and a free port, each `delay_seconds` after it was asked
/// for, any number of them at once, by one thread. It answers nobody but who sends the token, and
/// reads no more than the head of a request: everything else is cut off within a second.
/// After a caught signal every connection is closed.
class PageServer {
public:
    /// Errors: std::system_error where there is no port, descriptor or thread.
    explicit PageServer(double delay_seconds);
    ~PageServer();
    PageServer(const PageServer&) = delete;
    PageServer& operator=(const PageServer&) = delete;

    int port() const { return port_; }
    /// What a request must carry: "Authorization: Bearer " and this.
    const std::string& token() const { return token_; }

private:
    class Visitors;
    void serve();

    double delay_s_;
    std::string token_;
    Descriptor listener_, far_event_, near_event_; // the first end closed: the server must end
    int port_ = 0;
    std::thread thread_;
};

} // namespace mpworkshop::sys
