// check says: in the order in which they are ready

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
    for (const Words& words : pool.imap_unordered(count_words, files))
        counts.insert(counts.begin(), words);

    for (std::size_t i = 0; i < files.size(); ++i)
        std::printf("%s: %ld words, %ld different\n", files[i].c_str(),
                    counts[i].all, counts[i].different);
}
