#pragma once

// The work of this task: adds one to a number, slowly.
[[gnu::noinline]] inline long plus_one(long number) {
    for (volatile int i = 0; i < 20; i = i + 1) {
    }
    return number + 1;
}
