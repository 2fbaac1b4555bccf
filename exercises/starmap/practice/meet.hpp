#pragma once

// The work of this task: particle a and particle b take 500,000 random steps.
// Returns how often they are at the same position. It takes some milliseconds.
inline int meet(int a, int b) {
    long random_a = 1 + a, random_b = 1000 + b, distance = 0;
    int meetings = 0;
    for (int step = 0; step < 500'000; ++step) {
        random_a = random_a * 48271 % 2147483647;
        random_b = random_b * 48271 % 2147483647;
        distance += random_a % 2 - random_b % 2;
        if (distance == 0) ++meetings;
    }
    return meetings;
}
