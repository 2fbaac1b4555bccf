#include <fcntl.h>
#include <poll.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <mp/mp.hpp>
#include <string_view>
#include <tuple>

#include "mpworkshop/sys/descriptor.hpp"
#include "mpworkshop/sys/file_changes.hpp"
#include "mpworkshop/sys/signals.hpp"

namespace mpworkshop::sys {
namespace {

using Clock = std::chrono::steady_clock;
constexpr auto quiet = std::chrono::milliseconds(50);
constexpr auto longest = std::chrono::milliseconds(200);
constexpr int poll_ms = 100;

/// What tells two saved files apart.
using Stamp = std::tuple<ino_t, off_t, time_t, long>;

Stamp stamp_of(const std::string& path) {
    struct stat about = {};
    if (::stat(path.c_str(), &about) != 0) return {};
    return {about.st_ino, about.st_size, about.st_mtim.tv_sec, about.st_mtim.tv_nsec};
}

} // namespace

class FileChanges::Watcher {
public:
    Watcher(const std::string& folder, const std::string& name)
        : path_(folder + "/" + name), seen_(stamp_of(path_)),
          events_(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {
        if (events_.number() >= 0 &&
            ::inotify_add_watch(events_.number(), folder.c_str(),
                                IN_CLOSE_WRITE | IN_MOVED_TO | IN_MODIFY | IN_CREATE) < 0)
            events_.close();
    }

    Change wait() {
        while (stamp_of(path_) == seen_)
            if (!look(-1)) return Change::asked_to_end;
        const auto until = Clock::now() + longest;
        for (Stamp last = {}; Clock::now() < until;) {
            last = stamp_of(path_);
            if (!look(int(quiet.count()))) return Change::asked_to_end;
            if (stamp_of(path_) == last) break;
        }
        seen_ = stamp_of(path_);
        return Change::saved;
    }

private:
    /// Gives keys at once, while it lives, if standard input is a terminal.
    class RawKeys {
    public:
        RawKeys() : is_on_(::tcgetattr(STDIN_FILENO, &before_) == 0) {
            if (!is_on_) return;
            termios raw = before_;
            raw.c_lflag &= ~tcflag_t(ICANON | ECHO); // Ctrl-C is a signal still
            ::tcsetattr(STDIN_FILENO, TCSANOW, &raw);
        }
        ~RawKeys() {
            if (is_on_) ::tcsetattr(STDIN_FILENO, TCSANOW, &before_);
        }
        RawKeys(const RawKeys&) = delete;
        RawKeys& operator=(const RawKeys&) = delete;

        bool is_on() const { return is_on_; }

    private:
        termios before_ = {};
        bool is_on_;
    };

    /// Waits for something to happen, for that time at most where it is not negative. Returns
    /// false when q was typed.
    bool look(int most_ms) {
        if (mp::interrupted()) throw mp::Interrupted();
        if (events_.number() < 0 && most_ms < 0) most_ms = poll_ms;
        std::array<pollfd, 3> files = {{{events_.number(), POLLIN, 0},
                                        {signal_event(), POLLIN, 0},
                                        {keys_.is_on() ? STDIN_FILENO : -1, POLLIN, 0}}};
        ::poll(files.data(), files.size(), most_ms);
        if (mp::interrupted()) throw mp::Interrupted();
        if (files[0].revents != 0) forget_events();
        return files[2].revents == 0 || !is_end_typed();
    }

    void forget_events() {
        std::array<char, 4096> buffer;
        while (::read(events_.number(), buffer.data(), buffer.size()) > 0) {
        }
    }

    static bool is_end_typed() {
        std::array<char, 64> keys;
        const ssize_t got = ::read(STDIN_FILENO, keys.data(), keys.size());
        if (got <= 0) return true; // the terminal is gone
        return std::string_view(keys.data(), std::size_t(got)).find_first_of("qQ") !=
               std::string_view::npos;
    }

    std::string path_;
    Stamp seen_;
    Descriptor events_;
    RawKeys keys_;
};

FileChanges::FileChanges(std::string folder, std::string name)
    : watcher_(std::make_unique<Watcher>(folder, name)) {}

FileChanges::~FileChanges() = default;

Change FileChanges::wait() { return watcher_->wait(); }

} // namespace mpworkshop::sys
