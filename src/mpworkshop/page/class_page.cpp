#include "mpworkshop/page/class_page.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "mpworkshop/curriculum/curriculum.hpp"
#include "mpworkshop/page/html.hpp"
#include "mpworkshop/report/pictures.hpp"
#include "mpworkshop/sys/file.hpp"
#include "mpworkshop/text/text.hpp"

namespace mpworkshop::page {
namespace {

using report::Placement;

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
    for (const Participant& each : all) {
        if (!each.best) continue;
        dots.points.push_back(
            {double(each.usable), each.best->ratio, each.best->low, each.best->high});
        most = std::max(most, double(each.usable));
        figure.numbers.rows.push_back({name_of(each), exact(double(each.usable)),
                                       exact(double(each.best->workers)), exact(each.best->ratio),
                                       exact(each.best->low), exact(each.best->high), each.cpu});
    }
    report::Plot plot{.title = "Speedup against CPUs, a dot for each machine",
                      .subtitle = "best speedup with a CPU for each worker; the line is the ideal",
                      .x_title = "CPUs that may be used",
                      .y_title = "speedup",
                      .series = {{.name = "ideal",
                                  .kind = report::PlotSeries::Kind::line,
                                  .points = {{0, 0}, {most, most}}}},
                      .scattered = true};
    if (dots.points.size() > 60)
        for (report::PlotPoint& each : dots.points) each.low = each.high = each.y; // no room
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
    const Figure figure = figure_of(predictions, "class-predictions");
    html.figure(figure.svg, figure.numbers);
}

void add_help(Html& html, const std::vector<Participant>& all) {
    HtmlTable table{.caption = "Machines that need help",
                    .columns = {"name", "why", "CPUs they may use", "kind of build", "version"}};
    for (const Participant& each : all)
        if (const std::string why = needs_help(each); !why.empty())
            table.rows.push_back(
                {name_of(each), why, exact(double(each.usable)), each.build, each.version});
    html.section("Machines that need help");
    if (table.rows.empty())
        html.paragraph("None: no debug build, no single CPU, no busy machine.");
    else
        html.table(table);
}

void add_everyone(Html& html, const std::vector<Participant>& all) {
    HtmlTable table{
        .caption = "Everyone",
        .columns = {"name", "CPUs they may use", "CPUs", "processor", "ran", "tasks", "written"}};
    for (const Participant& each : all) {
        const auto tasks =
            std::ranges::count_if(each.tasks, [](const auto& task) { return task.second; });
        table.rows.push_back({name_of(each), exact(double(each.usable)), exact(double(each.cpus)),
                              each.cpu, fmt::to_string(each.done.size()), fmt::to_string(tasks),
                              progress::written(each.written)});
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
    std::string text;
    try {
        text = sys::read_all(path, largest_shared_file);
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
            if (table.rows.size() < 1000) table.rows.push_back({each.file, each.why});
        html.section("Left out");
        html.table(table);
    }
    return html.finished();
}

} // namespace mpworkshop::page
