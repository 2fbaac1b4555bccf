#include "mpworkshop/sys/usage.hpp"

#include <sys/resource.h>

#include <ctime>
#include <initializer_list>

namespace mpworkshop::sys {

double cpu_seconds() {
    double sum = 0;
    for (const auto who : {RUSAGE_SELF, RUSAGE_CHILDREN}) {
        rusage used = {};
        ::getrusage(who, &used);
        sum += cpu_seconds(used);
    }
    return sum;
}

double cpu_seconds(const rusage& used) {
    double sum = 0;
    for (const timeval& time : {used.ru_utime, used.ru_stime})
        sum += double(time.tv_sec) + double(time.tv_usec) * 1e-6;
    return sum;
}

double cpu_seconds_of(pid_t process) {
    clockid_t clock = {};
    timespec used = {};
    if (::clock_getcpuclockid(process, &clock) != 0 || ::clock_gettime(clock, &used) != 0) return 0;
    return double(used.tv_sec) + double(used.tv_nsec) * 1e-9;
}

} // namespace mpworkshop::sys
