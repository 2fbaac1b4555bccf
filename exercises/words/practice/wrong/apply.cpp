// check says: waits for its result before it hands out the next file

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
    std::vector<Words> counts;
    for (const std::string& file : files)
        counts.push_back(pool.apply(count_words, file));

    for (std::size_t i = 0; i < files.size(); ++i)
        std::printf("%s: %ld words, %ld different\n", files[i].c_str(),
                    counts[i].all, counts[i].different);
}
