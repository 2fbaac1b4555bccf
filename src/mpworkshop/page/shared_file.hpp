#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "mpworkshop/page/run_pictures.hpp"
#include "mpworkshop/record/record.hpp"

/// What a learner shares, and what a class page needs of it.
namespace mpworkshop::page {

inline constexpr std::string_view shared_schema = "mpworkshop-share-1";

/// No shared file is larger; ours have some 20 KB.
inline constexpr std::size_t largest_shared_file = 512 << 10;
inline constexpr std::size_t longest_participant = 80;

/// The same facts as the page as one JSON document, without code: of each subcommand the last run.
/// `name` is of the learner's choice; empty: none.
/// Shape: schema, id, written, name or null, machine, runs and checks (lines of the record without
/// code).
std::string shared_document(const record::Record& record, std::string_view name);

/// One learner of a class.
struct Participant {
    std::string id = {}, name = {}; ///< the name may be empty
    progress::Time written = {};
    unsigned usable = 0, cpus = 0;
    std::string cpu = {}, build = {}, version = {};
    std::set<std::string> done = {};        ///< subcommands that ran to their end
    std::map<std::string, bool> tasks = {}; ///< whether each was passed
    std::vector<Prediction> predictions = {};
    std::optional<double> cpus_taken = {}; ///< the most that other programs took, of `usable`
    /// The best speedup with a CPU for each worker, by scale, else by compare pi.
    struct BestSpeedup {
        double ratio = 0;
        double low = 0, high = 0;
        unsigned workers = 0;
    };
    std::optional<BestSpeedup> best = {};
};

/// Reads one, of which nothing is expected. Errors: std::runtime_error saying in words what is
/// wrong with it: broken, another document, of a later version, numbers out of range.
Participant read_shared(std::string_view text);

} // namespace mpworkshop::page
