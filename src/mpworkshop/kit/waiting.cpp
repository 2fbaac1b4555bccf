#include "mpworkshop/kit/waiting.hpp"

#include <fmt/format.h>
#include <mp/mp.hpp>

#include <algorithm>
#include <chrono>
#include <memory>
#include <stdexcept>

#include "mpworkshop/sys/loopback_server.hpp"
#include "mpworkshop/sys/signals.hpp"
#include "mpworkshop/sys/temporary_file.hpp"
#include "mpworkshop/text/text.hpp"

namespace mpworkshop::kit {
namespace {

namespace sys = sys;

/// Writes blocks to a separate file, waits until the disk has each, and
/// reads it back.
void use_the_disk(std::uint64_t rounds) {
    sys::TemporaryFile file;
    std::string block(1 << 16, ' ');
    for (std::uint64_t round = 0; round < rounds && !mp::interrupted(); ++round) {
        std::string back(block.size(), '\0');
        block.replace(0, 16, fmt::format("{:16}", round));
        // A file of at most 1 MiB.
        const std::size_t offset = round % 16 * block.size();
        file.write_at(offset, block);
        file.sync();
        file.read_at(offset, back);
        if (back != block)
            throw std::runtime_error("the disk returned different data than was written");
    }
}

/// How many rounds take this long, measured now: every task then has the
/// same work.
std::uint64_t rounds_in(double seconds) {
    using Clock = std::chrono::steady_clock;
    const auto begin = Clock::now();
    const auto elapsed = [&] {
        return std::chrono::duration<double>(Clock::now() - begin).count();
    };
    std::uint64_t rounds = 0;
    for (std::uint64_t more = 4; rounds == 0 || (elapsed() < seconds / 20 && !mp::interrupted());
         more = rounds) {
        use_the_disk(more);
        rounds += more;
    }
    return std::max<std::uint64_t>(
        1, static_cast<std::uint64_t>(seconds / elapsed() * double(rounds)));
}

} // namespace

Waiting waiting_for(const std::string& io, double seconds) {
    if (io == "disk") {
        const std::uint64_t rounds = rounds_in(seconds);
        return {[rounds](int) { use_the_disk(rounds); },
                text::counted(rounds, "block") +
                    " of 64 KiB written, synced and read back by each task"};
    }
    if (io == "web") {
        const auto server = std::make_shared<sys::LoopbackServer>(seconds);
        return {[server](int i) { server->get(fmt::format("/page/{}", i)); },
                "one page for each task from " + server->address() +
                    ", a slow server inside this program"};
    }
    return {[seconds](int) { sys::sleep_for(seconds); }, "each task sleeps"};
}

} // namespace mpworkshop::kit
