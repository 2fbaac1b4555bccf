#include "bench/floors.hpp"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <exception>
#include <linux/futex.h>
#include <new>
#include <optional>
#include <stdexcept>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <system_error>
#include <thread>
#include <unistd.h>
#include <vector>

#include "bench/workload.hpp"

namespace bench {
namespace {

[[noreturn]] void fail(const char* call) {
    throw std::system_error(errno, std::generic_category(), call);
}

/// One T in memory shared with a child.
template <class T> class Shared {
public:
    Shared() {
        void* memory =
            ::mmap(nullptr, sizeof(T), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        if (memory == MAP_FAILED) fail("mmap");
        value_ = ::new (memory) T;
    }
    ~Shared() { ::munmap(value_, sizeof(T)); }
    Shared(const Shared&) = delete;
    Shared& operator=(const Shared&) = delete;
    T* operator->() const { return value_; }
    T& operator*() const { return *value_; }

private:
    T* value_;
};

/// A forked process that runs `work` and ends; the destructor kills it if it still runs.
class Child {
public:
    template <class F> explicit Child(F work) : pid_(::fork()) {
        if (pid_ < 0) fail("fork");
        if (pid_ != 0) return;
        end_with_parent();
        int status = 0;
        try {
            work();
        } catch (const std::exception& error) {
            std::fprintf(stderr, "mpbench: %s\n", error.what());
            status = 1;
        }
        ::_exit(status);
    }
    ~Child() {
        if (pid_ <= 0) return;
        ::kill(pid_, SIGKILL);
        (void)wait();
    }
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;

    bool wait() {
        int status = 0;
        while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
        }
        pid_ = -1;
        return WIFEXITED(status) && WEXITSTATUS(status) == 0;
    }

private:
    pid_t pid_;
};

// Each word has a separate pair of cache lines: CPUs fetch them in pairs.
struct Words {
    alignas(128) std::atomic<int> there{0};
    alignas(128) std::atomic<int> back{0};
};

constexpr int last = -1;

int wait_for_change(Pair pair, std::atomic<int>& word, int old) {
    int now = old;
    while ((now = word.load(std::memory_order_acquire)) == old)
        if (pair == Pair::futex) ::syscall(SYS_futex, &word, FUTEX_WAIT, old, nullptr, nullptr, 0);
    return now;
}

void say(Pair pair, std::atomic<int>& word, int value) {
    word.store(value, std::memory_order_release);
    if (pair == Pair::futex) ::syscall(SYS_futex, &word, FUTEX_WAKE, 1, nullptr, nullptr, 0);
}

void answer(Pair pair, Words& words) {
    for (int seen = 0; (seen = wait_for_change(pair, words.there, seen)) != last;)
        say(pair, words.back, seen);
}

/// The side that asks, with its partner.
class Asker {
public:
    explicit Asker(Pair pair) : pair_(pair) {
        if (pair == Pair::threads)
            thread_.emplace([this] { answer(pair_, *words_); });
        else
            child_.emplace([this] { answer(pair_, *words_); });
    }
    ~Asker() {
        say(pair_, words_->there, last);
        if (thread_) thread_->join();
        if (child_) (void)child_->wait();
    }
    Asker(const Asker&) = delete;
    Asker& operator=(const Asker&) = delete;

    void ask() {
        ++asked_;
        say(pair_, words_->there, asked_);
        check(wait_for_change(pair_, words_->back, asked_ - 1) == asked_, "the answer is wrong");
    }

private:
    Pair pair_;
    Shared<Words> words_;
    int asked_ = 0;
    std::optional<std::thread> thread_;
    std::optional<Child> child_;
};

} // namespace

double trip(Pair pair) {
    Asker asker(pair);
    return typical_trip([&](int) { asker.ask(); });
}

double trip_after_sleep(Pair pair, int trips) {
    Asker asker(pair);
    asker.ask();
    std::vector<double> times;
    for (int i = 0; i < trips; ++i) {
        let_all_sleep();
        times.push_back(seconds([&] { asker.ask(); }));
    }
    return median(times);
}

void fork_and_wait(unsigned count) {
    unsigned started = 0;
    for (; started < count; ++started) {
        const pid_t pid = ::fork();
        if (pid == 0) ::_exit(0);
        if (pid < 0) break;
    }
    for (unsigned i = 0; i < started; ++i)
        while (::waitpid(-1, nullptr, 0) < 0 && errno == EINTR) {
        }
    check(started == count, "fork failed");
}

double in_child(const std::function<double()>& figure) {
    const Shared<double> result;
    Child child([&] { *result = figure(); });
    check(child.wait(), "it failed in its child");
    return *result;
}

void end_with_parent() { ::prctl(PR_SET_PDEATHSIG, SIGKILL); }

void let_all_sleep() { std::this_thread::sleep_for(std::chrono::milliseconds(2)); }

double median(std::vector<double> values) {
    check(!values.empty(), "there is no median of nothing");
    std::sort(values.begin(), values.end());
    return (values[(values.size() - 1) / 2] + values[values.size() / 2]) / 2;
}

std::uint32_t steps_from(std::uint32_t state, std::uint64_t steps) {
    for (; steps != 0; --steps) state = state * 1'664'525 + 1'013'904'223;
    return state;
}

std::uint64_t steps_that_take(double time) {
    constexpr std::uint64_t sample = 100'000;
    double best = 1;
    volatile std::uint32_t state = 1;
    for (int i = 0; i < 50; ++i)
        best = std::min(best, seconds([&] { state = steps_from(state, sample); }));
    return std::max<std::uint64_t>(1, std::uint64_t(time / best * sample));
}

} // namespace bench
