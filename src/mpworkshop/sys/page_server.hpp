#pragma once

#include <string>
#include <thread>

#include "mpworkshop/sys/descriptor.hpp"

namespace mpworkshop::sys {

/// Serves pages over HTTP/1.1 on 127.0.0.1 and a free port, each `delay_seconds` after its request,
/// any number at a time, with one thread. It answers only requests with the token, and reads only
/// the head of a request: other connections are closed within a second. After a caught signal it
/// closes every connection.
class PageServer {
public:
    /// Errors: std::system_error where there is no port, descriptor or thread.
    explicit PageServer(double delay_seconds);
    ~PageServer();
    PageServer(const PageServer&) = delete;
    PageServer& operator=(const PageServer&) = delete;

    int port() const { return port_; }
    /// What a request must contain: "Authorization: Bearer " and this token.
    const std::string& token() const { return token_; }

private:
    class Visitors;
    void serve();

    double delay_s_;
    std::string token_;
    Descriptor listener_, far_event_, near_event_; // closing the first one ends the server
    int port_ = 0;
    std::thread thread_;
};

} // namespace mpworkshop::sys
