// The engine's descriptors in programs that close them, reuse their numbers, write to them, or may
// open no more.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <filesystem>
#include <mp/mp.hpp>
#include <ranges>
#include <set>
#include <string>
#include <vector>

#include "mp/os/closer.hpp"
#include "mp/os/descriptor.hpp"
#include "mp/os/event.hpp"
#include "mp/os/syscall.hpp"
#include "support/invariants.hpp"
#include "support/subprocess.hpp"
#include "support/working_pool.hpp"

namespace {

using namespace std::chrono_literals;
using mp::os::Call;
using mp::os::Message;
using support::survives_a_worker_exit;
using support::works;

using Descriptors = support::Invariants;

// ---- Descriptors.

bool standard_streams_are_closed() {
    return std::ranges::all_of(std::array{0, 1, 2},
                               [](int fd) { return fcntl(fd, F_GETFD) == -1; });
}

int close_standard_streams() {
    for (int fd : {0, 1, 2}) close(fd);
    mp::Pool pool(2);
    mp::SharedValue<bool> in_process;
    mp::Process process([&] { *in_process = standard_streams_are_closed(); });
    process.start();
    process.join();
    const auto in_workers = [&] {
        const auto all = pool.map([](int) { return standard_streams_are_closed(); }, {1, 2, 3, 4});
        return std::ranges::count(all, false) == 0;
    };
    if (!standard_streams_are_closed() || !in_workers() || !*in_process) return 1;
    return survives_a_worker_exit(pool) && standard_streams_are_closed() && in_workers() ? 0 : 2;
}

TEST_F(Descriptors, without_standard_streams_keeps_their_numbers_free) {
    EXPECT_EQ(support::outcome_of(close_standard_streams), 0);
    mp::os::fault_hook = [](Call call) { return call == Call::pidfd_open ? ENOSYS : 0; };
    EXPECT_EQ(support::outcome_of(close_standard_streams), 0);
    mp::os::fault_hook = nullptr;
}

TEST_F(Descriptors, without_a_number_for_a_descriptor_gets_an_error) {
    mp::os::fault_hook = [](Call call) { return call == Call::fcntl ? EMFILE : 0; };
    EXPECT_EQ(support::outcome_of([] {
                  for (int fd : {0, 1, 2}) close(fd);
                  try {
                      mp::Pool pool(2);
                  } catch (const std::system_error& error) {
                      return error.code().value() == EMFILE ? 0 : 2;
                  }
                  return 1;
              }),
              0);
    mp::os::fault_hook = nullptr;
}

// All that a program may write by mistake, with and without a descriptor.
void send_garbage(int channel) {
    const int null = open("/dev/null", O_RDONLY);
    for (const std::size_t size : {0U, 1U, 4U, 8U, 16U, 20U, 24U, 32U, 1000U})
        for (const char fill : {'\0', '\1', '\xff', 'x'}) {
            const std::string text(size, fill);
            (void)!send(channel, text.data(), size, 0);
            (void)mp::os::send_message(channel, text.data(), size, null);
        }
    close(null);
}

std::set<int> sockets_of(pid_t pid) {
    std::set<int> found;
    std::error_code none;
    for (const auto& entry :
         std::filesystem::directory_iterator("/proc/" + std::to_string(pid) + "/fd", none))
        if (std::filesystem::read_symlink(entry, none).string().starts_with("socket:"))
            found.insert(std::stoi(entry.path().filename()));
    return found;
}

// The fork server of `pool`, the only pool there is, whose workers have not changed since it was
// made: the child that is none of them. Returns 0 if there is no such child, or there are several.
pid_t fork_server_of(mp::Pool& pool) {
    std::set<pid_t> others = support::children_of(getpid());
    for (const auto& worker : pool.stats()) others.erase(worker.pid);
    return others.size() == 1 ? *others.begin() : 0;
}

int write_garbage() {
    const std::set<int> before = sockets_of(getpid());
    mp::Pool pool(2);
    std::set<int> channels = sockets_of(getpid());
    for (int fd : before) channels.erase(fd);
    if (channels.size() != 1) return 1;
    const pid_t server = fork_server_of(pool);
    if (server == 0) return 3;
    const std::size_t descriptors = support::open_descriptors().size();
    send_garbage(*channels.begin());
    if (!survives_a_worker_exit(pool)) return 2;
    // The other end, in the fork server process.
    const int process = static_cast<int>(syscall(SYS_pidfd_open, server, 0));
    int garbled = 0;
    for (const int fd : sockets_of(server)) {
        if (before.contains(fd)) continue;
        const int copy = static_cast<int>(syscall(SYS_pidfd_getfd, process, fd, 0));
        if (copy < 0) continue;
        send_garbage(copy);
        close(copy);
        ++garbled;
    }
    for (int i = 0; i < 3; ++i)
        if (!survives_a_worker_exit(pool)) return 4;
    // Descriptors sent with the garbage are closed; the new worker's may not have arrived yet.
    if (support::open_descriptors().size() > descriptors + 2) return 5;
    return garbled != 0 ? 0 : support::skipped;
}

TEST_F(Descriptors, that_writes_to_the_channel_of_a_pool_changes_nothing) {
    const int outcome = support::outcome_of(write_garbage);
    if (outcome == support::skipped)
        GTEST_SKIP() << "pidfd_getfd, which reaches the other end, is refused";
    EXPECT_EQ(outcome, 0);
}

TEST_F(Descriptors, that_are_closed_together_leave_those_between_them_open) {
    std::vector<mp::os::Descriptor> all;
    for (int i = 0; i < 9; ++i) all.emplace_back(open("/dev/null", O_RDONLY | O_CLOEXEC));
    std::vector<int> numbers;
    for (const auto& each : all) numbers.push_back(each.get());
    {
        mp::os::Closer closer;
        for (const std::size_t i : {1U, 2U, 3U, 6U, 8U, 7U}) closer.close(std::move(all[i]));
        closer.close({});
    }
    for (const std::size_t i : {1U, 2U, 3U, 6U, 7U, 8U})
        EXPECT_EQ(fcntl(numbers[i], F_GETFD), -1) << i;
    for (const std::size_t i : {0U, 4U, 5U}) EXPECT_NE(fcntl(numbers[i], F_GETFD), -1) << i;
}

TEST_F(Descriptors, messages_of_a_channel_are_told_from_garbage_and_from_its_end) {
    mp::os::Pair channel = mp::os::make_channel();
    const int from = channel.first.get(), to = channel.second.get();
    int value = 0;
    mp::os::Descriptor fd;
    const auto received = [&] { return mp::os::receive_message(from, &value, sizeof value, &fd); };
    EXPECT_EQ(received(), Message::none);
    const std::array<int, 3> numbers{7, 8, 9};
    for (const std::size_t size : {0U, 1U, 3U, 5U, 12U}) {
        ASSERT_EQ(send(to, numbers.data(), size, 0), static_cast<ssize_t>(size));
        EXPECT_EQ(received(), Message::unknown) << size;
    }
    EXPECT_FALSE(fd);
    ASSERT_TRUE(mp::os::send_message(to, numbers.data(), sizeof(int), to));
    EXPECT_EQ(received(), Message::whole);
    EXPECT_EQ(value, 7);
    EXPECT_TRUE(fd);
    fd.reset();
    channel.second.reset();
    EXPECT_EQ(received(), Message::end);
}

std::atomic<int>* polls = nullptr;

// How often the owner checks while a task takes 50 ms.
int polls_of_a_wait(mp::Pool& pool) {
    *polls = 0;
    mp::os::fault_hook = [](Call call) { return call == Call::poll ? ++*polls, 0 : 0; };
    pool.apply([] {
        const auto end = std::chrono::steady_clock::now() + 50ms;
        while (std::chrono::steady_clock::now() < end) {
        }
    });
    mp::os::fault_hook = nullptr;
    return *polls;
}

TEST_F(Descriptors, a_daemon_that_reuses_every_descriptor_waits_without_spinning) {
    EXPECT_EQ(support::outcome_of([] {
                  for (int fd = 3; fd < 64; ++fd) close(fd);
                  for (int i = 0; i < 40; ++i) (void)!open("/dev/zero", O_RDONLY);
                  mp::SharedValue<std::atomic<int>> count;
                  polls = &*count;
                  {
                      mp::Pool pool(1);
                      if (polls_of_a_wait(pool) > 100) return 1;
                  }
                  // The same without a fork in between.
                  for (int fd = 3; fd < 64; ++fd) close(fd);
                  for (int i = 0; i < 40; ++i) (void)!open("/dev/zero", O_RDONLY);
                  mp::Pool another(1);
                  if (polls_of_a_wait(another) > 100) return 2;
                  mp::interrupt();
                  try {
                      another.apply([] {
                          for (;;) pause();
                      });
                  } catch (const mp::Interrupted&) {
                      return 0;
                  }
                  return 3;
              }),
              0);
}

TEST_F(Descriptors, an_interrupt_of_a_forked_child_is_not_its_parents) {
    EXPECT_EQ(support::outcome_of([] { return mp::interrupt(), 0; }), 0);
    mp::SharedValue<std::atomic<int>> count;
    polls = &*count;
    mp::Pool pool(1);
    EXPECT_LT(polls_of_a_wait(pool), 100);
}

TEST_F(Descriptors, where_descriptors_cannot_be_watched_looks_by_itself_now_and_then) {
    mp::SharedValue<std::atomic<int>> count;
    polls = &*count;
    // As the kernel does when RLIMIT_NOFILE is lowered below the number of watched descriptors.
    mp::os::fault_hook = [](Call call) { return call == Call::poll ? ++*polls, EINVAL : 0; };
    {
        mp::Pool pool({.processes = 2, .maxtasksperchild = 10});
        EXPECT_TRUE(works(pool));
        EXPECT_TRUE(survives_a_worker_exit(pool));
        *polls = 0;
        pool.apply([] {
            const auto end = std::chrono::steady_clock::now() + 50ms;
            while (std::chrono::steady_clock::now() < end) {
            }
        });
        EXPECT_LT(*polls, 1000);
        mp::Process process([] { _exit(5); });
        process.start();
        process.join();
        EXPECT_EQ(process.exitcode(), 5);
        pool.close();
        pool.join();
    }
    mp::os::fault_hook = nullptr;
}

TEST_F(Descriptors, a_closed_descriptor_is_not_watched_in_a_spin) {
    mp::os::Pair pipe = mp::os::make_pipe();
    mp::os::Watched watched[] = {mp::os::watch(pipe.first.get()), mp::os::watch(1000)};
    const auto before = std::chrono::steady_clock::now();
    EXPECT_TRUE(mp::os::wait_ready(watched, before + 1h)); // the caller must check by itself
    EXPECT_GE(std::chrono::steady_clock::now() - before, 1ms);
    EXPECT_FALSE(mp::os::is_ready(watched[0]));
    EXPECT_TRUE(mp::os::is_ready(watched[1]));
    EXPECT_FALSE(mp::os::is_surely_ready(watched[1]));
}

} // namespace
