#include "support/subprocess.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>

namespace support {

std::set<pid_t> children_of(pid_t pid) {
    std::set<pid_t> found;
    for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
        const std::string name = entry.path().filename();
        if (name.find_first_not_of("0123456789") != std::string::npos) continue;
        std::ifstream stat(entry.path() / "stat");
        std::string text;
        std::getline(stat, text);
        const auto after = text.rfind(')');
        pid_t parent = 0;
        char state = 0;
        if (after != std::string::npos &&
            std::sscanf(text.c_str() + after + 1, " %c %d", &state, &parent) == 2 && parent == pid)
            found.insert(std::stoi(name));
    }
    return found;
}

void wait_until_zombie(pid_t pid) {
    siginfo_t info{};
    waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOWAIT);
}

std::string output_of(void (*function)()) {
    int ends[2];
    if (pipe(ends) != 0) return {};
    std::fflush(stdout);
    const pid_t child = fork();
    if (child == 0) {
        dup2(ends[1], STDOUT_FILENO);
        close(ends[0]);
        close(ends[1]);
        function();
        std::fflush(stdout);
        _exit(0);
    }
    close(ends[1]);
    std::string all;
    char buffer[1 << 16];
    for (ssize_t got = 0; (got = read(ends[0], buffer, sizeof buffer)) > 0;)
        all.append(buffer, static_cast<std::size_t>(got));
    close(ends[0]);
    waitpid(child, nullptr, 0);
    return all;
}

int outcome_of(int (*program)()) {
    const pid_t child = fork();
    if (child == 0) {
        alarm(100);
        try {
            _exit(program());
        } catch (const std::exception& error) {
            std::fprintf(stderr, "%s\n", error.what());
            _exit(99);
        }
    }
    int status = 0;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

Survivors::Survivors() {
    if (pipe(ends_) != 0) std::perror("pipe");
}

Survivors::~Survivors() {
    for (const int end : ends_)
        if (end >= 0) close(end);
}

bool Survivors::wait_for_none() {
    close(ends_[1]);
    ends_[1] = -1;
    char byte = 0;
    return read(ends_[0], &byte, 1) == 0;
}

} // namespace support
