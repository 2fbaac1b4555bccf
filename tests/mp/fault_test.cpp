// Every kernel call of mp/os fails once: the first, the second, and so on, in whatever process
// makes it, until a run makes fewer calls than that. Each run either works or throws; it never
// hangs and leaves nothing behind.

#include <gtest/gtest.h>

#include <atomic>
#include <cerrno>
#include <functional>
#include <mp/mp.hpp>
#include <vector>

#include "mp/os/call.hpp"
#include "support/invariants.hpp"

namespace {

using mp::os::Call;

// Seen by every process that the run makes.
struct Plan {
    std::atomic<int> calls;
    std::atomic<int> failing;
    std::atomic<int> failed; // the Call that failed, plus 1
};
Plan* plan = nullptr;

int error_of(Call call) {
    switch (call) {
    case Call::clone:
    case Call::fork:
        return EAGAIN;
    case Call::close:
        return EIO;
    case Call::eventfd:
    case Call::pidfd_open:
    case Call::pipe:
    case Call::socketpair:
        return EMFILE;
    case Call::futex_wait:
    case Call::poll:
    case Call::read:
    case Call::waitid:
    case Call::write:
        return EINTR;
    case Call::kill:
    case Call::prctl:
        return EPERM;
    case Call::sched_getaffinity:
        return EFAULT;
    case Call::receive:
    case Call::send:
        return ENOBUFS;
    case Call::sigmask:
        return EINVAL;
    default:
        return ENOMEM;
    }
}

int fail_the_nth(Call call) {
    if (plan->calls.fetch_add(1) + 1 != plan->failing) return 0;
    plan->failed = static_cast<int>(call) + 1;
    return error_of(call);
}

class Fault : public support::Invariants {
protected:
    // How many runs it took, and which kinds of call have failed.
    void fail_each_call(const std::function<void()>& scenario) {
#if defined(__SANITIZE_THREAD__)
        GTEST_SKIP() << "hundreds of forks take minutes under Thread Sanitizer, which sees nothing "
                        "across processes";
#endif
        mp::SharedValue<Plan> shared;
        plan = &*shared;
        std::vector<int> failures(static_cast<std::size_t>(Call::count_));
        int silent = 0; // how many calls are made varies a little from run to run
        for (int n = 1; silent < 5; ++n) {
            plan->calls = 0;
            plan->failed = 0;
            plan->failing = n;
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
            plan->failed == 0 ? ++silent : ++failures[static_cast<std::size_t>(plan->failed - 1)];
        }
        for (Call call : {Call::fork, Call::clone, Call::eventfd, Call::socketpair, Call::waitid})
            if (expects_[static_cast<std::size_t>(call)]) {
                EXPECT_GT(failures[static_cast<std::size_t>(call)], 0) << static_cast<int>(call);
            }
    }
    void expect(Call call) { expects_[static_cast<std::size_t>(call)] = true; }

private:
    bool expects_[static_cast<std::size_t>(Call::count_)] = {};
};

TEST_F(Fault, a_pool_that_works_and_closes_survives_each_failing_call) {
    for (Call call : {Call::fork, Call::clone, Call::eventfd, Call::socketpair, Call::waitid})
        expect(call);
    fail_each_call([] {
        mp::Pool pool(2);
        EXPECT_EQ(pool.map([](int i) { return i + 1; }, {1, 2, 3}), (std::vector{2, 3, 4}));
        pool.close();
        pool.join();
    });
}

TEST_F(Fault, a_pool_that_loses_a_worker_survives_each_failing_call) {
    expect(Call::clone);
    fail_each_call([] {
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

TEST_F(Fault, a_process_survives_each_failing_call) {
    expect(Call::fork);
    fail_each_call([] {
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
