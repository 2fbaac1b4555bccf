// threads_io: threads speed up waiting.
//
// Some tasks each wait, as if for a disk, a web page, or a database: first in
// a loop, then in one thread each. You will see a line as each task ends: one
// after the other in the loop, all at about the same time with threads.
//
//     ./threads_io 8 2     8 tasks that wait 2 seconds each

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <thread>
#include <vector>

using Task = std::function<void(int)>;
using Clock = std::chrono::steady_clock;
using Seconds = std::chrono::duration<double>;

void in_a_loop(int tasks, const Task& task) {
    for (int number = 1; number <= tasks; ++number) task(number);
}

void one_thread_each(int tasks, const Task& task) {
    std::vector<std::jthread> threads;
    for (int number = 1; number <= tasks; ++number) // start all of them
        threads.emplace_back(task, number);
    for (std::jthread& thread : threads) // then wait for all of them
        thread.join();
}

#ifndef MPWORKSHOP_LESSON // mpworkshop brings its own main
void run(const char* name, decltype(in_a_loop) way, int tasks, double wait) {
    const auto begin = Clock::now();
    const auto since_begin = [=] {
        return Seconds(Clock::now() - begin).count();
    };
    std::printf("%s:\n", name);
    way(tasks, [=](int number) {
        std::this_thread::sleep_for(Seconds(wait));
        std::printf("  task %d ended after %.2f s\n", number, since_begin());
    });
    std::printf("%s took %.2f s\n", name, since_begin());
}

int main(int argc, char** argv) {
    const int tasks = argc > 1 ? std::atoi(argv[1]) : 8;
    const double seconds = argc > 2 ? std::atof(argv[2]) : 2;
    if (tasks < 1 || seconds < 0) {
        std::fputs("threads_io: TASKS must be >= 1, SECONDS >= 0\n", stderr);
        return 2;
    }

    run("loop", in_a_loop, tasks, seconds);
    run("threads", one_thread_each, tasks, seconds);
}
#endif
