#include "mpworkshop/kit/run_simultaneously.hpp"

#include <fmt/format.h>

#include <atomic>
#include <chrono>
#include <stdexcept>
#include <system_error>
#include <thread>
#include <vector>

namespace mpworkshop::kit {
namespace {

enum class StartBarrier { closed, open, given_up };

} // namespace

double run_simultaneously(unsigned threads, const std::function<void(unsigned)>& work) {
    using Clock = std::chrono::steady_clock;
    std::atomic<StartBarrier> barrier{StartBarrier::closed};
    std::atomic<unsigned> waiting{0};
    const auto set = [&](StartBarrier now) {
        barrier.store(now);
        barrier.notify_all();
    };
    std::vector<std::jthread> all;
    all.reserve(threads);
    try {
        for (unsigned i = 0; i < threads; ++i)
            all.emplace_back([&, i] {
                ++waiting;
                waiting.notify_one();
                barrier.wait(StartBarrier::closed);
                if (barrier.load() == StartBarrier::open) work(i);
            });
    } catch (const std::system_error& error) {
        set(StartBarrier::given_up);
        throw std::runtime_error(fmt::format("cannot start {} threads: {}; give a smaller number",
                                             threads, error.code().message()));
    }
    for (unsigned there = waiting.load(); there < threads; there = waiting.load())
        waiting.wait(there);
    const auto begin = Clock::now();
    set(StartBarrier::open);
    for (std::jthread& thread : all) thread.join();
    return std::chrono::duration<double>(Clock::now() - begin).count();
}

} // namespace mpworkshop::kit
