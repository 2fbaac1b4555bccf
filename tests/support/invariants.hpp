#pragma once

#include <gtest/gtest.h>

#include <csignal>
#include <set>
#include <string>

#include "support/folder.hpp"

namespace support {

/// The open descriptors of this process.
std::set<int> open_descriptors();

/// Returns whether this process has a child, running or not yet reaped.
bool has_children();
/// Returns whether it has mapped a file of /dev/shm.
bool uses_dev_shm();

/// A test that must leave the process as it was: no child, no new descriptor, nothing in the
/// temporary folder, no memory from a file in /dev/shm, the same signal mask and handlers. What the
/// library creates once per process is created before the first check.
class Invariants : public testing::Test {
protected:
    Invariants();
    ~Invariants()
        override; // checks after the pools that are members of the test have been destroyed

private:
    std::set<int> descriptors_;
    bool uses_dev_shm_ = false; // MPI does
    bool had_children_ = false; // the processes of a rank
    Folder temporary_;          // set as TMPDIR
    sigset_t mask_{};
    struct sigaction handlers_[NSIG] = {};
};

} // namespace support
