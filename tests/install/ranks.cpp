// A user's program over MPI: it finds the plugin beside libmp, or where it is told to look.

#include <cstdio>
#include <mp/mp.hpp>

int main(int argc, char** argv) {
    mp::Ranks ranks({.plugin = argc > 1 ? argv[1] : ""});
    if (ranks.rank() != 0) return ranks.serve();
    mp::Pool pool({.backend = "mpi"});
    const int six = pool.apply([](int a, int b) { return a * b; }, 2, 3);
    std::puts(six == 6 && pool.processes() == 2 ? "done!" : "wrong");
}
