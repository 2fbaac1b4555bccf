// What only worker processes can do: die, and be replaced.

#include <gtest/gtest.h>
#include <poll.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <mp/mp.hpp>
#include <ranges>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "mp/os/child.hpp"
#include "mp/os/syscall.hpp"
#include "support/invariants.hpp"
#include "support/subprocess.hpp"

namespace {

using Processes = support::Invariants;

std::vector<pid_t> pids(const mp::Pool& pool) {
    std::vector<pid_t> found;
    for (const auto& worker : pool.stats()) found.push_back(worker.pid);
    return found;
}

bool is_sum_right(mp::Pool& pool) {
    const auto squares = pool.map([](int i) { return i * i; }, std::views::iota(0, 1000), 10);
    for (int i = 0; i < 1000; ++i)
        if (squares[static_cast<std::size_t>(i)] != i * i) return false;
    return true;
}

TEST_F(Processes, tasks_run_in_other_processes) {
    mp::Pool pool(2);
    const auto found =
        pool.map([](int) { return mp::this_process::pid(); }, std::views::iota(0, 50), 1);
    for (pid_t pid : found) EXPECT_NE(pid, getpid());
    for (pid_t parent : pool.map([](int) { return mp::this_process::parent_pid(); }, {1, 2, 3}))
        EXPECT_EQ(parent, getpid());
}

TEST_F(Processes, a_worker_that_dies_fails_its_item_alone_and_is_replaced) {
    mp::Pool pool(2);
    mp::SharedArray<std::atomic<int>> runs(100);
    const auto before = pids(pool);
    try {
        pool.map(
            [out = runs.span()](std::size_t i) {
                out[i] += 1;
                if (i == 7) std::raise(SIGKILL);
            },
            std::views::iota(std::size_t{0}, std::size_t{100}), 1);
        FAIL() << "nothing was thrown";
    } catch (const mp::WorkerDied& error) {
        EXPECT_EQ(error.item(), 7U);
        EXPECT_EQ(error.exitcode(), -SIGKILL);
        EXPECT_TRUE(std::ranges::count(before, error.pid()) == 1);
        EXPECT_NE(std::string(error.what()).find("SIGKILL"), std::string::npos) << error.what();
    }
    for (const auto& count : runs) EXPECT_EQ(count, 1);
    EXPECT_TRUE(is_sum_right(pool));
}

TEST_F(Processes, the_error_names_the_item_within_the_chunk) {
    mp::Pool pool(2);
    try {
        pool.map([](int i) { i == 42 ? std::abort() : void(); }, std::views::iota(0, 95), 10);
        FAIL() << "nothing was thrown";
    } catch (const mp::WorkerDied& error) {
        EXPECT_EQ(error.item(), 42U);
        EXPECT_NE(std::string(error.what()).find("SIGABRT"), std::string::npos) << error.what();
    }
}

int use_up_stack(int depth) {
    volatile char frame[4096] = {};
    frame[0] = static_cast<char>(depth);
    return depth == 1 << 30 ? 0 : use_up_stack(depth + 1) + frame[0];
}

TEST_F(Processes, every_way_to_die_is_named) {
    mp::Pool pool(2);
    const auto end_of = [&](auto function) {
        try {
            pool.apply(function);
        } catch (const mp::WorkerDied& error) {
            return mp::describe_exit(error.exitcode());
        }
        return std::string("alive");
    };
    EXPECT_EQ(end_of([] { std::raise(SIGSEGV); }), "SIGSEGV");
    EXPECT_EQ(end_of([] { std::abort(); }), "SIGABRT");
    EXPECT_EQ(end_of([] { _exit(3); }), "exit code 3");
    EXPECT_EQ(end_of([] { std::exit(0); }), "exit code 0");
    EXPECT_EQ(end_of([] { std::terminate(); }), "SIGABRT");
    EXPECT_EQ(end_of([] { use_up_stack(0); }), "SIGSEGV");
    EXPECT_TRUE(is_sum_right(pool));
}

TEST_F(Processes, a_map_in_which_every_item_kills_its_worker_ends) {
    mp::Pool pool(3);
    try {
        pool.map([](int) { _exit(1); }, std::views::iota(0, 40), 1);
        FAIL() << "nothing was thrown";
    } catch (const mp::WorkerDied& error) {
        EXPECT_EQ(error.item(), 0U);
    }
    EXPECT_TRUE(is_sum_right(pool));
}

TEST_F(Processes, idle_workers_that_are_killed_cost_nothing_but_a_restart) {
    mp::Pool pool(3);
    for (int round = 0; round < 20; ++round) {
        for (pid_t pid : pids(pool)) kill(pid, SIGKILL);
        EXPECT_TRUE(is_sum_right(pool));
    }
}

TEST_F(Processes, all_other_results_survive_while_another_process_kills_workers) {
    mp::Pool pool(2);
    mp::SharedArray<std::atomic<int>> runs(5000);
    for (int round = 0; round < 10; ++round) {
        std::thread killer([victims = pids(pool)] {
            for (pid_t pid : victims) kill(pid, SIGKILL);
        });
        std::size_t lost = 0;
        try {
            pool.map([out = runs.span()](std::size_t i) { out[i] += 1; },
                     std::views::iota(std::size_t{0}, runs.size()), 1);
        } catch (const mp::WorkerDied&) {
            lost = 2;
        }
        killer.join();
        const auto missing = static_cast<std::size_t>(
            std::ranges::count_if(runs, [&](const auto& count) { return count != round + 1; }));
        EXPECT_LE(missing, lost);
        for (auto& count : runs) count = round + 1;
    }
}

int global = 1;

TEST_F(Processes, every_worker_starts_from_the_memory_of_the_moment_the_pool_was_made) {
    global = 1;
    mp::Pool pool(2);
    global = 2;
    for (int seen : pool.map([](int) { return global; }, std::views::iota(0, 10), 1))
        EXPECT_EQ(seen, 1);
    for (pid_t pid : pids(pool)) kill(pid, SIGKILL);
    for (int seen : pool.map([](int) { return global; }, std::views::iota(0, 10), 1))
        EXPECT_EQ(seen, 1);
    EXPECT_EQ(global, 2);
}

TEST_F(Processes, a_program_with_threads_can_make_pools_and_replace_workers) {
    std::atomic<bool> stop{false};
    std::thread busy([&] {
        while (!stop) std::vector<std::string>(100, std::string(100, 'x')).clear();
    });
    for (int round = 0; round < 10; ++round) {
        mp::Pool pool(2);
        EXPECT_TRUE(is_sum_right(pool));
        EXPECT_THROW(pool.apply([] { _exit(1); }), mp::WorkerDied);
        EXPECT_EQ(pool.map([](int i) { return std::string(1000, 'y') + std::to_string(i); }, {1, 2})
                      .size(),
                  2U);
    }
    stop = true;
    busy.join();
}

TEST_F(Processes, a_pool_outlives_the_thread_that_made_it) {
    std::unique_ptr<mp::Pool> pool;
    std::thread([&] { pool = std::make_unique<mp::Pool>(2); }).join();
    const auto before = pids(*pool);
    for (int round = 0; round < 100; ++round) EXPECT_TRUE(is_sum_right(*pool));
    EXPECT_EQ(pids(*pool), before);
}

TEST_F(Processes, pools_nest_three_deep) {
    mp::Pool outer(2);
    const auto sums = outer.map(
        [](int i) {
            mp::Pool middle(2);
            int sum = 0;
            for (int part : middle.map(
                     [i](int j) {
                         mp::Pool inner(1);
                         return inner.apply([](int a, int b) { return a * b; }, i, j);
                     },
                     {1, 2, 3}))
                sum += part;
            return sum;
        },
        {1, 2});
    EXPECT_EQ(sums, (std::vector{6, 12}));
}

TEST_F(Processes, an_initializer_that_kills_its_worker_breaks_the_pool_in_bounded_time) {
    mp::PoolOptions options;
    options.processes = 2;
    options.initializer = [] { std::raise(SIGSEGV); };
    try {
        mp::Pool never(options);
        FAIL() << "nothing was thrown";
    } catch (const mp::BrokenPool& error) {
        EXPECT_NE(std::string(error.what()).find("SIGSEGV"), std::string::npos) << error.what();
    }
}

TEST_F(Processes, without_its_template_a_pool_works_on_until_a_worker_is_lost) {
    std::set<pid_t> before = support::children_of(getpid());
    mp::Pool pool(2);
    std::set<pid_t> made = support::children_of(getpid());
    for (pid_t pid : before) made.erase(pid);
    for (pid_t pid : pids(pool)) made.erase(pid);
    ASSERT_EQ(made.size(), 1U);
    kill(*made.begin(), SIGKILL);
    support::wait_until_zombie(*made.begin());
    EXPECT_TRUE(is_sum_right(pool));
    try {
        pool.map([](int i) { return i == 3 ? _exit(1), i : i; }, std::views::iota(0, 10), 1);
        FAIL() << "nothing was thrown";
    } catch (const mp::BrokenPool& error) {
        EXPECT_NE(std::string(error.what()).find("template"), std::string::npos) << error.what();
    }
    EXPECT_THROW(pool.map([](int i) { return i; }, {1}), std::logic_error);
}

// Runs in a child: makes a pool whose workers are in the state left by `prepare`, and waits to be
// killed.
void expect_no_orphans(void (*prepare)(mp::Pool&)) {
    int ready[2], alive[2];
    ASSERT_EQ(pipe(ready), 0);
    ASSERT_EQ(pipe(alive), 0);
    const pid_t child = fork();
    if (child == 0) {
        // Every process started here inherits the write end of `alive`.
        close(ready[0]);
        close(alive[0]);
        mp::Pool pool(3);
        prepare(pool);
        (void)!write(ready[1], "x", 1);
        pause();
        _exit(0);
    }
    close(ready[1]);
    close(alive[1]);
    char byte = 0;
    ASSERT_EQ(read(ready[0], &byte, 1), 1);
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    pollfd end{alive[0], POLLIN, 0};
    EXPECT_EQ(poll(&end, 1, 10'000), 1) << "a worker outlived its parent";
    EXPECT_EQ(read(alive[0], &byte, 1), 0);
    close(ready[0]);
    close(alive[0]);
}

TEST_F(Processes, no_worker_outlives_a_parent_that_is_killed) {
    expect_no_orphans([](mp::Pool&) {});
}

TEST_F(Processes, not_even_a_stopped_worker_outlives_a_parent_that_is_killed) {
    expect_no_orphans([](mp::Pool& pool) {
        for (pid_t pid : pids(pool)) kill(pid, SIGSTOP);
    });
}

TEST_F(Processes, not_even_a_busy_worker_outlives_a_parent_that_is_killed) {
    expect_no_orphans([](mp::Pool& pool) {
        auto started = std::make_unique<mp::SharedValue<std::atomic<int>>>();
        std::thread([&pool, out = started->span()] {
            pool.map(
                [out](int) {
                    for (out[0] += 1;;) {
                    }
                },
                {1, 2, 3}, 1);
        }).detach();
        while (**started < 3) std::this_thread::yield();
        (void)started.release();
    });
}

TEST_F(Processes, workers_of_a_pool_made_by_a_thread_that_ended_die_with_the_process) {
    expect_no_orphans([](mp::Pool&) { std::thread([] { new mp::Pool(2); }).join(); });
}

// The fork server reports a worker that it has made, but its parent no longer exists.
TEST_F(Processes, no_worker_outlives_a_parent_that_is_killed_before_it_has_heard_of_it) {
    const mp::SharedValue<std::atomic<bool>> dead;
    const mp::SharedValue<std::atomic<pid_t>> worker;
    static std::atomic<bool>* parent_is_dead = nullptr;
    static pid_t parent = 0;
    parent_is_dead = dead.span().data();
    const pid_t child = fork();
    if (child == 0) {
        parent = getpid();
        mp::os::fault_hook = [](mp::os::Call call) {
            if (call == mp::os::Call::send && getpid() != parent)
                while (!*parent_is_dead) sched_yield();
            return 0;
        };
        // Not by the main thread: then the kernel would end the worker as well.
        std::thread([&] {
            const mp::Pool pool(
                {.processes = 1, .initializer = [out = worker.span()] { out[0] = getpid(); }});
        }).join();
        _exit(0);
    }
    while (*worker == 0) std::this_thread::yield();
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    *dead = true;
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (kill(*worker, 0) == 0 && std::chrono::steady_clock::now() < deadline)
        std::this_thread::yield();
    EXPECT_EQ(kill(*worker, SIGKILL), -1) << "it still runs";
}

TEST_F(Processes, without_pidfd_deaths_are_noticed_by_the_end_of_a_pipe) {
    mp::os::fault_hook = [](mp::os::Call call) {
        return call == mp::os::Call::pidfd_open ? ENOSYS : 0;
    };
    {
        mp::Pool pool(2);
        EXPECT_TRUE(is_sum_right(pool));
        EXPECT_THROW(pool.apply([] { _exit(1); }), mp::WorkerDied);
        for (pid_t pid : pids(pool)) kill(pid, SIGKILL);
        EXPECT_TRUE(is_sum_right(pool));
    }
    expect_no_orphans([](mp::Pool&) {});
    mp::os::fault_hook = nullptr;
}

TEST_F(Processes, where_the_kernel_refuses_to_clone_a_sibling_the_owner_forks_the_workers) {
    mp::os::fault_hook = [](mp::os::Call call) { return call == mp::os::Call::clone ? EINVAL : 0; };
    {
        mp::Pool pool(2);
        EXPECT_TRUE(is_sum_right(pool));
        EXPECT_THROW(pool.apply([] { _exit(1); }), mp::WorkerDied);
        EXPECT_TRUE(is_sum_right(pool));
    }
    expect_no_orphans([](mp::Pool&) {});
    mp::os::fault_hook = nullptr;
}

// The kernel's smallest buffers, which hold about five messages.
void shrink_channels() {
    for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
        const int fd = std::atoi(entry.path().filename().c_str());
        int type = 0, smallest = 1;
        socklen_t size = sizeof type;
        if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_SEQPACKET)
            setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &smallest, sizeof smallest);
    }
}

