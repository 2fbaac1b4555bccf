#include <fcntl.h>
#include <poll.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
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
constexpr int check_ms = 1000; // the kernel does not see what another host does to a shared folder

/// What tells two saved files apart; empty where there is no file. The time is that of the last
/// change of the inode, as a file that is moved away and back keeps the time of its contents.
using Stamp = std::tuple<ino_t, off_t, time_t, long>;

Stamp stamp_of(const std::string& path) {
    struct stat about = {};
    if (::stat(path.c_str(), &about) != 0) return {};
    return {about.st_ino, about.st_size, about.st_ctim.tv_sec, about.st_ctim.tv_nsec};
}

} // namespace

class FileChanges::Watcher {
public:
    Watcher(const std::string& folder, const std::string& name, Notice notice)
        : path_(folder + "/" + name), seen_(stamp_of(path_)),
          events_(notice == Notice::by_kernel ? ::inotify_init1(IN_NONBLOCK | IN_CLOEXEC) : -1) {
        if (events_.number() >= 0 &&
            ::inotify_add_watch(events_.number(), folder.c_str(),
                                IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_MODIFY |
                                    IN_CREATE | IN_DELETE | IN_ATTRIB) < 0)
            events_.close();
    }

    Change wait() {
        do {
            if (!wait_until_it_differs() || !wait_until_quiet()) return Change::asked_to_end;
            seen_ = stamp_of(path_);
        } while (seen_ == Stamp());
        return Change::saved;
    }

private:
    /// Returns false when q was typed. What is missing is no save, but its return is one.
    bool wait_until_it_differs() {
        for (;;) {
            const Stamp now = stamp_of(path_);
            if (now == Stamp())
                seen_ = {};
            else if (now != seen_)
                return true;
            if (!look(events_.number() < 0 ? poll_ms : check_ms)) return false;
        }
    }

    /// Returns false when q was typed.
    bool wait_until_quiet() {
        const auto began = Clock::now();
        auto changed = began;
        Stamp last = stamp_of(path_);
        for (auto now = began; now < std::min(began + longest, changed + quiet);
             now = Clock::now()) {
            const auto rest = std::min(began + longest, changed + quiet) - now;
            if (!look(int(std::chrono::ceil<std::chrono::milliseconds>(rest).count())))
                return false;
            if (const Stamp found = stamp_of(path_); found != last) {
                last = found;
                changed = Clock::now();
            }
        }
        return true;
    }

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

    /// Waits for something to happen, for that time at most. Returns false when q was typed.
    bool look(int most_ms) {
        if (mp::interrupted()) throw mp::Interrupted();
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

FileChanges::FileChanges(std::string folder, std::string name, Notice notice)
    : watcher_(std::make_unique<Watcher>(folder, name, notice)) {}

FileChanges::~FileChanges() = default;

Change FileChanges::wait() { return watcher_->wait(); }

} // namespace mpworkshop::sys
