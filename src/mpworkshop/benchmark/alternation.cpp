#include "mpworkshop/benchmark/alternation.hpp"

#include <algorithm>
#include <numeric>
#include <random>
#include <vector>

namespace mpworkshop::benchmark {
namespace {

/// Fisher and Yates; std::shuffle gives another order in another standard library.
void shuffle(std::vector<std::size_t>& order, std::mt19937_64& random) {
    for (std::size_t left = order.size(); left > 1; --left)
        std::swap(order[left - 1], order[random() % left]);
}

} // namespace

std::size_t alternate(const Alternation& alternation, const World& world) {
    std::mt19937_64 random(alternation.seed);
    std::vector<std::size_t> order(alternation.commands);
    std::iota(order.begin(), order.end(), std::size_t{0});
    const auto round = [&](Purpose purpose) {
        shuffle(order, random);
        for (const std::size_t index : order) world.run(index, purpose);
    };

    const double begin = world.seconds();
    for (std::size_t i = 0; i < alternation.warm_up; ++i) round(Purpose::warm_up);
    const double timed_from = world.seconds();
    std::size_t done = 0;
    const auto another = [&] {
        if (alternation.runs > 0) return done < alternation.runs;
        if (done < alternation.least) return true;
        const double now = world.seconds();
        const double usual = (now - timed_from) / double(std::max<std::size_t>(done, 1));
        return done < alternation.most && now - begin + usual <= alternation.budget_s;
    };
    for (; another(); ++done) round(Purpose::timed);
    return done;
}

} // namespace mpworkshop::benchmark
