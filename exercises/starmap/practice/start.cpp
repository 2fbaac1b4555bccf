// How often does each particle meet each other one? One pair after the other.
//
//     ./starmap 10 2     10 x 10 pairs, 2 workers
//
// Question: how does a function of two arguments get its inputs from a pool?
// Change only the marked loops, and include <mp/mp.hpp>.

#include "meet.hpp"

#include <cstdio>
#include <cstdlib>
#include <utility>
#include <vector>

int main(int argc, char** argv) {
    const int count = argc > 1 ? std::atoi(argv[1]) : 10;
    const int workers = argc > 2 ? std::atoi(argv[2]) : 2;

    // CHANGE HERE: make a list of all pairs (a, b), and starmap meet() over
    // it.
    std::vector<int> meetings;
    for (int a = 0; a < count; ++a)
        for (int b = 0; b < count; ++b) meetings.push_back(meet(a, b));

    for (int i = 0; i < count * count; ++i)
        std::printf("%d and %d: %d\n", i / count, i % count, meetings[i]);
}
