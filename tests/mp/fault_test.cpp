// Every system call of mp/os fails once: the first, the second, and so on, in whatever process
// makes it, with each of its errors, until five runs make fewer calls than that. Each run works or
// throws; it never hangs and leaves nothing behind.

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <functional>
#include <initializer_list>
#include <map>
#include <mp/mp.hpp>
#include <string>
#include <vector>

#include "mp/os/syscall.hpp"
#include "support/invariants.hpp"
#include "support/sanitizers.hpp"

namespace {

using mp::os::Call;

// Seen by every process of the run.
struct Plan {
    std::atomic<unsigned> kinds; // one bit for each Call that counts
    std::atomic<int> calls;
    std::atomic<int> failing;
    std::atomic<int> kind;   // index of the error
    std::atomic<int> failed; // the Call that failed, plus 1
};
Plan* plan = nullptr;

// Every error that the manual page lists for the way in which the call is used here.
std::vector<int> errors_of(Call call) {
    switch (call) {
    case Call::clone:
        return {EAGAIN, ENOMEM, EPERM, ENOSYS, EINVAL};
    case Call::fork:
        return {EAGAIN, ENOMEM};
    case Call::close:
        return {EIO, EINTR};
    case Call::eventfd:
    case Call::pipe:
    case Call::socketpair:
        return {EMFILE, ENFILE, ENOMEM};
    case Call::pidfd_open:
        return {EMFILE, ENFILE, ENOMEM, ENOSYS, EPERM};
    case Call::futex_wait:
        return {EINTR, EAGAIN, ETIMEDOUT};
    case Call::futex_wake:
        return {EINVAL};
    case Call::poll:
        return {EINTR, ENOMEM, EINVAL};
    case Call::fcntl:
        return {EMFILE, EINVAL};
    case Call::fstat:
        return {ENOMEM};
    case Call::read:
        return {EINTR, EAGAIN};
    // Not EAGAIN, which means that an event is already set, and not ECHILD, for a child that is
    // gone: these are answers, not failures.
    case Call::write:
    case Call::waitid:
        return {EINTR};
    case Call::kill:
        return {EPERM, ESRCH};
    case Call::prctl:
        return {EPERM, EINVAL};
    case Call::sched_getaffinity:
        return {EFAULT, ESRCH};
    case Call::receive:
        return {EINTR, ENOBUFS, ECONNRESET};
    case Call::send:
        return {EINTR, ENOBUFS, EPIPE, ENOMEM};
    case Call::sigmask:
        return {EINVAL};
    case Call::madvise:
        return {ENOMEM, EAGAIN, EINVAL};
    default:
        return {ENOMEM};
    }
}

constexpr unsigned bit(Call call) { return 1U << static_cast<int>(call); }

int fail_the_nth(Call call) {
    if ((plan->kinds & bit(call)) == 0) return 0;
    if (plan->calls.fetch_add(1) + 1 != plan->failing) return 0;
    const std::vector<int> errors = errors_of(call);
    if (plan->kind >= static_cast<int>(errors.size())) return 0;
    plan->failed = static_cast<int>(call) + 1;
    return errors[static_cast<std::size_t>(plan->kind)];
}

class Fault : public support::Invariants {
protected:
    // Counts these kinds of calls; `expected` are certain to be made.
    void fail_each_call(std::initializer_list<Call> expected, const std::function<void()>& scenario,
                        unsigned calls = ~0U) {
        if (support::thread_sanitizer)
            GTEST_SKIP() << "hundreds of forks take minutes under Thread Sanitizer, which sees "
                            "nothing across processes";
        mp::SharedValue<Plan> shared;
        plan = &*shared;
        // The order varies a little from run to run, so the sweep below may miss one.
        for (const Call call : expected) {
            plan->kinds = bit(call);
            fail_one(1, 0, scenario);
            EXPECT_NE(plan->failed, 0) << static_cast<int>(call);
        }
        plan->kinds = calls;
        constexpr int kinds = support::address_sanitizer ? 1 : 5;
        int silent = 0;         // the number of calls varies, too
        std::size_t errors = 1; // errors of the nth call in the previous run
        for (int run = 0; silent < 5; ++run) {
            const int n = run / kinds + 1;
            if (run % kinds != 0 && static_cast<std::size_t>(run % kinds) >= errors) continue;
            ASSERT_NO_FATAL_FAILURE(fail_one(n, run % kinds, scenario));
            if (plan->failed != 0)
                errors = errors_of(static_cast<Call>(plan->failed - 1)).size();
            else if (run % kinds == 0)
                errors = 1;
            silent = plan->calls >= n ? 0 : silent + 1;
        }
    }

private:
    static void fail_one(int n, int kind, const std::function<void()>& scenario) {
        plan->calls = 0;
        plan->failed = 0;
        plan->failing = n;
        plan->kind = kind;
        mp::os::fault_hook = fail_the_nth;
        std::string outcome = "worked";
        try {
            scenario();
        } catch (const std::exception& error) {
            outcome = error.what();
        }
        mp::os::fault_hook = nullptr;
        ASSERT_FALSE(support::has_children())
            << "call " << n << " (" << plan->failed << ") " << outcome;
    }
};

TEST_F(Fault, a_pool_that_works_and_closes_survives_each_failing_call) {
    fail_each_call({Call::fork, Call::clone, Call::eventfd, Call::socketpair, Call::waitid}, [] {
        mp::Pool pool(2);
        EXPECT_EQ(pool.map([](int i) { return i + 1; }, {1, 2, 3}), (std::vector{2, 3, 4}));
        pool.close();
        pool.join();
    });
}

TEST_F(Fault, a_pool_that_loses_a_worker_survives_each_failing_call) {
    fail_each_call({Call::clone}, [] {
        mp::Pool pool(2);
        try {
            pool.map([](int i) { return i == 1 ? _exit(1), i : i; }, {0, 1, 2}, 1);
        } catch (const mp::WorkerDied&) {
        }
        EXPECT_EQ(
            pool.map([](const std::string& s) { return s; }, std::vector<std::string>{"a"}).size(),
            1U);
    });
}

// In four parts, because there are many.
struct Part {
    Call expected;
    unsigned calls;
};
constexpr unsigned ends =
    bit(Call::kill) | bit(Call::waitid) | bit(Call::send) | bit(Call::receive);
constexpr unsigned waits = bit(Call::poll) | bit(Call::futex_wait) | bit(Call::futex_wake) |
                           bit(Call::read) | bit(Call::write);
const std::map<std::string, Part> parts = {
    {"close", {Call::close, bit(Call::close)}},
    {"end", {Call::kill, ends}},
    {"wait", {Call::poll, waits}},
    {"start", {Call::clone, ~(bit(Call::close) | ends | waits)}},
};

class FaultOf : public Fault, public testing::WithParamInterface<std::string> {};
INSTANTIATE_TEST_SUITE_P(Calls, FaultOf, testing::Values("close", "end", "wait", "start"),
                         [](const auto& test) { return test.param; });

TEST_P(FaultOf, a_pool_that_ends_and_replaces_workers_is_survived) {
    const Part& part = parts.at(GetParam());
    fail_each_call(
        {part.expected},
        [] {
            mp::Pool pool({.processes = 2,
                           .maxtasksperchild = 2,
                           .retries = 1,
                           .task_timeout = std::chrono::milliseconds(5)});
            auto late = pool.apply_async([] {
                for (;;) pause();
            });
            EXPECT_EQ(pool.map([](int i) { return i + 1; }, {1, 2, 3, 4, 5}, 1).size(), 5U);
            auto off = pool.apply_async([] {
                for (;;) pause();
            });
            try {
                late.get();
                ADD_FAILURE() << "nothing was thrown";
            } catch (const mp::TimeoutError&) {
            }
            (void)off.cancel();
            int sum = 0;
            for (int i : pool.imap([](int j) { return j; }, std::vector{1, 2, 3})) sum += i;
            EXPECT_EQ(sum, 6);
            pool.close();
            pool.join();
        },
        part.calls);
}

TEST_F(Fault, a_process_survives_each_failing_call) {
    fail_each_call({Call::fork}, [] {
        mp::Process process([] {});
        process.start();
        process.join();
    });
}

TEST_F(Fault, a_refused_fork_leaves_the_signal_mask_as_it_was_and_says_why) {
    mp::os::fault_hook = [](Call call) { return call == Call::fork ? EAGAIN : 0; };
    try {
        mp::Pool pool(2);
        ADD_FAILURE() << "nothing was thrown";
    } catch (const std::system_error& error) {
        EXPECT_EQ(error.code().value(), EAGAIN);
        EXPECT_NE(std::string(error.what()).find("cannot start a process"), std::string::npos)
            << error.what();
    }
    mp::os::fault_hook = nullptr;
}

TEST_F(Fault, memory_that_is_refused_is_an_error) {
    mp::Pool pool(2);
    mp::os::fault_hook = [](Call call) { return call == Call::madvise ? ENOMEM : 0; };
    EXPECT_THROW(mp::SharedArray<char>(std::size_t{1} << 30), std::system_error);
    mp::os::fault_hook = nullptr;
    EXPECT_EQ(pool.map([](int i) { return i; }, {1, 2}), (std::vector{1, 2}));
}

} // namespace
