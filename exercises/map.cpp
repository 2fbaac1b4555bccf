// map: one function over many inputs, shared out to a pool of workers.
//
// Random temperatures in degrees Fahrenheit become degrees Celsius. You will
// see one line each, in the order of the inputs, whichever worker was first.
// Then the same in a plain loop, and how many inputs, or how slow a function,
// it takes for a pool to be worth its start.
//
// In Python: with Pool(4) as pool: celsius = pool.map(to_celsius, fahrenheit)

#include <mp/mp.hpp>

#include <cmath>
#include <random>
#include <vector>

namespace {

using Numbers = std::vector<double>;

double to_celsius(double fahrenheit) { return (fahrenheit - 32) / 9 * 5; }

Numbers in_a_pool(mp::Pool& pool, const Numbers& fahrenheit,
                  std::size_t chunksize) {
    return pool.map(to_celsius, fahrenheit, chunksize);
}

Numbers in_a_loop(const Numbers& fahrenheit) {
    Numbers celsius;
    celsius.reserve(fahrenheit.size());
    for (double f : fahrenheit) celsius.push_back(to_celsius(f));
    return celsius;
}

Numbers random_temperatures(std::size_t count, double min, double max,
                            std::uint64_t seed) {
    std::mt19937_64 random(seed);
    std::uniform_real_distribution<double> share(0, 1);
    Numbers fahrenheit(count);
    for (double& f : fahrenheit) f = std::lerp(min, max, share(random));
    return fahrenheit;
}

} // namespace

// ---- Options, and the lines on the screen.

#include "exercises/break_even.hpp"
#include "exercises/lesson.hpp"

namespace exercises {
namespace {

struct Options {
    std::uint64_t count = 50;
    double min = 32, max = 100;
    std::string file;
    input::PoolChoice pool;
};

/// With one decimal; with six digits what would take a dozen that way.
std::string rounded(double degrees) {
    return std::abs(degrees) < 1e9 ? fmt::format("{:.1f}", degrees)
                                   : fmt::format("{:.6g}", degrees);
}

/// With one decimal where that is exact, else with as many digits as it takes.
std::string as_given(double degrees) {
    const bool one_decimal = std::round(degrees * 10) / 10 == degrees;
    return one_decimal && std::abs(degrees) < 1e9 ? rounded(degrees)
                                                  : fmt::format("{}", degrees);
}

input::Option file(std::string& target) {
    input::Option file = input::file(
        "--input", "read them from a file, one a line; -: standard input",
        target);
    file.instead_of = {"--count", "--min", "--max"};
    return file;
}

void run(Run& run, const Options& o) {
    if (o.min > o.max)
        throw mpworkshop::UsageError(
            "--min is above --max; give it the lower one");
    const Numbers fahrenheit =
        o.file.empty() ? random_temperatures(o.count, o.min, o.max, run.seed())
                       : input::read_table(o.file, 1);
    run.say(fmt::format(
        "{} for {}{}.", text::counted(fahrenheit.size(), "temperature"),
        o.pool.describe(),
        o.file.empty() ? fmt::format(", seed {}", run.seed()) : ""));

    TimedPool pool(run, o.pool);
    const Numbers celsius = pool.work([&](mp::Pool& p) {
        return in_a_pool(p, fahrenheit, o.pool.chunksize);
    });
    pool.collect();
    run.timed("loop", [&] { return in_a_loop(fahrenheit); });
    explain_costs_afterwards(
        run, o.pool, fahrenheit.size(), in_a_loop, in_a_pool,
        [] { return random_temperatures(200'000, 32, 100, 1); });

    sys::print_lines(celsius.size(), [&](std::size_t i, std::string& to) {
        fmt::format_to(std::back_inserter(to), "{:>6} F = {:>6} C\n",
                       o.file.empty() ? rounded(fahrenheit[i])
                                      : as_given(fahrenheit[i]),
                       rounded(celsius[i]));
    });
    run.outcome.result =
        Value::object({{"fahrenheit", fahrenheit}, {"celsius", celsius}});
    run.outcome.next = "starmap";
}

Plan plan() {
    auto o = std::make_shared<Options>();
    return {
        .options = input::with_pool(
            {input::count("--count", "how many temperatures (default: 50)",
                          o->count, {.least = 0, .most = 100'000'000}),
             input::number("--min", "the lowest, in Fahrenheit (default: 32)",
                           o->min),
             input::number("--max", "the highest (default: 100)", o->max),
             file(o->file)},
            o->pool),
        .run = [o](Run& each) { run(each, *o); },
        .pool = &o->pool,
    };
}

} // namespace

const Exercise map = {
    .minutes = 10,
    .name = "map",
    .summary = "Fahrenheit to Celsius: one function over many inputs",
    .about =
        "A pool of workers converts temperatures, and the results come back in the order of "
        "the inputs. The same in a plain loop shows what a pool costs.",
    .example = "map --count 10 --processes 4",
    .plan = plan,
};

} // namespace exercises