TEST_F(Processes, all_are_replaced_that_die_at_once_though_the_channel_holds_few_messages) {
    mp::os::fault_hook = [](mp::os::Call call) {
        if (call == mp::os::Call::fork) shrink_channels();
        return 0;
    };
    {
        mp::Pool pool(40);
        mp::os::fault_hook = nullptr;
        for (pid_t pid : pids(pool)) {
            kill(pid, SIGKILL);
            siginfo_t ended{};
            EXPECT_EQ(waitid(P_PID, static_cast<id_t>(pid), &ended, WEXITED | WNOWAIT), 0);
        }
        EXPECT_TRUE(is_sum_right(pool));
    }
    expect_no_orphans([](mp::Pool&) {});
}

// A child that computes all the time, on the one CPU that this process has then.
pid_t start_computing(int niceness) {
    const pid_t child = fork();
    if (child != 0) return child;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    (void)!nice(niceness);
    for (volatile bool on = true; on;) {
    }
    _exit(0);
}

char state_of(pid_t pid) {
    std::string text;
    std::getline(std::ifstream("/proc/" + std::to_string(pid) + "/stat"), text);
    return text.at(text.rfind(')') + 2);
}

// Else a process that is forking has a child that is not found.
TEST_F(Processes, that_wait_long_for_a_cpu_have_stopped_when_they_are_said_to_be) {
    cpu_set_t all, first;
    sched_getaffinity(0, sizeof all, &all);
    CPU_ZERO(&first);
    for (int cpu = 0; cpu < CPU_SETSIZE && CPU_COUNT(&first) == 0; ++cpu)
        if (CPU_ISSET(cpu, &all)) CPU_SET(cpu, &first);
    sched_setaffinity(0, sizeof first, &first);
    const pid_t parent = fork();
    if (parent == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        start_computing(19);
        for (;;) pause();
    }
    const pid_t others[] = {start_computing(0), start_computing(0)};
    sched_setaffinity(0, sizeof all, &all);
    while (!mp::os::has_children(parent)) std::this_thread::yield();
    for (int i = 0; i < 5; ++i) {
        const auto before = std::chrono::steady_clock::now();
        const auto found = mp::os::stop_descendants(parent, 0);
        const auto took = std::chrono::steady_clock::now() - before;
        ASSERT_EQ(found.size(), 1U);
        EXPECT_TRUE(state_of(found[0].pid) == 'T' || took >= std::chrono::seconds(2))
            << "more is not promised";
        kill(found[0].pid, i < 4 ? SIGCONT : SIGKILL);
        while (state_of(found[0].pid) == 'T') std::this_thread::yield();
    }
    kill(parent, SIGKILL);
    waitpid(parent, nullptr, 0);
    for (pid_t other : others) {
        kill(other, SIGKILL);
        waitpid(other, nullptr, 0);
    }
}

