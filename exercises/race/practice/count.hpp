#pragma once

// The work of this task: adds one to a number, slowly: sums of floating-point
// numbers are computed one after the other.
[[gnu::noinline]] inline long plus_one(long number) {
    double slow = double(number);
    for (int i = 0; i < 2; ++i) slow = slow + 1 - 1;
    return long(slow) + 1;
}
