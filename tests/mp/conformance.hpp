#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <mp/mp.hpp>
#include <string>
#include <vector>

#include "support/invariants.hpp"

/// The backends that an executable tests: backend_names(), or what a plugin adds.
std::vector<std::string> tested_backends();
/// Those whose workers see this process's shared memory.
std::vector<std::string> sharing_backends();

/// A test that every backend must pass; `serial` is the reference for the rest.
class Conformance : public support::Invariants, public testing::WithParamInterface<std::string> {
protected:
    mp::PoolOptions with(unsigned processes) const {
        mp::PoolOptions options;
        options.backend = GetParam();
        options.processes = options.backend == "mpi" // which has as many as there are ranks
                                ? std::min(processes, mp::default_processes("mpi"))
                                : processes;
        return options;
    }

private:
    // Workers see memory as it is when the pool is made, so the pool's address must be noted before
    // that.
    inline static const mp::Pool* under_test = nullptr;
    [[maybe_unused]] const bool noted_ = (under_test = &pool, true);

protected:
    static mp::Pool& pool_under_test() { return const_cast<mp::Pool&>(*under_test); }
    mp::Pool pool{with(3)};
};

/// The same for tests whose tasks write to a SharedArray, or read what the pool's owner has.
class Sharing : public Conformance {};

inline int square(int i) { return i * i; }
