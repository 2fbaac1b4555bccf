#pragma once

// The work of this task: counts up to `size`, one step at a time. Most sizes
// are tiny.
inline long count_up(int size) {
    double number = 0;
    for (int i = 0; i < size; ++i) number += 1;
    return long(number);
}
