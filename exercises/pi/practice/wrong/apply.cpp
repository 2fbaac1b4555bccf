// check says: waits for its result before it hands out the next part

#include <mp/mp.hpp>

#include <cstdio>
#include <cstdlib>
#include <vector>

// The strips first, first + stride, first + 2 * stride, ... below `end`.
double add_strips(long first, long end, long stride, long strips) {
    double sum = 0;
    for (long i = first; i < end; i += stride) {
        const double x = (double(i) + 0.5) / double(strips);
        sum += 4 / (1 + x * x);
    }
    return sum / double(strips);
}

int main(int argc, char** argv) {
    const long strips = argc > 1 ? std::atol(argv[1]) : 100'000'000;
    const int workers = argc > 2 ? std::atoi(argv[2]) : 2;
    mp::Pool pool(workers);
    double pi = 0;
    for (long first = 0; first < workers; ++first)
        pi += pool.apply(add_strips, first, strips, long(workers), strips);

    std::printf("pi %.9f\n", pi);
}
