#pragma once

#include <chrono>
#include <thread>

// The work of this task: waits for a page from a slow server, and returns how
// many bytes came. It computes nothing.
inline int fetch(int page, int milliseconds) {
    std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds));
    return 1000 + page * 7919 % 5000;
}
