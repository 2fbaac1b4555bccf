#include "chaos/killer.hpp"

#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cmath>
#include <csignal>
#include <fstream>
#include <sstream>
#include <system_error>

namespace chaos {

namespace {

struct Command {
    pid_t pid;
    std::uint32_t instructions;
};

bool step_and_kill(const Command& command) {
    const pid_t pid = command.pid;
    if (ptrace(PTRACE_SEIZE, pid, nullptr, nullptr) != 0) return false;
    int status = 0;
    const auto stopped = [&] { // or it sleeps in the kernel
        const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(2);
        pid_t changed = 0;
        while ((changed = waitpid(pid, &status, __WALL | WNOHANG)) == 0)
            if (std::chrono::steady_clock::now() > until) return false;
        return changed == pid && WIFSTOPPED(status);
    };
    if (ptrace(PTRACE_INTERRUPT, pid, nullptr, nullptr) == 0 && stopped())
        for (std::uint32_t i = 0; i < command.instructions; ++i)
            if (ptrace(PTRACE_SINGLESTEP, pid, nullptr, nullptr) != 0 || !stopped()) break;
    ::kill(pid, SIGKILL);
    // The tracer is told first, then the parent.
    while (waitpid(pid, &status, __WALL) == pid && !WIFSIGNALED(status) && !WIFEXITED(status)) {
    }
    return true;
}

// A pid that is still a child of this process cannot have been reused.
bool is_child(pid_t pid) {
    std::ifstream in("/proc/" + std::to_string(pid) + "/stat");
    std::string line;
    std::getline(in, line);
    const auto name_end = line.rfind(')');
    if (name_end == std::string::npos) return false;
    std::istringstream words(line.substr(name_end + 1));
    char state = 0;
    pid_t parent = 0;
    words >> state >> parent;
    return parent == getpid() && state != 'Z';
}

} // namespace

std::string name_of(Way way) {
    switch (way) {
    case Way::kill:
        return "SIGKILL";
    case Way::crash:
        return "SIGSEGV";
    case Way::stop:
        return "SIGSTOP and SIGKILL";
    default:
        return "after some instructions";
    }
}

Stepper::Stepper() {
    std::array<int, 2> commands{}, answers{};
    if (pipe(commands.data()) != 0 || pipe(answers.data()) != 0 || (pid_ = fork()) < 0)
        throw std::system_error(errno, std::generic_category(), "the stepper");
    if (pid_ == 0) {
        close(commands[1]);
        close(answers[0]);
        Command command{};
        while (read(commands[0], &command, sizeof command) == sizeof command) {
            const char done = step_and_kill(command) ? 1 : 0;
            if (write(answers[1], &done, 1) != 1) break;
        }
        _exit(0);
    }
    close(commands[0]);
    close(answers[1]);
    commands_ = commands[1];
    answers_ = answers[0];
}

Stepper::~Stepper() {
    close(commands_);
    close(answers_);
    ::kill(pid_, SIGKILL); // a worker may have inherited the pipe's end
    waitpid(pid_, nullptr, 0);
}

bool Stepper::kill_after(pid_t pid, std::uint32_t instructions) {
    const Command command{pid, instructions};
    char done = 0;
    return write(commands_, &command, sizeof command) == sizeof command &&
           read(answers_, &done, 1) == 1 && done != 0;
}

Killer::Killer(Stepper& stepper, std::uint64_t seed, double interval_us,
               std::function<std::vector<pid_t>()> victims, Count& kills)
    : stepper_(stepper), random_(seed), interval_us_(interval_us), victims_(std::move(victims)),
      kills_(kills), thread_([this] { live(); }) {}

Killer::~Killer() {
    over_ = true;
    thread_.join();
}

void Killer::live() {
    std::exponential_distribution<double> interval(1 / interval_us_);
    while (!over_) {
        const double lasts_s =
            std::chrono::duration<double>(Clock::now() - work_began_.load()).count();
        std::this_thread::sleep_for(std::chrono::duration<double, std::micro>(
            std::exp2(std::clamp(lasts_s - 1, 0.0, 10.0)) * interval(random_)));
        const std::vector<pid_t> victims = victims_();
        if (lasts_s > longest_s || kills_left_ == 0) continue;
        if (const pid_t pid = victims[random_() % victims.size()]; pid != 0 && is_child(pid))
            if (kill(pid)) --kills_left_;
    }
}

void Killer::work_begins(unsigned most_kills) {
    kills_left_ = most_kills;
    work_began_ = Clock::now();
}

bool Killer::kill(pid_t pid) {
    constexpr auto ways = static_cast<std::size_t>(Way::count_);
    const auto way = static_cast<Way>(random_() % ways);
    switch (way) {
    case Way::kill:
        ::kill(pid, SIGKILL);
        break;
    case Way::crash:
        ::kill(pid, SIGSEGV);
        break;
    case Way::stop:
        ::kill(pid, SIGSTOP);
        std::this_thread::sleep_for(std::chrono::microseconds(random_() % 2000));
        if (is_child(pid)) ::kill(pid, SIGKILL);
        break;
    default:
        if (!stepper_.kill_after(pid, static_cast<std::uint32_t>(random_() % 2000))) return false;
    }
    ++kills_[static_cast<std::size_t>(way)];
    return true;
}

} // namespace chaos
