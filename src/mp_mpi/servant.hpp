#pragma once

#include "mp_mpi/message.hpp"

namespace mp_mpi {

/// Who does what rank 0 asks for.
class Servant {
public:
    virtual ~Servant() = default;

    /// REQUIRES: not `leave`. Answers now or later; what is not understood ends in an answer that
    /// says so.
    virtual void take(Message& message) = 0;
    /// Sends what is ready; whether there was anything.
    virtual bool answer() = 0;
};

} // namespace mp_mpi
