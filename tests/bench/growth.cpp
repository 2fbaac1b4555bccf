// What the engine costs as the work grows: each figure is for one item, worker, task, pool or byte,
// and is compared with that of the engine itself at a small size. A ratio near 1 says that the cost
// stays flat.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <functional>
#include <iterator>
#include <memory>
#include <mp/mp.hpp>
#include <ranges>
#include <string>
#include <unistd.h>
#include <vector>

#include "bench/workload.hpp"

namespace bench {
namespace {

[[gnu::noinline]] unsigned char next_byte(unsigned char byte) {
    asm volatile(""); // else the loop over a chunk would become one of vectors
    return static_cast<unsigned char>(byte + 1);
}

/// Large first, as the engine, then small, as its peer.
std::vector<Side> large_and_small(const std::string& what, std::uint64_t large, std::uint64_t small,
                                  Bar bar, const std::function<double(std::uint64_t)>& figure) {
    const auto side = [&](std::uint64_t size, Bar its) {
        return Side{fmt::format("mp, {:.3g} {}", double(size), what), [=] { return figure(size); },
                    its};
    };
    return {side(large, {}), side(small, bar)};
}

std::vector<Side> grown_items(const Settings& settings) {
    constexpr std::uint64_t most = 1'000'000'000;
    struct Memory {
        explicit Memory(unsigned workers) : pool(workers) {}
        mp::Pool pool;
        mp::SharedArray<unsigned char> in{most}, out{most};
    };
    const auto memory = std::make_shared<Memory>(unsigned(settings.workers));
    std::ranges::fill(memory->in.span(), 41);
    return large_and_small("items", most, most / 100, {1.2}, [=](std::uint64_t count) {
        const auto in = memory->in.span().first(count), out = memory->out.span().first(count);
        const double took = seconds([&] { memory->pool.map_into(next_byte, in, out); });
        check(std::ranges::all_of(out, [](unsigned char byte) { return byte == 42; }),
              "the results are wrong");
        std::ranges::fill(out, 0);
        return took / double(count) * 1e9;
    });
}

std::vector<Side> grown_workers(const Settings&) {
    return large_and_small("workers", 1000, 10, {1.5}, [](std::uint64_t count) {
        std::vector<unsigned> results;
        const double took = seconds([&] {
            mp::Pool pool(static_cast<unsigned>(count));
            results = pool.map([](unsigned i) { return i + 1; },
                               std::views::iota(0U, static_cast<unsigned>(count)));
            pool.close();
            pool.join();
        });
        check(results.size() == count && results.back() == count, "the results are wrong");
        return took / double(count) * 1e6;
    });
}

/// Of this process.
double resident_bytes() {
    std::ifstream file("/proc/self/statm");
    double all = 0, resident = 0;
    check(bool(file >> all >> resident), "/proc does not tell how much memory is resident");
    return resident * double(::sysconf(_SC_PAGESIZE));
}

struct Calls {
    double seconds = 0;
    double bytes = 0; ///< of resident memory, gained while none of the results was collected
};

Calls calls_at_once(mp::Pool& pool, std::uint64_t count) {
    using Call = decltype(pool.apply_async(next_byte, static_cast<unsigned char>(0)));
    std::vector<Call> calls;
    calls.reserve(count);
    Calls found;
    const double before = resident_bytes();
    found.seconds = seconds([&] {
        for (std::uint64_t i = 0; i < count; ++i)
            calls.push_back(pool.apply_async(next_byte, static_cast<unsigned char>(i % 100)));
        found.bytes = resident_bytes() - before;
        for (std::uint64_t i = 0; i < count; ++i)
            check(calls[i].get() == i % 100 + 1, "a result is wrong");
    });
    return found;
}

std::vector<Side> grown_calls(const Settings& settings) {
    const auto pool = std::make_shared<mp::Pool>(unsigned(settings.workers));
    return large_and_small("calls", 1'000'000, 10'000, {1.5}, [=](std::uint64_t count) {
        return calls_at_once(*pool, count).seconds / double(count) * 1e9;
    });
}

std::vector<Side> memory_of_calls(const Settings& settings) {
    return {{"mp, 1e6 calls",
             [=] {
                 mp::Pool pool(unsigned(settings.workers));
                 return calls_at_once(pool, 1'000'000).bytes / 1e6;
             },
             {.value = 256}}};
}

std::size_t open_descriptors() {
    using Entries = std::filesystem::directory_iterator;
    return std::size_t(std::distance(Entries("/proc/self/fd"), Entries()));
}

std::vector<Side> grown_pools(const Settings& settings) {
    return large_and_small("pools", 1000, 10, {1.2}, [=](std::uint64_t count) {
        mp::Pool(1).apply(next_byte, '\0'); // the first opens what the process keeps
        const std::size_t before = open_descriptors();
        const double took = seconds([&] {
            for (std::uint64_t i = 0; i < count; ++i) {
                mp::Pool pool(unsigned(settings.workers));
                check(pool.apply(next_byte, static_cast<unsigned char>(i % 100)) == i % 100 + 1,
                      "a result is wrong");
            }
        });
        check(open_descriptors() == before, "descriptors are left open");
        return took / double(count) * 1e3;
    });
}

std::vector<Side> memory_of_pools(const Settings& settings) {
    return {{"mp, 1000 pools",
             [=] {
                 const auto make = [&](int count) {
                     for (int i = 0; i < count; ++i)
                         mp::Pool(unsigned(settings.workers)).apply(next_byte, '\0');
                 };
                 make(10);
                 const double before = resident_bytes();
                 make(1000);
                 return (resident_bytes() - before) / 1024;
             },
             {.value = 1024}}};
}

double free_bytes() {
    std::ifstream file("/proc/meminfo");
    for (std::string name; file >> name;)
        if (double kib = 0; name == "MemAvailable:" && file >> kib) return kib * 1024;
    throw std::runtime_error("/proc does not tell how much memory is free");
}

/// As much as a sixth of the memory that is free, if that is less: it is held about four times.
std::vector<Side> grown_payload(const Settings& settings) {
    const auto large = std::min(std::uint64_t{4'500'000'000}, std::uint64_t(free_bytes() / 6));
    const auto pool = std::make_shared<mp::Pool>(unsigned(settings.workers));
    return large_and_small("bytes", large, 45'000'000, {1.5}, [=](std::uint64_t size) {
        std::vector<std::string> items(1);
        items[0].assign(size, 'a');
        items[0].back() = 'z';
        std::vector<std::string> results;
        const double took = seconds([&] {
            results = pool->map(
                [](std::string text) {
                    text.front() = 'b';
                    return text;
                },
                items);
        });
        check(results.at(0).size() == size && results[0].front() == 'b' && results[0][1] == 'a' &&
                  results[0].back() == 'z',
              "the result is wrong");
        return took / double(size) * 1e9;
    });
}

} // namespace

std::vector<Workload> growth() {
    return {
        {"items-1e9", "map_into over 1e9 items of one byte, against 1e7, for one item", "ns",
         Better::lower, Rounds::cold, grown_items},
        {"workers-1000", "1,000 workers start, do one map, and leave, against 10, for one worker",
         "us", Better::lower, Rounds::cold, grown_workers},
        {"calls-1e6", "1e6 apply_async at once, then get() of each, against 1e4, for one call",
         "ns", Better::lower, Rounds::cold, grown_calls},
        {"calls-memory", "memory of 1e6 calls whose results are not collected, for one call",
         "bytes", Better::lower, Rounds::one, memory_of_calls},
        {"pools-1000", "1,000 pools of two workers, one after the other, against 10, for one pool",
         "ms", Better::lower, Rounds::cold, grown_pools},
        {"pools-memory", "memory that 1,000 pools leave behind", "KiB", Better::lower, Rounds::one,
         memory_of_pools},
        {"payload-4gb", "one item of 4.5e9 bytes and its result, against 4.5e7, for one byte", "ns",
         Better::lower, Rounds::one, grown_payload},
    };
}

} // namespace bench
