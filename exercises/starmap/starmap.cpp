// starmap: a function of several arguments, over inputs that are tuples.
//
// Pool::map gives its function one argument. Pool::starmap unpacks each tuple.
// You will see the product of each pair, in the order of the pairs: the
// factors of each add up to COUNT + 1.
//
//     ./starmap 9 4     9 pairs, 4 workers

#include <mp/mp.hpp>

#include <cstdio>
#include <cstdlib>
#include <utility>
#include <vector>

using Pairs = std::vector<std::pair<double, double>>;
using Products = std::vector<double>;

double multiply(double a, double b) { return a * b; }

// (1, count), (2, count - 1) and so on, up to (count, 1).
Pairs make_pairs(int count) {
    Pairs pairs;
    for (int i = 1; i <= count; ++i) pairs.push_back({i, count + 1 - i});
    return pairs;
}

Products multiply_in_a_pool(mp::Pool& pool, const Pairs& pairs,
                            std::size_t chunksize = mp::auto_chunksize) {
    return pool.starmap(multiply, pairs, chunksize);
}

Products multiply_in_a_loop(const Pairs& pairs) {
    Products products;
    for (auto [a, b] : pairs) products.push_back(multiply(a, b));
    return products;
}

#ifndef MPWORKSHOP_LESSON // mpworkshop brings its own main
int main(int argc, char** argv) {
    const int count = argc > 1 ? std::atoi(argv[1]) : 9;
    const int workers = argc > 2 ? std::atoi(argv[2]) : 4;
    if (count < 1 || workers < 1) {
        std::fputs("starmap: COUNT and WORKERS must be at least 1\n", stderr);
        return 2;
    }

    mp::Pool pool(workers);
    const Pairs pairs = make_pairs(count);
    const Products products = multiply_in_a_pool(pool, pairs);
    for (int i = 0; i < count; ++i)
        std::printf("%g x %g = %.12g\n", pairs[i].first, pairs[i].second,
                    products[i]);
}
#endif
