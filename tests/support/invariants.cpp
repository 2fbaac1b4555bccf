#include "support/invariants.hpp"

#include <atomic>
#include <dirent.h>
#include <sys/wait.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <mp/mp.hpp>

#include "mp/os/syscall.hpp"

namespace support {

namespace {

std::atomic<int> mappings{0};
bool refuses_most_memory = false;

// MP_TESTS_REFUSE=pidfd_open: like old kernels and strict sandboxes. MP_TESTS_REFUSE=valgrind: the
// same, and address space. Valgrind would search all of the 4 TiB that the engine reserves for
// leaks, so the size is halved 12 times.
[[maybe_unused]] const bool refuses = [] {
    const char* wanted = std::getenv("MP_TESTS_REFUSE");
    if (wanted == nullptr) return false;
    refuses_most_memory = std::strcmp(wanted, "valgrind") == 0;
    mp::os::fault_hook = [](mp::os::Call call) {
        if (call == mp::os::Call::mmap && refuses_most_memory && ++mappings % 13 != 0)
            return ENOMEM;
        return call == mp::os::Call::pidfd_open ? ENOSYS : 0;
    };
    return true;
}();

} // namespace

std::set<int> open_descriptors() {
    std::set<int> found;
    DIR* folder = opendir("/proc/self/fd");
    const int own = dirfd(folder);
    while (const dirent* entry = readdir(folder))
        if (entry->d_name[0] != '.' && std::atoi(entry->d_name) != own)
            found.insert(std::atoi(entry->d_name));
    closedir(folder);
    return found;
}

bool uses_dev_shm() { return contents("/proc/self/maps").find("/dev/shm") != std::string::npos; }

bool has_children() {
    siginfo_t info{};
    return waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0;
}

Invariants::Invariants() {
    setenv("TMPDIR", temporary_.path().c_str(), 1);
    { mp::Pool warm_up(1); }
    descriptors_ = open_descriptors();
    uses_dev_shm_ = uses_dev_shm();
    had_children_ = has_children();
    pthread_sigmask(SIG_SETMASK, nullptr, &mask_);
    for (int number = 1; number < NSIG; ++number) sigaction(number, nullptr, &handlers_[number]);
}

Invariants::~Invariants() {
    EXPECT_EQ(has_children(), had_children_);
    EXPECT_EQ(open_descriptors(), descriptors_);
    EXPECT_TRUE(std::filesystem::is_empty(temporary_.path()));
    unsetenv("TMPDIR");
    EXPECT_EQ(uses_dev_shm(), uses_dev_shm_);
    sigset_t now;
    pthread_sigmask(SIG_SETMASK, nullptr, &now);
    for (int number = 1; number < NSIG; ++number) {
        EXPECT_EQ(sigismember(&now, number), sigismember(&mask_, number)) << "signal " << number;
        struct sigaction action {};
        sigaction(number, nullptr, &action);
        EXPECT_EQ(action.sa_handler, handlers_[number].sa_handler) << "signal " << number;
    }
    EXPECT_FALSE(mp::interrupted());
}

} // namespace support
