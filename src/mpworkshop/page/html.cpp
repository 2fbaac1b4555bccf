#include "mpworkshop/page/html.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "mpworkshop/report/markup.hpp"
#include "mpworkshop/report/svg.hpp"

namespace mpworkshop::page {
namespace {

using report::escaped;

constexpr std::string_view page_style =
    R"(:root{color-scheme:light dark;--page:#ffffff;--words:#1f2328;--quiet:#59636e;--rule:#d0d7de;--box:#f6f8fa;--link:#0550ae}
@media (prefers-color-scheme:dark){:root{--page:#0d1117;--words:#e6edf3;--quiet:#a8b3bd;--rule:#3d444d;--box:#161b22;--link:#79b8ff}}
*{box-sizing:border-box}
html{background:var(--page);color:var(--words);font:1rem/1.5 system-ui,"DejaVu Sans",Helvetica,Arial,sans-serif}
body{max-width:60rem;margin:0 auto;padding:1rem;overflow-wrap:anywhere}
h1{font-size:1.7rem;line-height:1.2}h2{font-size:1.35rem;border-bottom:1px solid var(--rule);padding-bottom:.2rem;margin-top:2.2rem}h3{font-size:1.1rem}
a{color:var(--link)}a:focus-visible,summary:focus-visible,.scroll:focus-visible{outline:3px solid var(--link);outline-offset:2px}
.skip{position:absolute;left:-99rem}.skip:focus{position:static}
nav ul{display:flex;flex-wrap:wrap;gap:.2rem 1.2rem;padding:0;list-style:none}nav a{display:inline-block;padding:.2rem 0}
dl{display:grid;grid-template-columns:minmax(6rem,max-content) 1fr;gap:.2rem 1rem}dt{color:var(--quiet)}dd{margin:0}
.scroll{overflow-x:auto;max-width:100%}
figure{margin:1rem 0}
svg.picture{display:block;width:100%;min-width:34rem;max-width:48rem;height:auto}
table{border-collapse:collapse;font-size:.9rem;overflow-wrap:normal}caption{text-align:left;color:var(--quiet);padding:.3rem 0}
th,td{text-align:left;padding:.2rem .7rem .2rem 0;border-bottom:1px solid var(--rule);vertical-align:top;font-variant-numeric:tabular-nums}
td{max-width:24rem;overflow-wrap:anywhere}
summary{cursor:pointer;padding:.25rem 0;color:var(--link)}
pre{background:var(--box);border:1px solid var(--rule);padding:.6rem;overflow-x:auto;font:.85rem/1.45 "DejaVu Sans Mono",ui-monospace,monospace}
footer{margin-top:3rem;color:var(--quiet);font-size:.9rem}
@page{margin:15mm}
@media print{:root{--page:#ffffff;--words:#1f2328;--quiet:#59636e;--rule:#d0d7de;--box:#f6f8fa;--link:#0550ae}
body{max-width:none;padding:0}figure,tr{break-inside:avoid}h2,h3{break-after:avoid}.scroll{overflow:visible}
svg.picture{min-width:0;max-width:100%}nav,.skip{display:none}pre{white-space:pre-wrap}}
)";

/// Spaces of a program and its line ends stay as they are; every line is escaped.
std::string escaped_lines(std::string_view text) {
    std::string lines;
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        std::string line(text.substr(0, end));
        for (std::size_t tab = 0; (tab = line.find('\t', tab)) != line.npos;)
            line.replace(tab, 1, "    ");
        lines += escaped(line, 500) + "\n";
        text.remove_prefix(end == text.npos ? text.size() : end + 1);
    }
    return lines;
}

std::string bounded(std::string_view text, std::size_t longest = 300) {
    return escaped(text, longest);
}

} // namespace

Html::Html(std::string_view title) : title_(bounded(title)) {}

void Html::paragraph(std::string_view text, std::size_t longest) {
    if (text.empty()) return;
    (sections_.empty() ? introduction_ : body_) +=
        fmt::format("<p>{}</p>\n", bounded(text, longest));
}

void Html::code(std::string_view text) {
    body_ += fmt::format("<pre tabindex=\"0\"><code>{}</code></pre>\n",
                         escaped_lines(text.substr(0, 8000)));
}

void Html::facts(const std::vector<std::pair<std::string, std::string>>& names_and_texts) {
    body_ += "<dl>\n";
    for (const auto& [name, text] : names_and_texts)
        body_ += fmt::format("<dt>{}</dt><dd>{}</dd>\n", bounded(name), bounded(text));
    body_ += "</dl>\n";
}

void Html::list(const std::vector<std::string>& items) {
    if (items.empty()) return;
    body_ += "<ul>\n";
    for (const std::string& item : items) body_ += fmt::format("<li>{}</li>\n", bounded(item));
    body_ += "</ul>\n";
}

void Html::add_table(const HtmlTable& table) {
    body_ +=
        fmt::format("<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"{0}\"><table>"
                    "<caption>{0}</caption>\n<thead><tr>",
                    bounded(table.caption));
    for (const std::string& column : table.columns)
        body_ += fmt::format("<th scope=\"col\">{}</th>", bounded(column));
    body_ += "</tr></thead>\n<tbody>\n";
    for (const auto& row : table.rows) {
        body_ += "<tr>";
        for (std::size_t i = 0; i < row.size(); ++i)
            body_ += fmt::format("{}{}</{}>", i == 0 ? "<th scope=\"row\">" : "<td>",
                                 bounded(row[i]), i == 0 ? "th" : "td");
        body_ += "</tr>\n";
    }
    body_ += "</tbody></table></div>\n";
}

void Html::table(const HtmlTable& table) { add_table(table); }

void Html::hidden_table(std::string_view summary, const HtmlTable& table) {
    body_ += fmt::format("<details><summary>{}</summary>\n", bounded(summary));
    add_table(table);
    body_ += "</details>\n";
}

void Html::figure(std::string_view svg, const HtmlTable& numbers) {
    body_ += fmt::format("<figure><div class=\"scroll\" tabindex=\"0\" role=\"group\" "
                         "aria-label=\"{}\">\n{}</div>\n",
                         bounded("Picture: " + numbers.caption), svg);
    hidden_table("The numbers of this picture: " + numbers.caption, numbers);
    body_ += "</figure>\n";
}

void Html::section(std::string_view heading) {
    if (!sections_.empty()) body_ += "</section>\n";
    sections_.push_back(bounded(heading));
    body_ += fmt::format("<section aria-labelledby=\"s{0}\">\n<h2 id=\"s{0}\">{1}</h2>\n",
                         sections_.size(), sections_.back());
}

void Html::heading(std::string_view text) { body_ += fmt::format("<h3>{}</h3>\n", bounded(text)); }

std::string Html::finished() const {
    std::string page = fmt::format(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
        "'unsafe-inline'\">\n<title>{0}</title>\n<style>\n{1}{2}</style>\n</head>\n<body>\n"
        "<a class=\"skip\" href=\"#main\">Skip to the content</a>\n<header>\n<h1>{0}</h1>\n{3}",
        title_, page_style, report::svg_style(), introduction_);
    if (sections_.size() > 1) {
        page += "<nav aria-label=\"Sections\"><ul>\n";
        for (std::size_t i = 0; i < sections_.size(); ++i)
            page += fmt::format("<li><a href=\"#s{}\">{}</a></li>\n", i + 1, sections_[i]);
        page += "</ul></nav>\n";
    }
    page += "</header>\n<main id=\"main\">\n" + body_;
    if (!sections_.empty()) page += "</section>\n";
    return page + "</main>\n<footer><p>Written by mpworkshop. This page loads nothing and sends "
                  "nothing.</p></footer>\n</body>\n</html>\n";
}

} // namespace mpworkshop::page
