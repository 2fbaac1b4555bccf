// process_demo: three processes run three functions on one list, all at once.
//
// You will see two lines from each child, in any order, then "Done". Each
// child changes the variable `changes`; that of the parent stays 0, because a
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
using Dice = mp::SharedArray<int>;
using Generator = std::minstd_rand;

int changes = 0;

void give(const char* name, double value, Answer& answer) {
    ++changes;
    *answer = value;
    char lines[160];
    std::snprintf(lines, sizeof lines,
                  "  %-8s %10.15g   changes %d\n    process %d, parent %d\n",
                  name, value, changes, mp::this_process::pid(),
                  mp::this_process::parent_pid());
    std::fputs(lines, stdout); // at once: other children print, too
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

void roll(Generator generator, Dice& dice) {
    for (int& die : dice) die = int(1 + generator() % 6);
}

std::vector<Dice> two_children_roll(Generator first, Generator second) {
    std::vector<Dice> dice;
    for (int child = 0; child < 2; ++child) dice.emplace_back(5);
    mp::Process one(roll, first, std::ref(dice[0]));
    mp::Process two(roll, second, std::ref(dice[1]));
    one.start();
    two.start();
    one.join();
    two.join();
    return dice;
}

#ifndef MPWORKSHOP_LESSON // mpworkshop brings its own main
void print(const char* what, const std::vector<Dice>& both) {
    std::printf("  %s:", what);
    for (const Dice& dice : both)
        for (int die : dice) std::printf(" %d", die);
    std::printf("\n");
}

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
    print("a copied generator", two_children_roll(generator, generator));
    print("a seed for each", two_children_roll(Generator(1), Generator(2)));
}
#endif