TEST_F(Processes, terminate_ends_a_map_that_another_thread_waits_for) {
    mp::Pool pool(2);
    mp::SharedValue<std::atomic<int>> started;
    std::thread waits([&] {
        EXPECT_THROW(pool.map(
                         [out = started.span()](int) {
                             for (out[0] += 1;;) {
                             }
                         },
                         {1, 2}, 1),
                     mp::BrokenPool);
    });
    while (*started < 2) std::this_thread::yield();
    pool.terminate();
    waits.join();
    pool.join();
}

TEST_F(Processes, an_interrupt_ends_workers_that_never_finish) {
    mp::Pool pool(2);
    mp::SharedValue<std::atomic<int>> started;
    std::thread interrupts([&] {
        while (*started < 2) std::this_thread::yield();
        mp::interrupt();
    });
    EXPECT_THROW(pool.map(
                     [out = started.span()](int) {
                         for (out[0] += 1;;) {
                         }
                     },
                     {1, 2}, 1),
                 mp::Interrupted);
    interrupts.join();
    mp::clear_interrupt();
    EXPECT_THROW(pool.map([](int i) { return i; }, {1}), std::logic_error);
}

TEST_F(Processes, workers_that_ignore_sigterm_are_ended_all_the_same) {
    mp::Pool pool(2);
    mp::SharedValue<std::atomic<int>> started;
    std::thread waits([&] {
        EXPECT_THROW(pool.map(
                         [out = started.span()](int) {
                             std::signal(SIGTERM, SIG_IGN);
                             for (out[0] += 1;;) {
                             }
                         },
                         {1, 2}, 1),
                     mp::BrokenPool);
    });
    while (*started < 2) std::this_thread::yield();
    pool.terminate();
    waits.join();
}

