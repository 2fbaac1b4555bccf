"""process_demo: three processes run three functions on one list, all at once.

You will see two lines from each child, in any order, then "Done". Each child
changes the variable `changes`; that of the parent stays 0, because a process
has its own memory. Answers come back through a Value, which all of them see.

Then two children roll dice. A copied generator rolls the same dice twice;
a seed for each child makes them differ.

    python3 process_demo.py 1 3 5 7 9
"""

import math
import os
import sys
from multiprocessing import Array, Process, Value

changes = 0


class Generator:
    """Random numbers, the same as those of std::minstd_rand in C++."""

    def __init__(self, seed):
        self.state = seed

    def next(self):
        self.state = self.state * 48271 % (2**31 - 1)
        return self.state


def give(name, value, answer):
    global changes
    changes += 1
    answer.value = value
    lines = f"  {name:<8} {value:>10.15g}   changes {changes}\n"
    lines += f"    process {os.getpid()}, parent {os.getppid()}\n"
    print(lines, end="")  # at once: other children print, too


def mean(values, answer):
    give("mean", sum(values) / len(values), answer)


def product(values, answer):
    give("product", math.prod(values), answer)


def choice(values, answer, seed):
    generator = Generator(seed)
    give("choice", values[generator.next() % len(values)], answer)


def three_processes(values, answers, seed):
    processes = [
        Process(target=mean, args=(values, answers[0])),
        Process(target=product, args=(values, answers[1])),
        Process(target=choice, args=(values, answers[2], seed)),
    ]
    for process in processes:
        process.start()  # returns at once
    for process in processes:
        process.join()  # waits until the process has ended


def roll(generator, dice):
    for i in range(len(dice)):
        dice[i] = 1 + generator.next() % 6


def two_children_roll(first, second):
    dice = [Array("i", 5), Array("i", 5)]
    one = Process(target=roll, args=(first, dice[0]))
    two = Process(target=roll, args=(second, dice[1]))
    one.start()
    two.start()
    one.join()
    two.join()
    return dice


def show(what, both):
    print(f"  {what}:", *(die for dice in both for die in dice))


def main():
    values = [float(value) for value in sys.argv[1:]] or [1, 3, 5, 7, 9]
    answers = [Value("d"), Value("d"), Value("d")]
    three_processes(values, answers, seed=1)
    print("Done")
    total = sum(answer.value for answer in answers)
    print(f"In the parent: answers sum to {total:.12g}, changes {changes}")

    generator = Generator(1)
    show("a copied generator", two_children_roll(generator, generator))
    show("a seed for each", two_children_roll(Generator(1), Generator(2)))


# A child may import this file to find its function. Without this line, the
# import would run main() again, in every child.
if __name__ == "__main__":
    main()
