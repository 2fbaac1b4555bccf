// Times the pi kernel and its peers, one after the other in each repeat, so that a busy moment of
// the machine affects all of them. Prints JSON lines; README.md here explains them.

#include "bench/pi_peers.hpp"
#include "mpworkshop/kit/pi.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <functional>
#include <numbers>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace {

double pi_threads(std::uint64_t steps, std::uint64_t threads) {
    std::vector<mpworkshop::kit::Sum> partials(threads);
    std::vector<std::thread> workers;
    const auto work = [=, &partials](std::uint64_t rank) {
        partials[rank] = mpworkshop::kit::partial_pi(rank, threads, steps);
    };
    for (std::uint64_t rank = 1; rank < threads; ++rank) workers.emplace_back(work, rank);
    work(0); // as OpenMP does
    for (auto& worker : workers) worker.join();
    return mpworkshop::kit::pi_from(partials);
}

struct Peer {
    std::string name;
    int threads;
    double tolerance;
    std::function<double()> pi;
    std::vector<double> seconds = {};
};

std::vector<Peer> make_peers(std::uint64_t n, int threads) {
    constexpr double kernel = 1e-15, careful = 1e-13, plain = 1e-11; // one sum of 1e9 terms drifts
    const auto ranks = std::uint64_t(threads);
    std::vector<Peer> peers = {
        {"kernel", 1, kernel, [=] { return mpworkshop::kit::pi_serial(n); }},
        {"scalar", 1, plain, [=] { return bench::pi_scalar(n); }},
        {"openmp", 1, plain, [=] { return bench::pi_openmp(n, 1); }},
        {"openmp-blocks", 1, careful, [=] { return bench::pi_openmp_blocks(n, 1); }},
        {"kernel", threads, kernel, [=] { return pi_threads(n, ranks); }},
        {"openmp", threads, plain, [=] { return bench::pi_openmp(n, threads); }},
        {"openmp-blocks", threads, careful, [=] { return bench::pi_openmp_blocks(n, threads); }}};
    for (const bench::ByHand& each : bench::by_hand())
        peers.insert(peers.begin() + 1, {each.name, 1, careful, [=] { return each.pi(n); }});
    return peers;
}

double once(const Peer& peer) {
    const auto start = std::chrono::steady_clock::now();
    const double error = std::abs(peer.pi() - std::numbers::pi);
    const std::chrono::duration<double> time = std::chrono::steady_clock::now() - start;
    if (!(error <= peer.tolerance))
        throw std::runtime_error(peer.name + " is wrong by " + std::to_string(error));
    return time.count();
}

double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return (values[(values.size() - 1) / 2] + values[values.size() / 2]) / 2;
}

/// How many times as long as the kernel it took: the median over the repeats.
double times_kernel(const Peer& peer, const std::vector<Peer>& peers) {
    const auto kernel = std::find_if(peers.begin(), peers.end(), [&](const Peer& other) {
        return other.name == "kernel" && other.threads == peer.threads;
    });
    std::vector<double> ratios;
    for (std::size_t r = 0; r < peer.seconds.size(); ++r)
        ratios.push_back(peer.seconds[r] / kernel->seconds[r]);
    return median(ratios);
}

void compare(std::uint64_t steps, int repeats, int threads) {
    auto peers = make_peers(steps, threads);
    for (auto& peer : peers) once(peer); // warms up
    for (int r = 0; r < repeats; ++r)
        for (auto& peer : peers) peer.seconds.push_back(once(peer));
    for (const auto& peer : peers) {
        std::printf(R"({"peer": "%s", "threads": %d, "steps": %.0f, )", peer.name.c_str(),
                    peer.threads, double(steps));
        std::printf(R"("median_s": %.6f, "times_kernel": %.3f, "seconds": [)", median(peer.seconds),
                    times_kernel(peer, peers));
        for (std::size_t r = 0; r < peer.seconds.size(); ++r)
            std::printf("%s%.6f", r == 0 ? "" : ", ", peer.seconds[r]);
        std::puts("]}");
    }
}

/// Accepts "1e9" and "1000000000".
long number(const std::string& text) {
    const double value = std::stod(text);
    if (!(value >= 1 && value <= 0x1p53)) throw std::invalid_argument("not a number: " + text);
    return long(value);
}

} // namespace

int main(int argc, char** argv) try {
    const std::vector<std::string> args(argv + 1, argv + argc);
    if (args.size() == 3 && args[0] == "--omp") {
        const double pi =
            bench::pi_openmp_blocks(std::uint64_t(number(args[1])), int(number(args[2])));
        std::printf("%.16f\n", pi);
        return 0;
    }
    long steps = 1'000'000'000, repeats = 7, threads = 2;
    for (std::size_t i = 0; i < args.size(); i += 2) {
        auto& value = args[i] == "--steps"     ? steps
                      : args[i] == "--repeats" ? repeats
                      : args[i] == "--threads" ? threads
                                               : throw std::invalid_argument("what is " + args[i]);
        value = number(i + 1 < args.size() ? args[i + 1] : "");
    }
    compare(std::uint64_t(steps), int(repeats), int(threads));
} catch (const std::exception& error) {
    std::fprintf(stderr,
                 "pi_peers: %s; usage: pi_peers [--steps N] [--repeats N] [--threads N], "
                 "or --omp STEPS THREADS\n",
                 error.what());
    return 1;
}
