// Counts the words of all text files in a folder, one file after the other.
//
//     ./words texts 2     the files in the folder texts, 2 workers
//
// Question: the files are of very different sizes. Does a pool help?
// Change only the marked loop, and include <mp/mp.hpp>.

#include "text.hpp"

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

int main(int argc, char** argv) {
    const std::string folder = argc > 1 ? argv[1] : "texts";
    const int workers = argc > 2 ? std::atoi(argv[2]) : 2;
    const std::vector<std::string> files = text_files(folder);

    // CHANGE HERE: let the workers of a pool count the words.
    std::vector<Words> counts;
    for (const std::string& file : files) counts.push_back(count_words(file));

    for (std::size_t i = 0; i < files.size(); ++i)
        std::printf("%s: %ld words, %ld different\n", files[i].c_str(),
                    counts[i].all, counts[i].different);
}
