#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mpworkshop::page {

/// Numbers in rows, for people: the titles of the columns, then texts.
struct HtmlTable {
    std::string caption = {};
    std::vector<std::string> columns = {};
    std::vector<std::vector<std::string>> rows = {};
};

/// One page of HTML that needs nothing else: its style is in it, it has no script, and it is
/// forbidden to load anything. Light and dark, for a narrow and a wide screen, for paper, a
/// keyboard and a screen reader. Every text is escaped here.
class Html {
public:
    /// The title is that of the window, and the heading of the page.
    explicit Html(std::string_view title);

    void paragraph(std::string_view text, std::size_t longest = 2000);
    /// A command or a program, as it stands, with its line ends.
    void code(std::string_view text);
    void facts(const std::vector<std::pair<std::string, std::string>>& names_and_texts);
    void list(const std::vector<std::string>& items);
    void table(const HtmlTable& table);
    /// The same, closed until the reader opens it.
    void hidden_table(std::string_view summary, const HtmlTable& table);
    /// A picture of report::svg(), and its numbers behind it.
    void figure(std::string_view svg, const HtmlTable& numbers);
    /// Begins a section of the page, which ends where the next one begins.
    void section(std::string_view heading);
    void heading(std::string_view text);

    /// The page, with a list of its sections.
    std::string finished() const;

private:
    void add_table(const HtmlTable& table);

    std::string title_, introduction_, body_;
    std::vector<std::string> sections_;
};

} // namespace mpworkshop::page
