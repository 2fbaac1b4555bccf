// The engine in unusual programs: they ignore SIGCHLD, give up rights, or fork inside a task.

#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <mp/mp.hpp>
#include <ranges>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "mp/os/syscall.hpp"
#include "support/invariants.hpp"
#include "support/subprocess.hpp"
#include "support/working_pool.hpp"

namespace {

using namespace std::chrono_literals;
using support::survives_a_worker_exit;
using support::works;

using UnusualProgram = support::Invariants;

// ---- Children of tasks.

TEST_F(UnusualProgram, a_child_that_returns_from_its_task_is_ended_and_the_pool_goes_on) {
    for (const std::string backend : {"serial", "threads", "processes"}) {
        SCOPED_TRACE(backend);
        const mp::SharedArray<std::atomic<int>> runs(100);
        const mp::SharedValue<std::atomic<int>> starts;
        support::Survivors survivors;
        testing::internal::CaptureStderr();
        {
            mp::Pool pool({.processes = 2, .backend = backend, .initializer = [n = starts.span()] {
                               ++n[0];
                               (void)!fork();
                           }});
            const auto forks = [all = runs.span()](int i) {
                ++all[static_cast<std::size_t>(i)];
                if (i % 10 == 3) (void)!fork();
                if (i % 10 == 7 && fork() == 0) throw std::runtime_error("in a child");
                return i;
            };
            const auto items = std::views::iota(0, 30);
            EXPECT_TRUE(std::ranges::equal(pool.map(forks, items), items));
            int sum = 0;
            for (int i : pool.imap(forks, std::views::iota(30, 60), {.chunksize = 7})) sum += i;
            EXPECT_EQ(sum, 30 * 89 / 2);
            for (int i = 60; i < 80; ++i) EXPECT_EQ(pool.apply(forks, i), i);
            for (int round = 0; round < 50; ++round) EXPECT_TRUE(works(pool));
            EXPECT_EQ(pool.map([](const std::string& s) { return (void)!fork(), s; },
                               std::vector<std::string>{"a", "b"}),
                      (std::vector<std::string>{"a", "b"}));
        }
        EXPECT_TRUE(survivors.wait_for_none());
        const std::string said = testing::internal::GetCapturedStderr();
        EXPECT_NE(said.find("a task called fork()"), std::string::npos) << said;
        for (std::size_t i = 0; i < 80; ++i) EXPECT_EQ(runs[i], 1) << i;
        EXPECT_EQ(*starts, backend == "serial" ? 1 : 2);
        while (waitpid(-1, nullptr, 0) > 0) { // children of other threads, and of this one
        }
    }
}

TEST_F(UnusualProgram, what_a_task_started_is_ended_whatever_its_name_is) {
    for (const char* name : {"a\nb", "x) S 1", ") R 1\n2 (", "(((", "\n) \n"}) {
        support::Survivors survivors;
        mp::SharedValue<std::atomic<bool>> started;
        mp::Pool pool(1);
        auto call = pool.apply_async([name, done = started.span()] {
            if (fork() == 0) {
                prctl(PR_SET_NAME, name);
                done[0] = true;
                for (;;) pause();
            }
            for (;;) pause();
        });
        while (!*started) std::this_thread::yield();
        EXPECT_TRUE(call.cancel()) << name;
        EXPECT_THROW(call.get(), mp::Cancelled);
        pool.terminate();
        EXPECT_TRUE(survivors.wait_for_none());
    }
}

// ---- Signals and rights.

int exit_code_of_seven() {
    mp::Process process([] { _exit(7); });
    process.start();
    process.join();
    if (process.is_alive()) return -1;
    return process.exitcode().value_or(1000);
}

TEST_F(UnusualProgram, that_ignores_the_end_of_children_never_takes_unknown_for_success) {
    EXPECT_EQ(support::outcome_of([] {
                  std::signal(SIGCHLD, SIG_IGN);
                  if (exit_code_of_seven() != 1000) return 1;
                  mp::Pool pool(2);
                  try {
                      pool.apply([] { std::raise(SIGSEGV); });
                      return 2;
                  } catch (const mp::WorkerDied& error) {
                      if (error.exitcode() != mp::unknown_exit) return 3;
                      if (std::strstr(error.what(), "unknown") == nullptr) return 4;
                  }
                  return works(pool) && survives_a_worker_exit(pool) ? 0 : 5;
              }),
              0);
}

void reap_every_child() {
    std::signal(SIGCHLD, [](int) {
        const int saved = errno;
        while (waitpid(-1, nullptr, WNOHANG) > 0) {
        }
        errno = saved;
    });
}

TEST_F(UnusualProgram, whose_handler_reaps_every_child_never_takes_unknown_for_success) {
    EXPECT_EQ(support::outcome_of([] {
                  reap_every_child();
                  for (int i = 0; i < 20; ++i) // either of the two may be faster
                      if (const int code = exit_code_of_seven(); code != 7 && code != 1000)
                          return 1;
                  mp::Pool pool(2);
                  for (int i = 0; i < 20; ++i) {
                      try {
                          pool.apply([] { _exit(7); });
                          return 2;
                      } catch (const mp::WorkerDied& error) {
                          if (error.exitcode() != mp::unknown_exit && error.exitcode() != 7)
                              return 3;
                      }
                  }
                  return works(pool) ? 0 : 4;
              }),
              0);
}

TEST_F(UnusualProgram, whose_handler_reaps_a_worker_before_it_is_watched_goes_on) {
    EXPECT_EQ(support::outcome_of([] {
                  reap_every_child();
                  mp::os::fault_hook = [](mp::os::Call call) {
                      if (call == mp::os::Call::pidfd_open) std::this_thread::sleep_for(50ms);
                      return 0;
                  };
                  mp::Pool pool(1);
                  std::vector<mp::AsyncResult<void>> ends;
                  for (int i = 0; i < 3; ++i) // each new worker ends at once
                      ends.push_back(pool.apply_async([] { _exit(7); }));
                  for (auto& end : ends) {
                      try {
                          end.get();
                          return 1;
                      } catch (const mp::WorkerDied&) {
                      }
                  }
                  return works(pool) ? 0 : 2;
              }),
              0);
}

int give_up_rights() {
    const auto stay = [] {
        if (fork() == 0) std::signal(SIGTERM, SIG_IGN);
        for (;;) pause();
    };
    support::Survivors survivors;
    {
        mp::Process killed([] { pause(); }), terminated([] { pause(); }), dropped([] { pause(); });
        for (auto* each : {&killed, &terminated, &dropped}) each->start();
        mp::Pool pool({.processes = 2, .task_timeout = 1s});
        mp::Pool endless(2);
        auto first = endless.apply_async(stay);
        auto called_off = endless.apply_async(stay);
        if (setuid(65534) != 0) return support::skipped;
        killed.kill();
        killed.join();
        if (killed.exitcode() != -SIGKILL) return 1;
        terminated.terminate();
        terminated.join();
        try {
            pool.apply(stay);
            return 2;
        } catch (const mp::TimeoutError&) {
        }
        if (pool.apply([] { return 3; }) != 3) return 3;
        (void)called_off.wait(20ms);
        (void)called_off.cancel();
        endless.terminate();
        pool.close();
        pool.join();
    }
    return survivors.wait_for_none() ? 0 : 4;
}

TEST_F(UnusualProgram, that_gives_up_its_rights_can_still_end_what_it_started) {
    if (geteuid() != 0) GTEST_SKIP() << "only root can give up the right to signal its children";
    const int outcome = support::outcome_of(give_up_rights);
    if (outcome == support::skipped) GTEST_SKIP() << "setuid is refused here";
    EXPECT_EQ(outcome, 0);
}

} // namespace
