"""The work of this task."""


def plus_one(number):
    return number + 1
