// starmap: a function of several arguments, over many inputs that are tuples.
//
// Pool.map gives its function one argument. Pool.starmap takes each tuple
// apart, as Python's f(*pair) does. You will see the product of each pair, in
// the order of the pairs; then what the same costs in a plain loop.
//
// In Python: with Pool(4) as pool: products = pool.starmap(product, pairs)

#include <mp/mp.hpp>

#include <utility>
#include <vector>

namespace {

using Numbers = std::vector<double>;
using Pairs = std::vector<std::pair<double, double>>;

double product(double a, double b) { return a * b; }

Numbers in_a_pool(mp::Pool& pool, const Pairs& pairs, std::size_t chunksize) {
    return pool.starmap(product, pairs, chunksize);
}

Numbers in_a_loop(const Pairs& pairs) {
    Numbers products;
    products.reserve(pairs.size());
    for (const auto& [a, b] : pairs) products.push_back(product(a, b));
    return products;
}

} // namespace

// ---- Options, and the lines on the screen.

#include "exercises/break_even.hpp"
#include "exercises/lesson.hpp"

namespace exercises {
namespace {

struct Options {
    Pairs pairs = {{1, 3}, {5, 9}, {2, 3}, {4, 5}, {10, 30}, {5, 7}};
    std::string file;
    input::PoolChoice pool;
};

Pairs read_pairs(const std::string& file) {
    const Numbers numbers = input::read_table(file, 2);
    Pairs pairs;
    for (std::size_t i = 0; i < numbers.size(); i += 2)
        pairs.emplace_back(numbers[i], numbers[i + 1]);
    return pairs;
}

input::Option file(std::string& target) {
    input::Option file = input::file(
        "--input", "read them from a file, two columns; -: standard input",
        target);
    file.instead_of = {"PAIRS"};
    return file;
}

void run(Run& run, const Options& o) {
    const Pairs pairs = o.file.empty() ? o.pairs : read_pairs(o.file);
    run.say(fmt::format("{} for {}.", text::counted(pairs.size(), "pair"),
                        o.pool.describe()));

    TimedPool pool(run, o.pool);
    const Numbers products = pool.work(
        [&](mp::Pool& p) { return in_a_pool(p, pairs, o.pool.chunksize); });
    pool.collect();
    run.timed("loop", [&] { return in_a_loop(pairs); });
    explain_costs_afterwards(run, o.pool, pairs.size(), in_a_loop, in_a_pool,
                             [] {
                                 return Pairs(200'000, {3, 5});
                             });

    sys::print_lines(products.size(), [&](std::size_t i, std::string& to) {
        fmt::format_to(std::back_inserter(to), "{} x {} = {:.15g}\n",
                       pairs[i].first, pairs[i].second, products[i]);
    });
    run.outcome.result = Value::object(
        {{"pairs", input::as_value(pairs)}, {"products", products}});
    run.outcome.next = "pi-serial 1e8";
}

Plan plan() {
    auto o = std::make_shared<Options>();
    return {
        .options = input::with_pool(
            {input::pairs(
                 "PAIRS",
                 "such as 3,5 2,4 (default: 1,3 5,9 2,3 4,5 10,30 5,7)",
                 o->pairs),
             file(o->file)},
            o->pool),
        .run = [o](Run& each) { run(each, *o); },
        .pool = &o->pool,
    };
}

} // namespace

const Exercise starmap = {
    .minutes = 5,
    .name = "starmap",
    .summary = "products of pairs: a function of several arguments",
    .about =
        "Each input is a tuple, which starmap takes apart into the function's arguments.",
    .example = "starmap 2,3 4,5",
    .plan = plan,
};

} // namespace exercises
