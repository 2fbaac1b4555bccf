#pragma once

// The work of this task: a particle takes a million random steps to the left
// or to the right. Every number is another particle, and the same number is
// always the same one. Returns where the particle ends. It takes some
// milliseconds, and depends on nothing but its argument.
inline long simulate(int number) {
    long random = 1 + number, position = 0;
    for (int step = 0; step < 1'000'000; ++step) {
        random = random * 48271 % 2147483647;
        position += random % 2 == 0 ? 1 : -1;
    }
    return position;
}
