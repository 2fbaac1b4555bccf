# Runs functions of a lesson's Python program, and times the parts:
#     python3 -c THIS SOURCE OPTIONS
# SOURCE is the text of that program; OPTIONS is a JSON object, see kit/python.hpp. Inputs are read from standard
# input, as numbers; without any, they are those of the program. What the program prints goes to standard error.
import contextlib
import json
import multiprocessing
import resource
import signal
import sys
import time
import types

timings = []


def cpu_seconds():
    seconds = time.process_time() + sum(resource.getrusage(resource.RUSAGE_CHILDREN)[:2])
    for worker in multiprocessing.active_children():
        with contextlib.suppress(OSError), open(f"/proc/{worker.pid}/schedstat") as file:
            seconds += int(file.read().split()[0]) / 1e9
    return seconds


@contextlib.contextmanager
def timed(name):
    wall, cpu = time.perf_counter(), cpu_seconds()
    yield
    timings.append({"name": name, "wall_s": time.perf_counter() - wall, "cpu_s": cpu_seconds() - cpu})


def in_a_pool(function, *arguments):
    with timed("start"):
        context = multiprocessing.get_context("fork")  # workers find the functions without a file
        pool = context.Pool(options["workers"], signal.signal, (signal.SIGTERM, signal.SIG_DFL))
    with pool:
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # leaving `with` ends the workers
        with timed("work"):
            found = function(pool, *arguments)
        with timed("collect"):
            pool.close()
            pool.join()
    return found


def in_both_ways(in_pool, in_loop, inputs):
    found = []
    if options["only"] != "loop":
        found = in_a_pool(in_pool, inputs, options["chunksize"] or None)
    if options["only"] != "pool":
        with timed("loop"):
            found = in_loop(inputs)
    return found


def run_map():
    inputs = read_numbers() or twin.temperatures(options["size"])
    return in_both_ways(twin.convert_in_a_pool, twin.convert_in_a_loop, inputs)


def run_starmap():
    numbers = read_numbers()
    pairs = list(zip(numbers[::2], numbers[1::2])) or twin.make_pairs(options["size"])
    return in_both_ways(twin.multiply_in_a_pool, twin.multiply_in_a_loop, pairs)


def run_pi_serial():
    with timed("work"):
        return [twin.pi_serial(options["size"])]


def run_pi_parallel():
    return in_a_pool(twin.partial_sums, options["workers"], options["size"])


def run_threads_io():
    for name, way in ("loop", twin.in_a_loop), ("threads", twin.one_thread_each):
        if options["only"] in ("", name):
            with timed(name):
                twin.run(name, way, options["size"], options["seconds"])
    return []


def read_numbers():
    return [float(word) for word in sys.stdin.read().split()]


if __name__ == "__main__":
    options = json.loads(sys.argv[2])
    twin = types.ModuleType(options["lesson"])
    sys.modules[twin.__name__] = twin
    with contextlib.redirect_stdout(sys.stderr):
        exec(compile(sys.argv[1], twin.__name__ + ".py", "exec"), twin.__dict__)
        result = globals()["run_" + twin.__name__]()
    # As text: JSON has no infinity.
    print(json.dumps({"timings": timings, "result": [repr(number) for number in result]}))