TEST_F(Processes, a_pool_drops_stopped_workers_and_a_stopped_template) {
    mp::Pool pool(2);
    for (pid_t pid : support::children_of(getpid())) kill(pid, SIGSTOP);
}

TEST_F(Processes, a_hundred_pools_leave_nothing_behind) {
    for (int i = 0; i < 100; ++i) {
        mp::Pool pool(2);
        EXPECT_EQ(pool.apply([](int a) { return a; }, i), i);
    }
}

TEST_F(Processes, two_pools_work_side_by_side) {
    mp::Pool one(2);
    mp::Pool two(2);
    for (int round = 0; round < 50; ++round) EXPECT_TRUE(is_sum_right(round % 2 != 0 ? one : two));
    one.terminate();
    EXPECT_TRUE(is_sum_right(two));
}

TEST_F(Processes, a_child_cannot_use_its_parents_pool) {
    mp::Pool pool(2);
    mp::Process child([&] { pool.map([](int i) { return i; }, {1}); });
    child.start();
    child.join();
    EXPECT_EQ(child.exitcode(), 1);
    mp::Process leaves([] { std::exit(0); });
    leaves.start();
    leaves.join();
    EXPECT_TRUE(is_sum_right(pool));
}

TEST_F(Processes, large_items_and_results_travel_whole) {
    mp::Pool pool(2);
    const std::string large(30'000'000, 'x');
    const auto back =
        pool.map([](const std::string& s) { return s + "y"; }, std::vector{large, large});
    ASSERT_EQ(back.size(), 2U);
    EXPECT_TRUE(back[0] == large + "y" && back[1] == back[0]);
}

