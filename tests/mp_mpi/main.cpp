// mp_mpi_tests [N]: every rank starts here, with N worker processes. Rank 0 runs the tests, the
// others the tasks of their pools.

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <mp/mp.hpp>

#include "mp/conformance.hpp"

std::vector<std::string> tested_backends() { return {"mpi"}; }

std::vector<std::string> sharing_backends() { return {}; }

int main(int argc, char** argv) {
    try {
        testing::InitGoogleTest(&argc, argv);
        const auto processes = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 0;
        mp::Ranks ranks({.processes = static_cast<unsigned>(processes)});
        return ranks.rank() == 0 ? RUN_ALL_TESTS() : ranks.serve();
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 1;
    }
}
