// map: one function over many inputs, shared out to a pool of workers.
//
// Temperatures in degrees Fahrenheit become degrees Celsius. You will see one
// line for each, in the order of the inputs, whichever worker was first.
//
//     ./map 50 4     50 temperatures, 4 workers

#include <mp/mp.hpp>

#include <cstdio>
#include <cstdlib>
#include <vector>

using Numbers = std::vector<double>;

double to_celsius(double fahrenheit) { return (fahrenheit - 32) / 9 * 5; }

// 32 F, 33.8 F, 35.6 F and so on: whole degrees Celsius, from 0 on.
Numbers temperatures(int count) {
    Numbers fahrenheit(count);
    for (int i = 0; i < count; ++i) fahrenheit[i] = 32 + 1.8 * i;
    return fahrenheit;
}

Numbers convert_in_a_pool(mp::Pool& pool, const Numbers& fahrenheit,
                          std::size_t chunksize = mp::auto_chunksize) {
    return pool.map(to_celsius, fahrenheit, chunksize);
}

Numbers convert_in_a_loop(const Numbers& fahrenheit) {
    Numbers celsius;
    for (double f : fahrenheit) celsius.push_back(to_celsius(f));
    return celsius;
}

#ifndef MPWORKSHOP_LESSON // mpworkshop brings its own main
int main(int argc, char** argv) {
    const int count = argc > 1 ? std::atoi(argv[1]) : 50;
    const int workers = argc > 2 ? std::atoi(argv[2]) : 4;
    if (count < 1 || workers < 1) {
        std::fputs("map: COUNT and WORKERS must be at least 1\n", stderr);
        return 2;
    }

    mp::Pool pool(workers);
    const Numbers fahrenheit = temperatures(count);
    const Numbers celsius = convert_in_a_pool(pool, fahrenheit);
    for (int i = 0; i < count; ++i)
        std::printf("%.12g F = %.12g C\n", fahrenheit[i], celsius[i]);
}
#endif
