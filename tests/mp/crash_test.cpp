// The crash table: every way to fail, at every stage of a task's life, in every form of call. Each
// case ends with the right error, and the pool then works.

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdlib>
#include <functional>
#include <mp/mp.hpp>
#include <ranges>
#include <stdexcept>
#include <string>
#include <vector>

#include "support/invariants.hpp"

namespace {

enum class Way { segfault, abort, leave, exit, exception, overflow, nasty_exception, count_ };
enum class CrashPoint { nowhere, decoding, function, encoding, destructor, count_ };

pid_t owner = 0; // as seen by the workers

struct Nasty {
    Nasty() = default;
    Nasty(const Nasty&) { throw std::runtime_error("no copy"); }
};

int overflow(int depth) {
    volatile char frame[4096] = {};
    frame[0] = static_cast<char>(depth);
    return depth == 1 << 30 ? 0 : overflow(depth + 1) + frame[0];
}

// In a worker; the owner packs and unpacks the same types.
void fail(Way way) {
    if (getpid() == owner) return;
    switch (way) {
    case Way::segfault:
        std::raise(SIGSEGV);
        break;
    case Way::abort:
        std::abort();
    case Way::leave:
        _exit(3);
    case Way::exit:
        std::exit(0);
    case Way::exception:
        throw std::runtime_error("as planned");
    case Way::overflow:
        overflow(0);
        break;
    default:
        throw Nasty();
    }
}

struct Item {
    Way way = Way::segfault;
    CrashPoint point = CrashPoint::nowhere;
    bool armed = false; // a moved-from object does not fail

    Item() = default;
    Item(Way w, CrashPoint p) : way(w), point(p) {}
    Item(const Item&) = default;
    Item& operator=(const Item&) = default;
    ~Item() {
        if (armed && point == CrashPoint::destructor) fail(way);
    }
    template <class Archive> void save(Archive& archive) const { archive(way, point); }
    template <class Archive> void load(Archive& archive) {
        archive(way, point);
        if (point == CrashPoint::decoding) fail(way);
        armed = true;
    }
};

struct Result {
    Item item;
    template <class Archive> void save(Archive& archive) const {
        if (item.point == CrashPoint::encoding) fail(item.way);
        archive(item.way);
    }
    template <class Archive> void load(Archive& archive) { archive(item.way); }
};

Result function(const Item& item) {
    if (item.point == CrashPoint::function) fail(item.way);
    Result result{item};
    result.item.armed = false;
    return result;
}

class Crash : public support::Invariants {
protected:
    Crash() { owner = getpid(); }

    // The name of what is thrown.
    static std::string error_of(const std::function<void()>& call) {
        try {
            call();
        } catch (const mp::WorkerDied& error) {
            return mp::describe_exit(error.exitcode()) + " at " + std::to_string(error.item());
        } catch (const mp::RemoteError& error) {
            return "exception at " + std::to_string(error.item());
        }
        return "nothing";
    }

    static std::string expected(Way way, CrashPoint point, std::size_t item) {
        const std::string at = " at " + std::to_string(item);
        const bool thrown = way == Way::exception || way == Way::nasty_exception;
        if (thrown) return (point == CrashPoint::destructor ? "SIGABRT" : "exception") + at;
        switch (way) {
        case Way::abort:
            return "SIGABRT" + at;
        case Way::leave:
            return "exit code 3" + at;
        case Way::exit:
            return "exit code 0" + at;
        default:
            return "SIGSEGV" + at;
        }
    }

    static void for_each_case(const std::function<void(Way, CrashPoint)>& test) {
        for (int way = 0; way < static_cast<int>(Way::count_); ++way)
            for (int point = 1; point < static_cast<int>(CrashPoint::count_); ++point) {
                SCOPED_TRACE("way " + std::to_string(way) + ", place " + std::to_string(point));
                test(static_cast<Way>(way), static_cast<CrashPoint>(point));
            }
    }

