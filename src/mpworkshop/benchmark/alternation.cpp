#include "mpworkshop/benchmark/alternation.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>
#include <vector>

namespace mpworkshop::benchmark {
namespace {

/// Fisher-Yates shuffle; std::shuffle gives different orders in different standard libraries.
void shuffle(std::vector<std::size_t>& order, std::mt19937_64& random) {
    for (std::size_t left = order.size(); left > 1; --left)
        std::swap(order[left - 1], order[random() % left]);
}

} // namespace

double Alternation::latest_s() const {
    constexpr double tolerance = 1.2;
    return runs > 0 ? HUGE_VAL : tolerance * budget_s - used_s;
}

std::size_t alternate(const Alternation& alternation, const World& world) {
    std::mt19937_64 random(alternation.seed);
    std::vector<std::size_t> order(alternation.commands);
    std::iota(order.begin(), order.end(), std::size_t{0});
    const double begin = world.seconds();
    const double latest = begin + alternation.latest_s();
    const auto round = [&](Purpose purpose) {
        shuffle(order, random);
        return std::ranges::all_of(
            order, [&](std::size_t index) { return world.run(index, purpose, latest); });
    };

    for (std::size_t i = 0; i < alternation.warm_up; ++i)
        if (!round(Purpose::warm_up)) return 0;
    const double timed_from = world.seconds();
    std::size_t done = 0;
    const auto usual_s = [&](double now) { // the duration of a round, judging by earlier ones
        if (done > 0) return (now - timed_from) / double(done);
        return alternation.warm_up > 0 ? (timed_from - begin) / double(alternation.warm_up) : 0;
    };
    const auto another = [&] {
        if (alternation.runs > 0) return done < alternation.runs;
        const double now = world.seconds();
        const double end =
            done < alternation.least ? latest : begin + alternation.budget_s - alternation.used_s;
        return done < alternation.most && now + usual_s(now) <= end;
    };
    while (another() && round(Purpose::timed)) ++done;
    return done;
}

} // namespace mpworkshop::benchmark
