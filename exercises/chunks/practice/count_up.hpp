#pragma once

// The work of this task: counts up to `size`, slowly. Most sizes are tiny.
inline long count_up(int size) {
    volatile long number = 0;
    for (int i = 0; i < size; ++i) number = number + 1;
    return number;
}
