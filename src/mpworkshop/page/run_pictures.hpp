#pragma once

#include <optional>
#include <string>
#include <vector>

#include "mpworkshop/page/html.hpp"
#include "mpworkshop/record/record.hpp"
#include "mpworkshop/report/plot.hpp"

/// What a line of the record looks like.
namespace mpworkshop::page {

/// A picture and its numbers.
struct Figure {
    std::string svg = {};
    HtmlTable numbers = {};
};

/// A prediction of the learner, and what was measured.
struct Prediction {
    std::string name = {}; ///< of the subcommand
    std::string question = {}, unit = {};
    double predicted = 0;
    std::optional<double> observed = {}; ///< empty: it cannot be told
    std::string words = {};              ///< for people, as the terminal had it
};

/// The pictures of a run: bars, speedup, timeline; those of which it has the numbers. `id` is
/// unique in the page.
std::vector<Figure> figures_of(const record::Line& line, const std::string& id);

/// The prediction of a run; empty where there is none, or where the run was cut short.
std::optional<Prediction> prediction_of(const record::Line& line);

/// Predictions against measurements, with the line on which they are equal: a figure for each unit.
/// It has no picture where nothing was measured.
std::vector<Figure> figures_of(const std::vector<Prediction>& predictions, const std::string& id);

/// Adds them to the page; of one without a picture, its numbers.
void add_figures(Html& html, const std::vector<Figure>& figures);

/// All single numbers and texts of the result, by their place in it: "cures 2 update_ns".
HtmlTable numbers_of(const record::Line& line);

/// A number as the tables have it: as in the record, at most six digits.
std::string exact(double number);
/// A value likewise; empty for a null, a list or an object.
std::string exact(const Value& value);

} // namespace mpworkshop::page
