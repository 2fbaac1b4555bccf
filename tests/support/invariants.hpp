#pragma once

#include <gtest/gtest.h>

#include <csignal>
#include <set>
#include <string>

#include "support/folder.hpp"

namespace support {

/// The descriptors that this process has open.
std::set<int> open_descriptors();

/// Whether this process has a child, running or not yet reaped.
bool has_children();
/// Whether it has mapped a file of /dev/shm.
bool uses_dev_shm();

/// A test after which the process must be as it was before: no child, no descriptor more, nothing
/// in the temporary folder, no memory from a file in /dev/shm, the same signal mask and handlers.
/// What the library makes once for the life of the process is made before the first look.
class Invariants : public testing::Test {
protected:
    Invariants();
    ~Invariants() override; // looks after the pools that are members of the test are gone

private:
    std::set<int> descriptors_;
    bool uses_dev_shm_ = false; // MPI does
    bool had_children_ = false; // a rank's team
    Folder temporary_;          // is TMPDIR
    sigset_t mask_{};
    struct sigaction handlers_[NSIG] = {};
};

} // namespace support
