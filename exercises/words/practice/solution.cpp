// Counts the words of all text files in a folder, by the workers of a pool.

#include "text.hpp"

#include <mp/mp.hpp>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

int main(int argc, char** argv) {
    const std::string folder = argc > 1 ? argv[1] : "texts";
    const int workers = argc > 2 ? std::atoi(argv[2]) : 2;
    const std::vector<std::string> files = text_files(folder);

    mp::Pool pool(workers);
    const std::vector<Words> counts = pool.map(count_words, files, 1);

    for (std::size_t i = 0; i < files.size(); ++i)
        std::printf("%s: %ld words, %ld different\n", files[i].c_str(),
                    counts[i].all, counts[i].different);
}
