// Every throw of ten dice has a random generator and a seed of its own.

#include <mp/mp.hpp>

#include <cstdio>
#include <cstdlib>
#include <numeric>
#include <random>
#include <string>
#include <vector>

std::string dice(int number) {
    std::mt19937 generator(mp::item_seed(1, number));
    std::string line = "throw " + std::to_string(number) + ":";
    for (int die = 0; die < 10; ++die)
        line += " " + std::to_string(1 + generator() % 6);
    return line;
}

int main(int argc, char** argv) {
    std::vector<int> numbers(argc > 1 ? std::atoi(argv[1]) : 6);
    std::iota(numbers.begin(), numbers.end(), 0);
    mp::Pool pool(argc > 2 ? std::atoi(argv[2]) : 2);
    for (const auto& line : pool.map(dice, numbers)) std::puts(line.c_str());
}