    static std::vector<Item> items_with(Way way, CrashPoint point) {
        std::vector<Item> items(7);
        items[4] = Item(way, point);
        return items;
    }
};

TEST_F(Crash, at_every_place_of_a_map_fails_its_item_alone) {
    mp::Pool pool(2);
    for_each_case([&](Way way, CrashPoint point) {
        for (const std::size_t chunksize : {1U, 7U})
            EXPECT_EQ(error_of([&] { pool.map(function, items_with(way, point), chunksize); }),
                      expected(way, point, 4));
        EXPECT_EQ(pool.map(function, std::vector<Item>(5)).size(), 5U);
    });
}

TEST_F(Crash, at_every_place_of_an_imap_fails_its_item_alone) {
    mp::Pool pool(2);
    for_each_case([&](Way way, CrashPoint point) {
        const std::vector<Item> items = items_with(way, point);
        auto results = pool.imap(function, items, {.chunksize = 3});
        int seen = 0;
        std::string error;
        for (bool more = true; more;)
            error += error_of([&] {
                for (auto at = results.begin(); at != results.end(); ++at) ++seen;
                more = false;
            });
        EXPECT_EQ(seen, 6);
        EXPECT_EQ(error, expected(way, point, 4) + "nothing");
    });
}

TEST_F(Crash, at_every_place_of_a_call_fails_it_alone) {
    mp::Pool pool(2);
    for_each_case([&](Way way, CrashPoint point) {
        auto bad = pool.apply_async(function, Item(way, point));
        auto good = pool.apply_async(function, Item());
        EXPECT_EQ(error_of([&] { bad.get(); }), expected(way, point, 0));
        EXPECT_EQ(good.get().item.way, Way::segfault);
    });
}

TEST_F(Crash, of_the_initializer_is_the_constructors_error) {
    static Way planned = Way::segfault;
    for (int way = 0; way < static_cast<int>(Way::count_); ++way) {
        planned = static_cast<Way>(way);
        const bool thrown = planned == Way::exception || planned == Way::nasty_exception;
        try {
            const mp::Pool never({.processes = 2, .initializer = [] { fail(planned); }});
            ADD_FAILURE() << "nothing was thrown, " << way;
        } catch (const mp::RemoteError&) {
            EXPECT_TRUE(thrown) << way;
        } catch (const mp::BrokenPool& error) {
            EXPECT_FALSE(thrown) << way << ": " << error.what();
        }
    }
}

TEST_F(Crash, of_workers_by_each_other_is_survived) {
    mp::Pool pool({.processes = 4, .retries = 1000});
    const mp::SharedArray<std::atomic<pid_t>> workers(4);
    const mp::SharedArray<std::atomic<bool>> murdered(200);
    const auto murder = [all = workers.span(), done = murdered.span()](std::size_t i) {
        all[mp::worker_index()] = getpid();
        if (i % 3 != 0 || done[i].exchange(true)) return i;
        // A sibling that still exists, and not a process that reused its pid; or the process
        // itself.
        const pid_t victim = all[i % all.size()].exchange(0);
        if (victim != 0) kill(victim, SIGKILL);
        return i;
    };
    const auto items = std::views::iota(std::size_t{0}, murdered.size());
    EXPECT_TRUE(std::ranges::equal(pool.map(murder, items, 1), items));
}

TEST_F(Crash, a_hundred_bad_tasks_among_a_hundred_good_ones) {
    mp::Pool pool(2);
    std::vector<mp::AsyncResult<int>> tasks;
    for (int i = 0; i < 200; ++i)
        tasks.push_back(pool.apply_async([](int j) { return j % 2 != 0 ? _exit(1), j : j; }, i));
    for (int i = 0; i < 200; ++i) {
        auto& task = tasks[static_cast<std::size_t>(i)];
        if (i % 2 == 0)
            EXPECT_EQ(task.get(), i);
        else
            EXPECT_THROW(task.get(), mp::WorkerDied);
    }
}

} // namespace
