#include "mpworkshop/report/json.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "mpworkshop/kit/other_programs.hpp"
#include "mpworkshop/sys/machine.hpp"
#include "mpworkshop/sys/version.hpp"

namespace mpworkshop::report {
namespace {

using Json = nlohmann::ordered_json;

Json to_json(const Value& value) {
    return std::visit(
        [](const auto& data) -> Json {
            using T = std::decay_t<decltype(data)>;
            if constexpr (std::is_same_v<T, Value::List>) {
                Json list = Json::array();
                for (const Value& each : data) list.push_back(to_json(each));
                return list;
            } else if constexpr (std::is_same_v<T, Value::Object>) {
                Json object = Json::object();
                for (const auto& [name, each] : data) object[name] = to_json(each);
                return object;
            } else {
                return data;
            }
        },
        value.data());
}

Json options_of(const CommandRequest& request) {
    Json options = Json::object();
    for (const input::Option& option : request.plan.options)
        options[option.key()] = to_json(option.value());
    options["seed"] = request.settings.seed;
    return options;
}

std::string text_of(const Json& document) {
    // A file name may contain any bytes; JSON may not.
    return document.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

/// Builds a Value from what the parser meets. No level of the text is a level of the stack.
class ValueBuilder : public nlohmann::json_sax<nlohmann::json> {
public:
    bool null() override { return add({}); }
    bool boolean(bool truth) override { return add(truth); }
    bool number_integer(number_integer_t number) override { return add(std::int64_t{number}); }
    bool number_unsigned(number_unsigned_t number) override { return add(std::uint64_t{number}); }
    bool number_float(number_float_t number, const string_t&) override { return add(number); }
    bool string(string_t& text) override { return add(std::move(text)); }
    bool binary(binary_t&) override { return false; }
    bool start_object(std::size_t) override { return begin(Value(Value::Object{})); }
    bool key(string_t& name) override {
        names_.back() = std::move(name);
        return true;
    }
    bool end_object() override { return end(); }
    bool start_array(std::size_t) override { return begin(Value(Value::List{})); }
    bool end_array() override { return end(); }
    bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) override {
        return false;
    }

    Value take() { return std::move(whole_); }

private:
    static constexpr std::size_t deepest = 32;

    bool begin(Value value) {
        if (open_.size() == deepest) return false;
        open_.push_back(std::move(value));
        names_.emplace_back();
        return true;
    }
    bool end() {
        Value value = std::move(open_.back());
        open_.pop_back();
        names_.pop_back();
        return add(std::move(value));
    }
    bool add(Value value) {
        if (open_.empty())
            whole_ = std::move(value);
        else if (std::holds_alternative<Value::Object>(open_.back().data()))
            open_.back().set(std::move(names_.back()), std::move(value));
        else
            open_.back().push_back(std::move(value));
        return true;
    }

    std::vector<Value> open_;
    std::vector<std::string> names_; // of the member that each open object waits for
    Value whole_;
};

} // namespace

Value machine_facts() {
    const sys::Machine found = sys::machine();
    return Value::object({{"system", found.system},
                          {"architecture", found.architecture},
                          {"cpu", found.cpu},
                          {"cpus", mp::cpu_count()},
                          {"usable", mp::process_cpu_count()},
                          {"version", version()},
                          {"compiler", compiler()},
                          {"build", build_type()}});
}

std::string json(const Value& facts) { return text_of(to_json(facts)); }

std::string json_line(const Value& facts) {
    return to_json(facts).dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::optional<Value> parse_json(std::string_view text) {
    ValueBuilder builder;
    if (!nlohmann::json::sax_parse(text, &builder)) return std::nullopt;
    return builder.take();
}

std::string json(const CommandRequest& request, const Outcome& outcome, bool complete) {
    Json timings = Json::array();
    for (const Timing& timing : outcome.timings)
        timings.push_back(
            {{"name", timing.name}, {"wall_s", timing.wall_s}, {"cpu_s", timing.cpu_s}});
    Json workers = Json::array();
    for (const mp::WorkerStats& worker : outcome.workers) {
        Json longest = Json::array();
        for (const mp::ChunkTime& chunk : worker.longest)
            if (chunk.seconds > 0) longest.push_back(chunk.seconds);
        workers.push_back({{"index", worker.index},
                           {"pid", worker.pid},
                           {"tasks", worker.items},
                           {"restarts", worker.restarts},
                           {"busy_s", worker.busy_seconds},
                           {"start_s", worker.start_seconds},
                           {"init_s", worker.init_seconds},
                           {"wait_s", worker.wait_seconds},
                           {"cpu_s", to_json(Value(worker.cpu_seconds))},
                           {"ready_s", to_json(Value(worker.ready_seconds))},
                           {"longest_chunks_s", std::move(longest)}});
        if (worker.rank < 0) continue;
        workers.back()["rank"] = worker.rank;
        workers.back()["host"] = worker.host;
    }
    const Json document = {
        {"schema", "mpworkshop-run-1"},
        {"exercise", request.command->name},
        {"partial", !complete},
        {"so_far", complete ? Json() : Json(outcome.so_far)},
        {"options", options_of(request)},
        {"machine", to_json(machine_facts())},
        {"result", to_json(outcome.result)},
        {"prediction", outcome.prediction ? to_json(outcome.prediction->value()) : Json()},
        {"timings", std::move(timings)},
        {"other_programs", to_json(kit::value_of(outcome.others))},
        {"workers", std::move(workers)}};
    return text_of(document);
}

void write_json(const CommandRequest& request, const Outcome& outcome, bool complete) {
    const std::string document = json(request, outcome, complete);
    fmt::print("{}", document);
}

} // namespace mpworkshop::report
