#include "mp/conformance.hpp"

std::vector<std::string> tested_backends() { return mp::backend_names(); }

std::vector<std::string> sharing_backends() { return mp::backend_names(); }
