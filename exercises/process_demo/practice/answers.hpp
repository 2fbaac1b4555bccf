#pragma once

// The work of this task: three questions about the same random numbers. Each
// takes a quarter of a second or so, and needs nothing from the other two.

struct Random {
    long state = 1;
    double next() { // from 0 to 1
        state = state * 48271 % 2147483647;
        return double(state) / 2147483647;
    }
};

inline double mean(long numbers) {
    Random random;
    double sum = 0;
    for (long i = 0; i < numbers; ++i) sum += random.next();
    return sum / double(numbers);
}

inline double longest_gap(long numbers) {
    Random random;
    double before = 0, longest = 0;
    for (long i = 0; i < numbers; ++i) {
        const double now = random.next();
        if (now - before > longest) longest = now - before;
        before = now;
    }
    return longest;
}

inline double above_half(long numbers) {
    Random random;
    long found = 0;
    for (long i = 0; i < numbers; ++i) found += random.next() > 0.5 ? 1 : 0;
    return double(found) / double(numbers);
}
