#pragma once

#include <gtest/gtest.h>

#include <mp/mp.hpp>
#include <string>

#include "support/invariants.hpp"

/// A test that every backend must pass; `serial` is the reference for the rest.
class Conformance : public support::Invariants, public testing::WithParamInterface<std::string> {
protected:
    mp::PoolOptions with(unsigned processes) const {
        mp::PoolOptions options;
        options.processes = processes;
        options.backend = GetParam();
        return options;
    }

private:
    // Workers see memory as it is when the pool is made, so the pool's address must be noted before
    // that.
    inline static const mp::Pool* under_test = nullptr;
    const bool noted_ = (under_test = &pool, true);

protected:
    static mp::Pool& pool_under_test() { return const_cast<mp::Pool&>(*under_test); }
    mp::Pool pool{with(3)};
};

inline int square(int i) { return i * i; }
