#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>

#include "mp/backends/template.hpp"
#include "mp/os/descriptor.hpp"

namespace mp::detail {

/// The template as the pool's owner knows it: see template.hpp.
/// Thread-safety: as the owner's lock allows.
class TemplateProcess {
public:
    /// Forks it; it makes all workers at once. Errors: std::system_error.
    void start(const Heritage& heritage);

    /// Readable when it has answered or ended; -1 once that is no news any more.
    int descriptor() const;
    /// Reads one answer; false: it has ended, and is not heard again.
    bool hear(Reply& reply, os::Descriptor& ended) noexcept;
    /// Asks for a worker at this place; false: it has ended, or shall.
    bool ask_for(std::uint32_t worker) noexcept;
    /// Asks it to leave; from then on it makes no worker.
    void send_away() noexcept;
    bool sent_away() const { return sent_away_; }
    /// Sends it away, hears what it still has to tell of workers that it made, and reaps it.
    void end(const std::function<void(const Reply&, os::Descriptor)>& settle) noexcept;

    /// For a child that has inherited it.
    void close_descriptor() noexcept { channel_.reset(); }

private:
    pid_t pid_ = 0;
    os::Descriptor channel_;
    bool sent_away_ = false;
};

} // namespace mp::detail
