#pragma once

#include <gtest/gtest.h>
#include <sched.h>
#include <unistd.h>

#include <atomic>
#include <memory>
#include <mp/mp.hpp>
#include <string>
#include <thread>

#include "support/invariants.hpp"

/// A pool of each backend for one machine.
class Ends : public support::Invariants, public testing::WithParamInterface<std::string> {
protected:
    std::unique_ptr<mp::Pool> make(unsigned processes) const {
        return std::make_unique<mp::Pool>(
            mp::PoolOptions{.processes = processes, .backend = GetParam()});
    }
};

/// This thread and the processes it starts share one CPU.
class OnOneCpu {
public:
    OnOneCpu() {
        sched_getaffinity(0, sizeof before_, &before_);
        cpu_set_t one;
        CPU_ZERO(&one);
        for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu)
            if (CPU_ISSET(cpu, &before_)) {
                CPU_SET(cpu, &one);
                break;
            }
        sched_setaffinity(0, sizeof one, &one);
    }
    ~OnOneCpu() { sched_setaffinity(0, sizeof before_, &before_); }
    OnOneCpu(const OnOneCpu&) = delete;
    OnOneCpu& operator=(const OnOneCpu&) = delete;

private:
    cpu_set_t before_{};
};

/// An item that counts and never ends.
inline auto endless(const mp::SharedValue<std::atomic<int>>& begun) {
    return [count = begun.span()](int i) {
        for (++count[0];;) pause();
        return i;
    };
}

inline void wait_for(const mp::SharedValue<std::atomic<int>>& begun, int count) {
    while (*begun < count) std::this_thread::yield();
}
