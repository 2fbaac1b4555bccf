#define MPWORKSHOP_LESSON
#include "exercises/starmap/starmap.cpp"

#include "exercises/command.hpp"
#include "mpworkshop/kit/ways.hpp"

namespace exercises {
namespace {

struct Options {
    Pairs pairs = {{1, 3}, {5, 9}, {2, 3}, {4, 5}, {10, 30}, {5, 7}};
    std::string file;
    input::PoolChoice pool;
    kit::Way way;
    kit::PredictionChoice prediction = {
        .question = "How many times as fast as the loop is the pool?"};

    std::vector<input::Option> options() {
        return input::with_pool(
            kit::with_ways(
                {input::pairs("PAIRS", "such as 3,5 2,4", pairs),
                 input::file(
                     "--input",
                     "read them from a file, two columns; -: standard input",
                     file, {"PAIRS"})},
                way, {"pool", "loop"}),
            pool);
    }
};

void run(Run& run, const Options& o) {
    const Pairs pairs = run.timed("input", [&] {
        return o.file.empty() ? o.pairs : input::read_pairs(o.file);
    });
    run.say(fmt::format("{} for {}{}.", text::counted(pairs.size(), "pair"),
                        o.pool.describe(), o.way.language()));

    Products products =
        o.way.python
            ? kit::run_twin(run, kit::twin("starmap", o.way, o.pool),
                            input::flat(pairs))
            : kit::in_both_ways(run, o.way, o.pool, pairs, multiply_in_a_loop,
                                multiply_in_a_pool, [](std::uint64_t count) {
                                    return Pairs(count, {3, 5});
                                });

    kit::compare_with_prediction(run);

    const auto line = [&](std::size_t i, std::string& to) {
        fmt::format_to(std::back_inserter(to), "{} x {} = {:.15g}\n",
                       pairs[i].first, pairs[i].second, products[i]);
    };
    run.timed("print", [&] {
        if (run.json()) // listing the pairs takes longer than all the rest
            run.outcome.result.set("pairs", input::as_value(pairs));
        else
            sys::print_lines(products.size(), line);
    });
    run.outcome.result.set("products", std::move(products));
}

} // namespace

Plan plan_starmap() { return planned(run); }

} // namespace exercises
