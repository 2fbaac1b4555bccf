// pi as one sum: the area under 4 / (1 + x * x) from 0 to 1, in strips.
//
//     ./pi 100000000 2     a hundred million strips, 2 workers
//
// Question: how do several workers add up one sum?
// Change only the marked lines, and include <mp/mp.hpp>.

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
    // CHANGE HERE: each worker adds its part of the strips; add up the parts.
    const double pi = add_strips(0, strips, 1, strips);

    std::printf("pi %.9f\n", pi);
}
