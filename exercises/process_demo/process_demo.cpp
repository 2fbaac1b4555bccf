// process_demo: three processes run three functions on one list, all at once.
//
// You will see one line from each child, in any order, then "Done". Each child
// changes the variable `changes`; that of the parent stays 0, because a
// process has its own memory. Answers come back through a SharedValue, which
// all of them see.
//
// Then two children roll dice. A copied generator rolls the same dice twice;
// a seed for each child makes them differ.
//
//     ./process_demo 1 3 5 7 9

#include <mp/mp.hpp>

#include <cstdio>
#include <cstdlib>
#include <functional>
#include <numeric>
#include <random>
#include <vector>

using Values = std::vector<double>;
using Answer = mp::SharedValue<double>;
using Generator = std::minstd_rand;

int changes = 0;

void give(const char* name, double value, Answer& answer) {
    ++changes;
    *answer = value;
    std::printf("  %s is %.12g, changes %d, pid %d\n", name, value, changes,
                mp::this_process::pid());
}

void mean(const Values& values, Answer& answer) {
    const double sum = std::accumulate(values.begin(), values.end(), 0.0);
    give("mean", sum / double(values.size()), answer);
}

void product(const Values& values, Answer& answer) {
    double product = 1;
    for (double value : values) product *= value;
    give("product", product, answer);
}

void choice(const Values& values, Answer& answer, unsigned seed) {
    Generator generator(seed);
    give("choice", values[generator() % values.size()], answer);
}

std::vector<mp::Process> three_processes(const Values& values,
                                         std::vector<Answer>& answers,
                                         unsigned seed) {
    std::vector<mp::Process> processes;
    processes.emplace_back(mean, values, std::ref(answers[0]));
    processes.emplace_back(product, values, std::ref(answers[1]));
    processes.emplace_back(choice, values, std::ref(answers[2]), seed);
    for (mp::Process& process : processes) process.start(); // returns at once
    for (mp::Process& process : processes)
        process.join(); // waits until the process has ended
    return processes;
}

void roll(const char* what, Generator generator) {
    std::printf("  %s:", what);
    for (int i = 0; i < 5; ++i) std::printf(" %d", int(1 + generator() % 6));
    std::printf("\n");
}

void two_children_roll(const char* what, const Generator& first,
                       const Generator& second) {
    mp::Process one(roll, what, first), two(roll, what, second);
    one.start();
    two.start();
    one.join();
    two.join();
}

#ifndef MPWORKSHOP_LESSON // mpworkshop brings its own main
int main(int argc, char** argv) {
    Values values;
    for (int i = 1; i < argc; ++i) values.push_back(std::atof(argv[i]));
    if (values.empty()) values = {1, 3, 5, 7, 9};
    std::vector<Answer> answers(3);
    three_processes(values, answers, 1);
    std::printf("Done\n");
    const double total = *answers[0] + *answers[1] + *answers[2];
    std::printf("In the parent: answers sum to %.12g, changes %d\n", total,
                changes);

    const Generator generator(1);
    two_children_roll("a copied generator", generator, generator);
    two_children_roll("a seed for each", Generator(1), Generator(2));
}
#endif
