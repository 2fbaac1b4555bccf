# cmake -D ROOT=DIR -D FILES="a,b" -D OUTPUT=FILE -P embed.cmake: writes the source of embedded().
string(REPLACE "," ";" FILES "${FILES}")
set(source "#include \"mpworkshop/kit/embedded.hpp\"

#include <algorithm>
#include <array>
#include <utility>

namespace mpworkshop {
namespace {

using File = std::pair<std::string_view, std::string_view>;
constexpr auto files = std::to_array<File>({
")
foreach(file IN LISTS FILES)
  file(READ ${ROOT}/${file} text)
  string(APPEND source "    {\"${file}\", R\"embedded(${text})embedded\"},\n")
endforeach()
string(APPEND source "});

} // namespace

std::string_view embedded(std::string_view path) {
    const auto found = std::ranges::find(files, path, &File::first);
    return found == files.end() ? std::string_view() : found->second;
}

} // namespace mpworkshop
")
file(WRITE ${OUTPUT} "${source}")
