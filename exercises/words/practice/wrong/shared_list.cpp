// check says: The workers write to their own copy of the list

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
    pool.map(
        [&counts](const std::string& file) {
            counts.push_back(count_words(file));
            return 0;
        },
        files);

    for (std::size_t i = 0; i < files.size(); ++i)
        std::printf("%s: %ld words, %ld different\n", files[i].c_str(),
                    counts[i].all, counts[i].different);
}
