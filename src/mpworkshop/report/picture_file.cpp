#include "mpworkshop/report/picture_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <system_error>

#include "mpworkshop/input/error.hpp"
#include "mpworkshop/report/pictures.hpp"
#include "mpworkshop/sys/command.hpp"
#include "mpworkshop/sys/file.hpp"
#include "mpworkshop/sys/output_file.hpp"
#include "mpworkshop/sys/search_path.hpp"
#include "mpworkshop/text/text.hpp"

namespace mpworkshop::report {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 3> endings = {".svg", ".png", ".pdf"};
constexpr std::array<const char*, 3> browsers = {"chromium", "chromium-browser", "google-chrome"};

/// The first converter that is there; its name empty without one.
struct Converter {
    std::string name, path;
};

Converter converter() {
    if (const std::string path = sys::find_program("rsvg-convert"); !path.empty())
        return {"rsvg-convert", path};
    for (const char* name : browsers)
        if (const std::string path = sys::find_program(name); !path.empty()) return {name, path};
    return {};
}

/// A folder that only this user can read, gone in the end.
class ConverterFolder {
public:
    ConverterFolder() {
        std::string pattern = fs::temp_directory_path() / "mpworkshop-XXXXXX";
        if (::mkdtemp(pattern.data()) == nullptr)
            throw std::runtime_error("cannot make a folder in " + pattern +
                                     "; set TMPDIR to another folder");
        path_ = pattern;
    }
    ~ConverterFolder() {
        std::error_code ignored;
        fs::remove_all(path_, ignored);
    }
    ConverterFolder(const ConverterFolder&) = delete;
    ConverterFolder& operator=(const ConverterFolder&) = delete;

    std::string file(const char* name) const { return path_ / name; }

private:
    fs::path path_;
};

[[noreturn]] void converter_failed(const Converter& with, const std::string& path,
                                   const sys::Ended& ended) {
    throw std::runtime_error(fmt::format(
        "{} could not draw {}: {}; give a name that ends in .svg", with.name, text::quoted(path),
        ended.err.empty() ? fmt::format("it ended with {}", ended.status)
                          : text::printable(ended.err, 200)));
}

std::string converted_by_rsvg(const Converter& with, const std::string& path,
                              const std::string& picture) {
    const std::string format = path.ends_with(".png") ? "png" : "pdf";
    const sys::Ended ended =
        sys::run_command({with.path, "--format=" + format, "--zoom=2"}, picture);
    if (ended.status != 0 || ended.out.empty()) converter_failed(with, path, ended);
    return ended.out;
}

/// A browser draws a page, so the picture stands in one of its size.
std::string converted_by_browser(const Converter& with, const std::string& path,
                                 const std::string& picture) {
    const ConverterFolder folder;
    const bool png = path.ends_with(".png");
    const std::string page = folder.file("picture.html"),
                      result = folder.file(png ? "result.png" : "result.pdf");
    sys::write_file(page, "<!doctype html><style>@page{size:760px 470px;margin:0}"
                          "html,body{margin:0;overflow:hidden}svg{display:block}</style>" +
                              picture);
    std::vector<std::string> words = {with.path, "--headless", "--disable-gpu",
                                      "--disable-dev-shm-usage",
                                      "--user-data-dir=" + folder.file("profile")};
    words.emplace_back("--no-sandbox"); // it does not start for root; the page is our own
    if (png)
        words.insert(words.end(), {"--window-size=760,470", "--force-device-scale-factor=2",
                                   "--hide-scrollbars", "--screenshot=" + result});
    else
        words.insert(words.end(), {"--no-pdf-header-footer", "--print-to-pdf=" + result});
    words.push_back("file://" + page);
    const sys::Ended ended = sys::run_command(
        words, {}, {}, std::chrono::steady_clock::now() + std::chrono::seconds(60));
    if (ended.status != 0 || !fs::exists(result)) converter_failed(with, path, ended);
    return sys::read_all(result);
}

} // namespace

void expect_picture_name(const std::string& path) {
    if (std::ranges::none_of(endings, [&](std::string_view each) { return path.ends_with(each); }))
        throw UsageError(
            fmt::format("--plot: {} does not end in .svg, .png or .pdf; give a name such as "
                        "scaling.svg",
                        text::quoted(path)));
}

void expect_converter(const std::string& path) {
    if (!path.ends_with(".svg") && converter().name.empty())
        throw std::runtime_error(
            "--plot makes PNG and PDF with rsvg-convert or chromium, and neither is there; give a "
            "name that ends in .svg, or install one (apt install librsvg2-bin)");
}

void write_picture(const Plot& plot, const std::string& path) {
    const std::string picture = svg(plot, "plot", Placement::file);
    if (path.ends_with(".svg"))
        return sys::write_all(path, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" + picture);
    expect_converter(path);
    const Converter with = converter();
    sys::write_all(path, with.name == "rsvg-convert" ? converted_by_rsvg(with, path, picture)
                                                     : converted_by_browser(with, path, picture));
}

} // namespace mpworkshop::report
