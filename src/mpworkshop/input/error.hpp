#pragma once

#include <stdexcept>

namespace mpworkshop {

/// The command line asks for something malformed: one sentence, ending in what to write instead.
/// Exit code 2.
class UsageError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

} // namespace mpworkshop
