// Maps over 20 million doubles: in memory that the workers see, and in plain vectors.

#include <cstring>
#include <memory>
#include <mp/mp.hpp>

#include "bench/floors.hpp"
#include "bench/workload.hpp"

namespace bench {
namespace {

constexpr std::size_t items = 20'000'000;

double degrees(std::size_t i) { return 32.0 + double(i % 68); }

/// A function that differs between repeats, so that an earlier result is not accepted.
struct Scale {
    double by;
    double operator()(double x) const { return (x - 32) * by; }
};

Scale next() {
    static double by = 0;
    return {by += 0.125};
}

template <class Range> void check_all(const Range& results, Scale scale) {
    std::size_t wrong = 0, i = 0;
    for (const double result : results) wrong += result != scale(degrees(i++));
    check(i == items && wrong == 0, "the results are wrong");
}

double rate(double took) { return items / took / 1e6; }

void openmp_map(std::span<const double> in, std::span<double> out, Scale scale, int threads) {
#pragma omp parallel for num_threads(threads) schedule(static)
    for (std::size_t i = 0; i < in.size(); ++i) out[i] = scale(in[i]);
}

std::vector<double> input() {
    std::vector<double> in(items);
    for (std::size_t i = 0; i < items; ++i) in[i] = degrees(i);
    return in;
}

double mp_new_vector(mp::Pool& pool, const std::vector<double>& in) {
    const Scale scale = next();
    std::vector<double> out;
    const double took = seconds([&] { out = pool.map(scale, in); });
    check_all(out, scale);
    return rate(took);
}

double openmp_new_vector(int threads, const std::vector<double>& in) {
    const Scale scale = next();
    std::vector<double> out;
    const double took = seconds([&] {
        out = std::vector<double>(in.size());
        openmp_map(in, out, scale, threads);
    });
    check_all(out, scale);
    return rate(took);
}

std::vector<Side> shared(const Settings& settings) {
    const int threads = int(settings.workers);
    const auto in = std::make_shared<mp::SharedArray<double>>(items);
    const auto out = std::make_shared<mp::SharedArray<double>>(items);
    for (std::size_t i = 0; i < items; ++i) (*in)[i] = degrees(i);
    const auto pool = std::make_shared<mp::Pool>(unsigned(settings.workers));
    const auto figure_of = [=](auto map) {
        const Scale scale = next();
        const double took = seconds([&] { map(scale); });
        check_all(*out, scale);
        return rate(took);
    };
    return {
        {"mp",
         [=] {
             return figure_of([&](Scale scale) { pool->map_into(scale, in->span(), out->span()); });
         }},
        {"OpenMP static",
         [=] {
             return figure_of(
                 [&](Scale scale) { openmp_map(in->span(), out->span(), scale, threads); });
         },
         {0.95}},
        {"memcpy, one thread",
         [=] {
             const double took =
                 seconds([&] { std::memcpy(out->begin(), in->begin(), items * sizeof(double)); });
             check(std::memcmp(out->begin(), in->begin(), items * sizeof(double)) == 0,
                   "the copy is wrong");
             return rate(took);
         }},
    };
}

std::vector<Side> warm(const Settings& settings) {
    const int threads = int(settings.workers);
    const auto in = std::make_shared<std::vector<double>>(input());
    const auto pool = std::make_shared<mp::Pool>(unsigned(settings.workers));
    return {
        {"mp", [=] { return mp_new_vector(*pool, *in); }},
        {"OpenMP static", [=] { return openmp_new_vector(threads, *in); }, {0.5}},
    };
}

// No pool and no thread may exist here before the children do, so that nothing in them is warm.
std::vector<Side> cold(const Settings& settings) {
    const auto workers = unsigned(settings.workers);
    const auto in = std::make_shared<std::vector<double>>(input());
    return {
        {"mp",
         [=] {
             return in_child([&] {
                 mp::Pool pool(workers);
                 return mp_new_vector(pool, *in);
             });
         }},
        {"OpenMP static",
         [=] { return in_child([&] { return openmp_new_vector(int(workers), *in); }); }},
    };
}

} // namespace

std::vector<Workload> maps() {
    return {
        {"map-shared", "map_into over 20 million doubles between two SharedArrays", "M/s",
         Better::higher, Rounds::warm, shared},
        {"map-vector", "map over a vector of 20 million doubles into a new one, arena warm", "M/s",
         Better::higher, Rounds::warm, warm},
        {"map-vector-cold", "map over such a vector, the first call in a fresh process and pool",
         "M/s", Better::higher, Rounds::cold, cold},
    };
}

} // namespace bench
