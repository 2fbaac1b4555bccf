#include <mp/mp.hpp>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

// Squares by map, sums in memory that all workers see; every result is checked.
int main() {
    mp::Pool pool(2);
    const std::vector<int> squares = pool.map([](int x) { return x * x; }, std::vector{1, 2, 3});
    if (squares != std::vector{1, 4, 9}) return EXIT_FAILURE;

    mp::SharedArray<double> halves(100);
    std::vector<std::size_t> indices(halves.size());
    for (std::size_t i = 0; i < indices.size(); ++i) indices[i] = i;
    mp::Pool writers(2); // made after the array, because its workers must see it
    writers.map([all = halves.span()](std::size_t i) { all[i] = static_cast<double>(i) / 2; },
                indices);
    double sum = 0;
    for (double half : halves) sum += half;
    if (sum != 2475) return EXIT_FAILURE;

    const std::string text =
        pool.apply([](std::string word) { return word + "!"; }, std::string("done"));
    std::printf("%s\n", text.c_str());
    return text == "done!" ? EXIT_SUCCESS : EXIT_FAILURE;
}
