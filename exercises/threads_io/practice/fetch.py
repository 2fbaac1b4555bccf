"""The work of this task: it waits, and computes nothing."""

import time


def fetch(page, milliseconds):
    """Waits for a page from a slow server; returns how many bytes came."""
    time.sleep(milliseconds / 1000)
    return 1000 + page * 7919 % 5000
