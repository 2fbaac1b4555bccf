#pragma once

#include <stdexcept>

namespace mpworkshop {

/// A malformed command line: one sentence that ends with what to write instead. Exit code 2.
class UsageError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

} // namespace mpworkshop
