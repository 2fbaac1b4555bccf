// How fast work is handed out: item by item, in chunks chosen by the pool, and call by call.

#include <cmath>
#include <memory>
#include <mp/mp.hpp>
#include <ranges>
#include <tbb/global_control.h>
#include <tbb/task_group.h>

#include "bench/floors.hpp"
#include "bench/workload.hpp"

namespace bench {
namespace {

constexpr std::size_t items = 2'000'000, calls = 500'000;
constexpr int passes = 10; // over data that fits into caches, so that handing out is measured

double degrees(std::size_t i) { return 32.0 + double(i % 68); }

template <class Range> double checked_sum(const Range& results) {
    double sum = 0, right = 0;
    std::size_t i = 0;
    for (const double result : results) {
        sum += result;
        right += (degrees(i++) - 32) * (5.0 / 9.0);
    }
    check(std::abs(sum - right) <= 1e-9 * right, "the results are wrong");
    return sum;
}

/// The data of all sides of a workload, made once.
struct Data {
    explicit Data(const Settings& settings, std::size_t size)
        : threads(int(settings.workers)), in(size), out(size), pool(unsigned(settings.workers)) {
        for (std::size_t i = 0; i < size; ++i) in[i] = degrees(i);
    }
    void forget() const { std::fill(out.begin(), out.end(), 0); }

