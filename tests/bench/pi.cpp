// The sum of src/mpworkshop/kit/pi.cpp: on one core against the limit, and as whole commands.

#include <cmath>
#include <numbers>
#include <string>

#include "bench/commands.hpp"
#include "bench/pi_peers.hpp"
#include "bench/workload.hpp"
#include "mpworkshop/kit/pi.hpp"

namespace bench {
namespace {

constexpr std::uint64_t one_core_steps = 300'000'000;

void check_pi(double pi) {
    check(std::abs(pi - std::numbers::pi) <= 1e-13, "pi is wrong by more than 1e-13");
}

template <class F> double checked_pi_seconds(F pi) {
    double result = 0;
    const double took = seconds([&] { result = pi(); });
    check_pi(result);
    return took;
}

std::vector<Side> one_core(const Settings&) {
    std::vector<Side> sides = {{"mp, pi_serial", [] {
                                    return checked_pi_seconds(
                                        [] { return mpworkshop::kit::pi_serial(one_core_steps); });
                                }}};
    for (const ByHand& each : by_hand())
        sides.push_back(
            {each.name,
             [pi = each.pi] { return checked_pi_seconds([=] { return pi(one_core_steps); }); },
             sides.size() == 1 ? Bar{1.05} : Bar{}}); // the widest vectors count
    return sides;
}

/// The seconds taken by a command that prints pi.
double command_seconds(const std::vector<std::string>& words) {
    std::string text;
    const double took = seconds([&] { text = output_of(words); });
    const std::size_t at = text.find("3.14");
    check(at != std::string::npos, "the command does not print pi");
    check_pi(std::stod(text.substr(at)));
    return took;
}

std::vector<Side> whole_command(const Settings& settings) {
    const std::string steps = std::to_string(settings.pi_steps);
    const std::string workers = std::to_string(settings.workers);
    return {
        {"mp, pi-parallel",
         [=] {
             return command_seconds(
                 {MPBENCH_PROGRAM, "pi-parallel", steps, "--processes", workers, "--quiet"});
         }},
        {"OpenMP simd",
         [=] {
             return command_seconds({MPBENCH_PI_PEERS, "--omp", steps, workers});
         },
         {1.02}},
    };
}

} // namespace

std::vector<Workload> pi_sums() {
    return {
        {"pi-one-core", "3e8 steps on one core beside intrinsics written by hand", "s",
         Better::lower, Rounds::warm, one_core},
        {"pi-all-cores", "mpworkshop pi-parallel beside an OpenMP program, start to end", "s",
         Better::lower, Rounds::cold, whole_command},
    };
}

} // namespace bench
