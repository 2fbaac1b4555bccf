#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

// A workload of mpbench: the same work done by the engine and by its peers.

namespace bench {

/// The settings that the command line may change.
struct Settings {
    std::uint64_t repeats = 10;
    std::uint64_t workers = 2; ///< of the engine, and threads of its peers
    std::uint64_t pi_steps = 10'000'000'000;
    std::uint64_t imap_items = 10'000'000;
    std::uint64_t idle_seconds = 10;
};

enum class Better { lower, higher };

/// What the engine must reach, in the direction of Better; met when either value is reached.
struct Bar {
    std::optional<double> ratio{}; ///< the engine's figure divided by the peer's
    std::optional<double> value{}; ///< the engine's figure alone
};

/// One way to do the work.
struct Side {
    std::string name;
    /// Does the work once; returns the figure in the workload's unit. Errors: any exception when
    /// the result is wrong: the peer is then not compared.
    std::function<double()> figure;
    Bar bar{}; ///< the engine's against this peer; in the engine's own Side: on its own figure
};

enum class Rounds {
    warm, ///< one uncounted repeat, then Settings::repeats
    cold, ///< Settings::repeats
    one   ///< a single one, for work that takes long and does not vary
};

/// The same work by the engine, which comes first, and its peers, if any.
struct Workload {
    std::string name;
    std::string summary;
    std::string unit;
    Better better;
    Rounds rounds;
    /// Sets up, once, in a separate process. Nothing may be left behind when the sides are
    /// destroyed.
    std::function<std::vector<Side>(const Settings&)> sides;
};

/// The groups of workloads, each in the file of that name.
std::vector<Workload> latency();
std::vector<Workload> tasks();
std::vector<Workload> maps();
std::vector<Workload> starting();
std::vector<Workload> memory();
std::vector<Workload> growth();
std::vector<Workload> commands();
std::vector<Workload> pi_sums();

/// How long `work` takes, in seconds.
template <class F> double seconds(F&& work) {
    const auto start = std::chrono::steady_clock::now();
    std::forward<F>(work)();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

inline void check(bool right, const char* what) {
    if (!right) throw std::runtime_error(what);
}

/// The usual stand-in for a small task: about 1 ns, and never inlined into the caller's loop.
[[gnu::noinline]] inline double to_celsius(double fahrenheit) {
    asm volatile(""); // else a call whose result is known would be left out
    return (fahrenheit - 32) * (5.0 / 9.0);
}

} // namespace bench
