#define MPWORKSHOP_LESSON
#include "exercises/starmap/starmap.cpp"

#include "exercises/command.hpp"
#include "mpworkshop/kit/break_even.hpp"

namespace exercises {
namespace {

struct Options {
    Pairs pairs = {{1, 3}, {5, 9}, {2, 3}, {4, 5}, {10, 30}, {5, 7}};
    std::string file;
    input::PoolChoice pool;
};

Pairs read_pairs(const std::string& file) {
    const std::vector<double> numbers = input::read_table(file, 2);
    Pairs pairs;
    for (std::size_t i = 0; i < numbers.size(); i += 2)
        pairs.emplace_back(numbers[i], numbers[i + 1]);
    return pairs;
}

void run(Run& run, const Options& o) {
    const Pairs pairs = o.file.empty() ? o.pairs : read_pairs(o.file);
    run.say(fmt::format("{} for {}.", text::counted(pairs.size(), "pair"),
                        o.pool.describe()));

    TimedPool pool(run, o.pool);
    const Products products = pool.work([&](mp::Pool& p) {
        return multiply_in_a_pool(p, pairs, o.pool.chunksize);
    });
    pool.collect();
    run.timed("loop", [&] { return multiply_in_a_loop(pairs); });
    kit::explain_costs_afterwards(run, o.pool, pairs.size(),
                                  multiply_in_a_loop, multiply_in_a_pool, [] {
                                      return Pairs(200'000, {3, 5});
                                  });

    sys::print_lines(products.size(), [&](std::size_t i, std::string& to) {
        fmt::format_to(std::back_inserter(to), "{} x {} = {:.15g}\n",
                       pairs[i].first, pairs[i].second, products[i]);
    });
    run.outcome.result = Value::object(
        {{"pairs", input::as_value(pairs)}, {"products", products}});
}

} // namespace

Plan plan_starmap() {
    auto o = std::make_shared<Options>();
    return {
        .options = input::with_pool(
            {input::pairs(
                 "PAIRS",
                 "such as 3,5 2,4 (default: 1,3 5,9 2,3 4,5 10,30 5,7)",
                 o->pairs),
             input::file(
                 "--input",
                 "read them from a file, two columns; -: standard input",
                 o->file, {"PAIRS"})},
            o->pool),
        .run = [o](Run& each) { run(each, *o); },
        .pool = &o->pool,
    };
}

} // namespace exercises