    int threads;
    mp::SharedArray<double> in, out;
    mp::Pool pool;
};

/// Items per second in millions, of results in data.out.
template <class F> double rate(const Data& data, int times, F work) {
    data.forget();
    const double took = seconds([&] {
        for (int i = 0; i < times; ++i) work();
    });
    checked_sum(data.out);
    return double(data.in.size()) * times / took / 1e6;
}

double dynamic_rate(const Data& data) {
    const auto in = data.in.span(), out = data.out.span();
    return rate(data, 1, [&] {
#pragma omp parallel for num_threads(data.threads) schedule(dynamic, 1)
        for (std::size_t i = 0; i < in.size(); ++i) out[i] = to_celsius(in[i]);
    });
}

std::vector<Side> one_by_one(const Settings& settings) {
    const auto data = std::make_shared<Data>(settings, items);
    return {
        {"mp",
         [=] {
             return rate(*data, 1, [&] {
                 data->pool.map_into(to_celsius, data->in.span(), data->out.span(), 1);
             });
         }},
        {"OpenMP dynamic,1", [=] { return dynamic_rate(*data); }, {0.5}},
    };
}

std::vector<Side> one_by_one_copied(const Settings& settings) {
    const auto data = std::make_shared<Data>(settings, items);
    const auto in = std::make_shared<std::vector<double>>(data->in.begin(), data->in.end());
    return {
        {"mp",
         [=] {
             std::vector<double> out;
             const double took = seconds([&] { out = data->pool.map(to_celsius, *in, 1); });
             checked_sum(out);
             return double(out.size()) / took / 1e6;
         }},
        {"OpenMP dynamic,1",
         [=] {
             std::vector<double> out;
             const double took = seconds([&] {
                 out.resize(in->size());
#pragma omp parallel for num_threads(data->threads) schedule(dynamic, 1)
                 for (std::size_t i = 0; i < in->size(); ++i) out[i] = to_celsius((*in)[i]);
             });
             checked_sum(out);
             return double(out.size()) / took / 1e6;
         },
         {0.5}},
    };
}

std::vector<Side> in_chunks(const Settings& settings) {
    const auto data = std::make_shared<Data>(settings, items);
    return {
        {"mp",
         [=] {
             return rate(*data, passes, [&] {
                 data->pool.map_into(to_celsius, data->in.span(), data->out.span());
             });
         }},
        {"OpenMP static",
         [=] {
             const auto from = data->in.span(), to = data->out.span();
             return rate(*data, passes, [&] {
#pragma omp parallel for num_threads(data->threads) schedule(static)
                 for (std::size_t i = 0; i < from.size(); ++i) to[i] = to_celsius(from[i]);
             });
         },
         {0.9}},
    };
}

/// Maps with chunks chosen by the pool, compared with every fixed chunksize; the bar applies to the
/// best of them.
template <class F>
std::vector<Side> chosen_and_fixed(const Settings& settings, std::size_t size, F function,
                                   const std::vector<std::size_t>& chunksizes) {
    const auto pool = std::make_shared<mp::Pool>(unsigned(settings.workers));
    const auto side = [=](std::string name, std::size_t chunksize, Bar bar) {
        return Side{std::move(name),
                    [=] {
                        std::vector<std::uint32_t> results;
                        const double took = seconds([&] {
                            results = pool->map(function, std::views::iota(std::size_t{0}, size),
                                                chunksize);
                        });
                        check(results.size() == size, "results are missing");
                        return 1e3 * took;
                    },
                    bar};
    };
    std::vector<Side> sides{side("mp", 0, {})};
    for (const std::size_t each : chunksizes)
        sides.push_back(side("chunksize " + std::to_string(each), each, {1.1}));
    return sides;
}

std::vector<Side> short_items(const Settings& settings) {
    const std::uint64_t steps = steps_that_take(50e-9);
    return chosen_and_fixed(settings, 1'000'000,
                            [=](std::size_t i) { return steps_from(std::uint32_t(i), steps); },
                            {1, 10, 100, 1'000, 10'000, 100'000, 500'000});
}

std::vector<Side> uneven_items(const Settings& settings) {
    const std::uint64_t steps = steps_that_take(1e-3);
    return chosen_and_fixed(
        settings, 10,
        [=](std::size_t i) { return steps_from(std::uint32_t(i), i == 3 ? 20 * steps : steps); },
        {1, 2, 3, 5});
}

std::vector<Side> call_by_call(const Settings& settings) {
    const auto pool = std::make_shared<mp::Pool>(unsigned(settings.workers));
    const auto limit = std::make_shared<tbb::global_control>(
        tbb::global_control::max_allowed_parallelism, settings.workers);
    return {
        {"mp",
         [=] {
             std::vector<double> results(calls);
             const double took = seconds([&] {
                 std::vector<mp::AsyncResult<double>> futures;
                 futures.reserve(calls);
                 for (std::size_t i = 0; i < calls; ++i)
                     futures.push_back(pool->apply_async(to_celsius, degrees(i)));
                 for (std::size_t i = 0; i < calls; ++i) results[i] = futures[i].get();
             });
             checked_sum(results);
             return calls / took / 1e6;
         }},
        {"oneTBB run + wait",
         [limit] {
             std::vector<double> results(calls);
             tbb::task_group group;
             const double took = seconds([&] {
                 for (std::size_t i = 0; i < calls; ++i)
                     group.run([&results, i] { results[i] = to_celsius(degrees(i)); });
                 group.wait();
             });
             checked_sum(results);
             return calls / took / 1e6;
         },
         {1}},
    };
}

} // namespace

std::vector<Workload> tasks() {
    return {
        {"chunksize-1", "map_into of a 1 ns function, one item at a time, in shared memory", "M/s",
         Better::higher, Rounds::warm, one_by_one},
        {"chunksize-1-copied", "map of a 1 ns function, one item at a time, over a plain vector",
         "M/s", Better::higher, Rounds::warm, one_by_one_copied},
        {"chunksize-auto", "map_into of a 1 ns function, the pool chooses the chunks", "M/s",
         Better::higher, Rounds::warm, in_chunks},
        {"chunks-short", "map over a million items of 50 ns, the pool chooses the chunks", "ms",
         Better::lower, Rounds::warm, short_items},
        {"chunks-uneven", "map over ten items of 1 ms, but one of 20 ms; likewise", "ms",
         Better::lower, Rounds::warm, uneven_items},
        {"apply-async", "500,000 calls of apply_async, collected with get()", "M/s", Better::higher,
         Rounds::warm, call_by_call},
    };
}

} // namespace bench
