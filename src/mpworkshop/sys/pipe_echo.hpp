#pragma once

#include <array>
#include <thread>

namespace mpworkshop::sys {

/// A thread that sends back every byte, through two pipes.
/// Thread-safety: use one object from one thread at a time.
class PipeEcho {
public:
    /// Errors: std::system_error.
    PipeEcho();
    ~PipeEcho();
    PipeEcho(const PipeEcho&) = delete;
    PipeEcho& operator=(const PipeEcho&) = delete;

    /// Sends a byte and waits for it to come back, the given number of times. Blocks for that time.
    /// Errors: std::system_error.
    void round_trips(int number);

private:
    struct Pipe {
        Pipe();
        ~Pipe();
        Pipe(const Pipe&) = delete;
        Pipe& operator=(const Pipe&) = delete;

        std::array<int, 2> ends = {-1, -1}; // reading, writing
    };

    Pipe there_, back_;
    std::jthread thread_;
};

} // namespace mpworkshop::sys
