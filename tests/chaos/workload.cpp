#include "chaos/workload.hpp"

#include <algorithm>
#include <chrono>
#include <functional>
#include <ranges>
#include <thread>
#include <tuple>
#include <utility>

namespace chaos {

namespace {

using Number = std::uint64_t;

// A few nanoseconds, and now and then long enough to be killed in the middle.
Number hash(Number i) {
    Number x = i + 0x9e3779b97f4a7c15;
    for (Number k = 0; k < (i % 97 == 0 ? 20'000 : 10); ++k)
        x = (x ^ (x >> 29)) * 0xbf58476d1ce4e5b9;
    return x;
}
Number both(Number a, Number b) { return hash(a) ^ (b << 1); }
std::string spelled(const std::string& text) {
    return std::to_string(hash(text.size())) + std::string(text.size() % 700, 'x');
}

struct Round {
    mp::Pool& pool;
    std::mt19937_64& random;
    bool retries;
    Tally& tally;

    std::size_t below(std::size_t bound) { return random() % bound; }
    std::size_t some_chunksize() {
        constexpr std::size_t sizes[] = {0, 1, 2, 7, 64, 100, 1000};
        return sizes[below(std::size(sizes))];
    }
    std::size_t some_size() { return below(4) == 0 ? below(5) : below(3000); }
    auto numbers(std::size_t size) {
        return std::views::iota(Number{0}, static_cast<Number>(size));
    }

    // A call that returns everything or throws.
    void whole(const std::function<void()>& call) {
        try {
            call();
        } catch (const mp::WorkerDied&) {
            ++(retries ? tally.lost : tally.died);
        }
    }
    template <class R> void compare(const R& result, const R& expected) {
        ++tally.results;
        if (result != expected) ++tally.wrong;
    }
    template <class R, class F>
    void compare_all(const std::vector<R>& results, std::size_t size, F f) {
        if (results.size() < size) tally.lost += size - results.size();
        if (results.size() > size) tally.doubled += results.size() - size;
        for (std::size_t i = 0; i < std::min(size, results.size()); ++i) compare(results[i], f(i));
    }

    void map() {
        const std::size_t size = some_size();
        whole([&] { compare_all(pool.map(hash, numbers(size), some_chunksize()), size, hash); });
    }
    void map_packed() {
        std::vector<std::string> texts;
        for (std::size_t i = 0, size = below(500); i < size; ++i) texts.emplace_back(i, 'a');
        whole([&] {
            compare_all(pool.map(spelled, texts, some_chunksize()), texts.size(),
                        [&](std::size_t i) { return spelled(texts[i]); });
        });
    }
    void starmap() {
        std::vector<std::pair<Number, Number>> pairs;
        for (Number i = 0, size = some_size(); i < size; ++i) pairs.emplace_back(i, 3 * i);
        whole([&] {
            compare_all(pool.starmap(both, pairs, some_chunksize()), pairs.size(),
                        [](std::size_t i) { return both(i, 3 * i); });
        });
    }
    void map_into() {
        const mp::SharedArray<Number> in(some_size() + 1), out(in.size());
        for (std::size_t i = 0; i < in.size(); ++i) in[i] = i;
        whole([&] {
            pool.map_into(hash, in.span(), out.span(), some_chunksize());
            compare_all(std::vector<Number>(out.begin(), out.end()), in.size(), hash);
        });
    }
    void imap() {
        const std::size_t size = some_size();
        const bool ordered = below(2) == 0;
        const mp::ImapOptions options{.chunksize = some_chunksize(), .read_ahead = below(300)};
        auto results = ordered ? pool.imap(hash, numbers(size), options)
                               : pool.imap_unordered(hash, numbers(size), options);
        std::vector<int> seen(size);
        std::vector<Number> values;
        std::size_t died = 0;
        for (bool more = true; more;) {
            try {
                for (auto at = results.begin(); at != results.end(); ++at) values.push_back(*at);
                more = false;
            } catch (const mp::WorkerDied& error) {
                ++died;
                if (++seen[error.item()] != 1) ++tally.doubled;
            }
        }
        retries ? tally.lost += died : tally.died += died;
        if (ordered && died == 0) return compare_all(values, size, hash);
        std::vector<Number> expected;
        for (std::size_t i = 0; i < size; ++i)
            if (seen[i] == 0) expected.push_back(hash(i));
        if (!ordered) {
            std::ranges::sort(expected);
            std::ranges::sort(values);
        }
        compare_all(values, expected.size(), [&](std::size_t i) { return expected[i]; });
    }
    void calls() {
        std::vector<mp::AsyncResult<Number>> futures;
        for (Number i = 0, size = below(300); i < size; ++i)
            futures.push_back(pool.apply_async(hash, i));
        for (Number i = 0; i < futures.size(); ++i)
            whole([&] { compare(futures[i].get(), hash(i)); });
    }
    void packed_calls() {
        std::vector<mp::AsyncResult<std::string>> futures;
        for (std::size_t i = 0, size = below(100); i < size; ++i)
            futures.push_back(pool.apply_async(spelled, std::string(i, 'b')));
        for (std::size_t i = 0; i < futures.size(); ++i)
            whole([&] { compare(futures[i].get(), spelled(std::string(i, 'b'))); });
    }
    // Results dropped while they run must reach no caller.
    void dropped() {
        auto map = pool.map_async(hash, numbers(some_size() + 1), some_chunksize());
        auto call = pool.apply_async(spelled, std::string("c"));
        auto lazy = pool.imap(hash, numbers(1000), {.chunksize = 3});
        whole([&] { compare(*lazy.begin(), hash(0)); });
    }
    void at_once() {
        const std::size_t size = some_size();
        auto one = pool.map_async(hash, numbers(size), some_chunksize());
        auto two = pool.map_async([](Number i) { return hash(i) + 1; }, numbers(size), 1);
        calls();
        imap();
        whole([&] { compare_all(two.get(), size, [](std::size_t i) { return hash(i) + 1; }); });
        whole([&] { compare_all(one.get(), size, hash); });
    }
    void idle() { std::this_thread::sleep_for(std::chrono::microseconds(below(3000))); }
};

} // namespace

void work(mp::Pool& pool, std::mt19937_64& random, bool retries, Tally& tally) {
    constexpr void (Round::*forms[])() = {
        &Round::map,   &Round::map_packed,   &Round::starmap, &Round::map_into, &Round::imap,
        &Round::calls, &Round::packed_calls, &Round::dropped, &Round::at_once,  &Round::idle};
    Round round{pool, random, retries, tally};
    (round.*forms[random() % std::size(forms)])();
}

} // namespace chaos
