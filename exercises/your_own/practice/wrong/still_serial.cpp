// check says: parallel() still calls serial()

#include <cstdio>
#include <mp/mp.hpp>
#include <numeric>
#include <string>
#include <vector>

double compute(double input) {
    volatile double number = input;
    for (int i = 0; i < 5'000'000; ++i) number = number * 0.999 + 1;
    return number;
}

std::vector<double> inputs() {
    std::vector<double> numbers(50);
    std::iota(numbers.begin(), numbers.end(), 1.0);
    return numbers;
}

std::vector<double> serial() {
    std::vector<double> results;
    for (double input : inputs()) results.push_back(compute(input));
    return results;
}

std::vector<double> parallel() { return serial(); }

int main(int argc, char** argv) {
    const bool pool = argc > 1 && argv[1] == std::string("parallel");
    for (double result : pool ? parallel() : serial())
        std::printf("%.12g\n", result);
}
