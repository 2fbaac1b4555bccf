#include "mp/worker.hpp"

namespace mp {

namespace {
thread_local unsigned current_index = 0;
thread_local const void* current_backend = nullptr;
bool child = false;
} // namespace

unsigned worker_index() noexcept { return current_index; }

namespace detail {

void set_worker(unsigned index, const void* backend) noexcept {
    current_index = index;
    current_backend = backend;
}
const void* backend_of_this_thread() noexcept { return current_backend; }
bool in_child() noexcept { return child; }
void set_in_child() noexcept { child = true; }

} // namespace detail

} // namespace mp
