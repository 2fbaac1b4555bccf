// Pools that start and stop workers, and more workers than CPUs.

#include <cerrno>
#include <memory>
#include <mp/mp.hpp>
#include <ranges>
#include <string>
#include <sys/wait.h>

#include "bench/floors.hpp"
#include "bench/workload.hpp"

namespace bench {
namespace {

/// In milliseconds. Errors: std::runtime_error when a child is left behind.
double start_and_stop_ms(unsigned workers) {
    const double took = seconds([=] {
        mp::Pool pool(workers);
        pool.close();
        pool.join();
    });
    siginfo_t info{};
    check(::waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) < 0 && errno == ECHILD,
          "a child is left behind");
    return 1e3 * took;
}

std::vector<Side> start_and_stop(unsigned workers, Bar bar) {
    return {
        {"mp", [=] { return start_and_stop_ms(workers); }},
        {"bare fork + wait", [=] { return 1e3 * seconds([=] { fork_and_wait(workers); }); }, bar},
    };
}

std::vector<Side> from_a_small_parent(const Settings&) { return start_and_stop(4, {2}); }

std::vector<Side> from_a_big_parent(const Settings&) {
    const auto touched = std::make_shared<std::vector<char>>(std::size_t{1} << 30, 'x');
    auto sides = start_and_stop(4, {2});
    for (Side& side : sides) side.figure = [touched, figure = side.figure] { return figure(); };
    return sides;
}

std::vector<Side> many(const Settings&) { return start_and_stop(256, {}); }

std::vector<Side> crowd(const Settings& settings) {
    constexpr unsigned tasks = 10'000;
    const std::uint64_t steps = steps_that_take(20e-6);
    const auto right = std::make_shared<std::vector<std::uint32_t>>();
    for (unsigned i = 0; i < tasks; ++i) right->push_back(steps_from(i, steps));

    const auto side = [=](unsigned workers, Bar bar) {
        const auto pool = std::make_shared<mp::Pool>(workers);
        return Side{"mp, " + std::to_string(workers) + " workers",
                    [=] {
                        std::vector<std::uint32_t> results;
                        const double took = seconds([&] {
                            results = pool->map([=](unsigned i) { return steps_from(i, steps); },
                                                std::views::iota(0U, tasks));
                        });
                        check(results == *right, "the results are wrong");
                        return tasks / took / 1e3;
                    },
                    bar};
    };
    return {side(64, {}), side(unsigned(settings.workers), {0.8})};
}

} // namespace

std::vector<Workload> starting() {
    return {
        {"start-stop", "4 workers start and leave, from a small parent", "ms", Better::lower,
         Rounds::warm, from_a_small_parent},
        {"start-stop-1gib", "4 workers start and leave, from a parent with 1 GiB of touched memory",
         "ms", Better::lower, Rounds::warm, from_a_big_parent},
        {"start-stop-256", "256 workers start and leave, and none is left behind", "ms",
         Better::lower, Rounds::warm, many},
        {"workers-64", "10,000 tasks of 20 us, by 64 workers", "k/s", Better::higher, Rounds::warm,
         crowd},
    };
}

} // namespace bench