TEST_F(Processes, more_workers_than_the_machine_allows_are_refused_before_any_is_started) {
    try {
        mp::Pool pool(100'000'000);
        FAIL() << "nothing was thrown";
    } catch (const std::system_error& error) {
        EXPECT_NE(std::string(error.what()).find("allows"), std::string::npos) << error.what();
    }
}

void expect_whole_lines() {
    const std::string out = support::output_of([] {
        std::printf("before\n"); // still in the buffer when the workers are made
        mp::Pool pool(4);
        pool.map([](int i) { std::printf("line %d %s end\n", i, std::string(200, '-').c_str()); },
                 std::views::iota(0, 2000), 1);
    });
    std::multiset<std::string> lines;
    for (auto line : std::views::split(out, '\n'))
        lines.insert(std::string(line.begin(), line.end()));
    EXPECT_EQ(lines.count("before"), 1U);
    for (int i = 0; i < 2000; ++i)
        EXPECT_EQ(lines.count("line " + std::to_string(i) + " " + std::string(200, '-') + " end"),
                  1U)
            << i;
}

TEST_F(Processes, lines_of_many_workers_are_whole_and_appear_once) { expect_whole_lines(); }

TEST_F(Processes, lines_of_workers_that_the_owner_forks_are_whole_too) {
    mp::os::fault_hook = [](mp::os::Call call) { return call == mp::os::Call::clone ? EINVAL : 0; };
    expect_whole_lines();
    mp::os::fault_hook = nullptr;
}

} // namespace
