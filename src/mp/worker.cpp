#include "mp/worker.hpp"

#include <cstdio>
#include <cstdlib>

#include "mp/os/child.hpp"

namespace mp {

namespace {
thread_local unsigned current_index = 0;
thread_local const void* current_backend = nullptr;
bool child = false;
[[maybe_unused]] const bool registered = (os::on_fork([] { ++detail::fork_stamp; }), true);
} // namespace

unsigned worker_index() noexcept { return current_index; }

namespace detail {

void set_worker(unsigned index, const void* backend) noexcept {
    current_index = index;
    current_backend = backend;
}
const void* backend_of_this_thread() noexcept { return current_backend; }
const char* fork_stamp = "";

void leave_forked_copy() noexcept {
    std::fputs("mp: a task called fork(), and the child returned from the task; a child must end "
               "by _exit(). It has been ended, with exit code 1.\n",
               stderr);
    std::_Exit(1); // buffered output belongs to the worker, which prints it
}

bool in_child() noexcept { return child; }
void set_in_child() noexcept { child = true; }

} // namespace detail

} // namespace mp
