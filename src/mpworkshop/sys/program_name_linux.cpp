#include <cerrno>

#include "mpworkshop/sys/program_name.hpp"

namespace mpworkshop::sys {

std::string program_name() { return program_invocation_name; }

} // namespace mpworkshop::sys
