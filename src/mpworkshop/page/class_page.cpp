#include "mpworkshop/page/class_page.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <mp/mp.hpp>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "mpworkshop/curriculum/curriculum.hpp"
#include "mpworkshop/kit/stats.hpp"
#include "mpworkshop/page/html.hpp"
#include "mpworkshop/report/pictures.hpp"
#include "mpworkshop/sys/file.hpp"
#include "mpworkshop/text/text.hpp"

namespace mpworkshop::page {
namespace {

using report::Placement;

/// The tables of a larger class have sums instead of a row for each, so that the page stays below
/// 500 KB.
constexpr std::size_t most_single = 200;

std::string base_name(const std::string& path) { return path.substr(path.rfind('/') + 1); }

std::string name_of(const Participant& participant) {
    return participant.name.empty() ? "no name, " + participant.id.substr(0, 6) : participant.name;
}

Figure speedups(const std::vector<Participant>& all) {
    Figure figure{.svg = {},
                  .numbers = {.caption = "Best speedup of each machine",
                              .columns = {"name", "CPUs they may use", "workers", "speedup", "from",
                                          "to", "processor"}}};
    report::PlotSeries dots{.name = "a machine"};
    double most = 1;
    std::map<unsigned, std::vector<double>> by_cpus;
    for (const Participant& each : all) {
        if (!each.best) continue;
        dots.points.push_back(
            {double(each.usable), each.best->ratio, each.best->low, each.best->high});
        most = std::max(most, double(each.usable));
        by_cpus[each.usable].push_back(each.best->ratio);
        figure.numbers.rows.push_back({name_of(each), exact(double(each.usable)),
                                       exact(double(each.best->workers)), exact(each.best->ratio),
                                       exact(each.best->low), exact(each.best->high), each.cpu});
    }
    if (figure.numbers.rows.size() > most_single) { // each of them is in the table of everyone
        figure.numbers.columns = {"CPUs they may use", "machines", "median speedup", "from", "to"};
        figure.numbers.rows.clear();
        for (auto& [cpus, ratios] : by_cpus) {
            if (figure.numbers.rows.size() == most_single) break;
            std::ranges::sort(ratios);
            figure.numbers.rows.push_back({fmt::to_string(cpus), fmt::to_string(ratios.size()),
                                           exact(stats::median(ratios)), exact(ratios.front()),
                                           exact(ratios.back())});
        }
    }
    report::Plot plot{.title = "Speedup against CPUs, a dot for each machine",
                      .subtitle = "best speedup with a CPU for each worker; the line is the ideal",
                      .x_title = "CPUs that may be used",
                      .y_title = "speedup",
                      .series = {{.name = "ideal",
                                  .kind = report::PlotSeries::Kind::line,
                                  .points = {{0, 0}, {most, most}}}},
                      .scattered = true};
    plot.series.push_back(std::move(dots));
    figure.svg = report::svg(plot, "class-speedup", Placement::page);
    return figure;
}

Figure finished_by(const std::string& title, const std::string& id, std::size_t of,
                   const std::vector<std::pair<std::string, std::size_t>>& counts) {
    Figure figure{.svg = {}, .numbers = {.caption = title, .columns = {"name", "how many"}}};
    report::BarChart chart{.title = title, .description = {}};
    for (const auto& [name, count] : counts) {
        figure.numbers.rows.push_back({name, fmt::to_string(count)});
        chart.rows.push_back(
            {.label = name, .size = double(count), .shown = fmt::format("{} of {}", count, of)});
        chart.description += fmt::format("{}: {}. ", name, count);
    }
    figure.svg = report::svg(chart, id, Placement::page);
    return figure;
}

void add_done(Html& html, const std::vector<Participant>& all) {
    html.section("What ran");
    std::vector<std::pair<std::string, std::size_t>> counts;
    for (const Command* command : all_commands()) {
        if (command->kind == Kind::helper) continue;
        const auto count = std::ranges::count_if(
            all, [&](const Participant& each) { return each.done.contains(command->name); });
        counts.emplace_back(command->name, std::size_t(count));
    }
    const Figure figure =
        finished_by("How many ran each to its end", "class-done", all.size(), counts);
    html.figure(figure.svg, figure.numbers);
}

void add_tasks(Html& html, const std::vector<Participant>& all) {
    std::map<std::string, std::size_t> passed;
    for (const Participant& each : all)
        for (const auto& [task, done] : each.tasks)
            if (done && (passed.contains(task) || passed.size() < 40)) ++passed[task];
    if (passed.empty()) return;
    html.section("Practice");
    const Figure figure = finished_by("How many finished each task", "class-tasks", all.size(),
                                      {passed.begin(), passed.end()});
    html.figure(figure.svg, figure.numbers);
}

void add_predictions_of_all(Html& html, const std::vector<Participant>& all) {
    std::vector<Prediction> predictions;
    for (const Participant& each : all)
        predictions.insert(predictions.end(), each.predictions.begin(), each.predictions.end());
    if (predictions.empty()) return;
    html.section("Predictions");
    add_figures(html, figures_of(predictions, "class-predictions"));
}

/// Says how many rows a table does not have.
void add_rest(Html& html, std::size_t number) {
    if (number > most_single)
        html.paragraph(fmt::format("And {} more.", text::grouped(number - most_single)));
}

void add_help(Html& html, const std::vector<Participant>& all) {
    HtmlTable table{.caption = "Machines that need help",
                    .columns = {"name", "why", "CPUs they may use", "kind of build", "version"}};
    std::size_t number = 0;
    for (const Participant& each : all)
        if (const std::string why = needs_help(each); !why.empty() && ++number <= most_single)
            table.rows.push_back(
                {name_of(each), why, exact(double(each.usable)), each.build, each.version});
    html.section("Machines that need help");
    if (table.rows.empty())
        html.paragraph("None: no debug build, no single CPU, no busy machine.");
    else
        html.table(table);
    add_rest(html, number);
}

void add_everyone(Html& html, const std::vector<Participant>& all) {
    HtmlTable table{.caption = "Everyone",
                    .columns = {"name", "CPUs they may use", "CPUs", "processor", "best speedup",
                                "ran", "tasks", "written"}};
    for (const Participant& each : all) {
        const auto tasks =
            std::ranges::count_if(each.tasks, [](const auto& task) { return task.second; });
        table.rows.push_back({name_of(each), exact(double(each.usable)), exact(double(each.cpus)),
                              each.cpu, each.best ? exact(each.best->ratio) : "",
                              fmt::to_string(each.done.size()), fmt::to_string(tasks),
                              progress::written(each.written).substr(0, 10)});
    }
    html.section("Everyone");
    html.hidden_table("The table of everyone", table);
}

} // namespace

std::string needs_help(const Participant& participant) {
    std::string why;
    const auto add = [&](const std::string& words) { why += (why.empty() ? "" : "; ") + words; };
    if (!participant.build.empty() && participant.build != "Release" &&
        participant.build != "RelWithDebInfo" && participant.build != "MinSizeRel")
        add(participant.build + " build: timings tell little");
    if (participant.usable == 1) add("one CPU: no speedup is possible");
    if (participant.cpus_taken && *participant.cpus_taken >= 0.2 * participant.usable)
        add(fmt::format("busy: other programs used {:.1f} CPUs", *participant.cpus_taken));
    return why;
}

void Class::add_file(const std::string& path) {
    if (mp::interrupted()) throw mp::Interrupted();
    // A FIFO or a terminal may never end; of one that does not exist read_all() says so.
    std::error_code ignored;
    const std::filesystem::file_status status = std::filesystem::status(path, ignored);
    if (exists(status) && !is_regular_file(status)) {
        left_out_.push_back({base_name(path), "it is no regular file"});
        return;
    }
    std::string text;
    try {
        text = sys::read_all(path, largest_shared_file);
    } catch (const mp::Interrupted&) {
        throw;
    } catch (const std::runtime_error& error) {
        left_out_.push_back({base_name(path), error.what()});
        return;
    }
    add(text, base_name(path));
}

void Class::add(std::string_view text, const std::string& file) {
    try {
        Participant participant = read_shared(text);
        const auto [entry, is_new] = known_.try_emplace(participant.id, participants_.size());
        if (is_new) {
            participants_.push_back(std::move(participant));
            return;
        }
        ++replaced_;
        Participant& known = participants_[entry->second];
        if (participant.written >= known.written) known = std::move(participant);
    } catch (const std::runtime_error& error) {
        left_out_.push_back({file, error.what()});
    }
}

std::string Class::page() const {
    Html html("Parallel programming: the class");
    html.paragraph(fmt::format("{} of {}.{}", text::counted(participants_.size(), "shared file"),
                               progress::written(curriculum::now()).substr(0, 10),
                               replaced_ > 0 ? fmt::format(" {} of the same person counted once.",
                                                           text::counted(replaced_, "more file"))
                                             : ""));
    html.section("Speedup");
    const Figure figure = speedups(participants_);
    if (figure.numbers.rows.empty())
        html.paragraph("Nobody ran scale pi or compare pi with a CPU for each worker.");
    else
        html.figure(figure.svg, figure.numbers);
    add_predictions_of_all(html, participants_);
    add_done(html, participants_);
    add_tasks(html, participants_);
    add_help(html, participants_);
    add_everyone(html, participants_);
    if (!left_out_.empty()) {
        HtmlTable table{.caption = "Files that were left out", .columns = {"file", "why"}};
        for (const LeftOut& each : left_out_)
            if (table.rows.size() < most_single) table.rows.push_back({each.file, each.why});
        html.section("Left out");
        html.table(table);
        add_rest(html, left_out_.size());
    }
    return html.finished();
}

} // namespace mpworkshop::page
