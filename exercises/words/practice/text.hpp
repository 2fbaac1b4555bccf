#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

// The text files in a folder, in the order of their names.
inline std::vector<std::string> text_files(const std::string& folder) {
    std::vector<std::string> files;
    for (const auto& each : std::filesystem::directory_iterator(folder))
        if (each.path().extension() == ".txt") files.push_back(each.path());
    std::sort(files.begin(), files.end());
    return files;
}

struct Words {
    long all = 0, different = 0;
};

// The work of this task: reads a file, and counts its words.
inline Words count_words(const std::string& file) {
    std::ifstream text(file);
    std::map<std::string, long> found;
    Words words;
    for (std::string word; text >> word; ++words.all) ++found[word];
    words.different = long(found.size());
    return words;
}
