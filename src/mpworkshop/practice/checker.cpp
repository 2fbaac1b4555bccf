#include "mpworkshop/practice/checker.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <mp/mp.hpp>
#include <optional>

#include "mpworkshop/input/shell_words.hpp"
#include "mpworkshop/practice/build.hpp"
#include "mpworkshop/practice/comparison.hpp"
#include "mpworkshop/practice/source_code.hpp"
#include "mpworkshop/practice/trial.hpp"
#include "mpworkshop/text/text.hpp"

namespace mpworkshop::practice {
namespace {

using Arguments = std::vector<std::string>;
using Clock = std::chrono::steady_clock;

constexpr double input_deadline_s = 10; // these inputs are small
constexpr double patience = 10;         // times as long as the start, where that is slow
constexpr std::size_t most_pairs = 15;  // of timed runs
constexpr double timing_budget_s = 6;   // for those after the sixth pair
constexpr double longest_timing_s = 25; // for all timed runs

std::string typed(const Arguments& arguments) {
    std::string words;
    for (const std::string& each : arguments)
        words += (words.empty() ? "" : " ") + input::shell_quoted(each);
    return words;
}

/// One use of run_checks().
class Checker {
public:
    Checker(const Subject& subject, const std::function<void(const Step&)>& on_step)
        : task_(*subject.task), subject_(subject), on_step_(on_step), trial_(subject) {}

    CheckReport check() {
        if (!builds()) return finish();
        std::optional<sys::OtherPrograms> others;
        Step step = right();
        if (step.finding.verdict == Verdict::ok && needs_timed_run()) {
            others.emplace();
            timing_began_ = Clock::now();
            if (const std::string wrong = run_both(); !wrong.empty()) step = wrong_timed(wrong);
        }
        if (!add(std::move(step))) return finish();
        report_.right = true;
        if (!others) return finish_clean();
        if (looks_inside() && !add(inside(*others))) return finish();
        if (!task_.looks_at(Aspect::faster) && !task_.looks_at(Aspect::not_slower))
            return finish_clean();
        Step gain = faster(*others);
        if (!wrong_later_.empty()) return finish_wrong_later();
        add(std::move(gain));
        return finish_clean();
    }

private:
    /// Whether it can be run.
    bool builds() {
        Step step = trial_.build();
        const bool ok = step.finding.verdict == Verdict::ok;
        const bool is_compiled = subject_.language == Language::cpp && !subject_.file_name.empty();
        if (!ok || is_compiled) add(std::move(step));
        return ok;
    }

    /// Whether what follows is worth a look.
    bool add(Step step) {
        if (step.finding.verdict != Verdict::ok && step.cause.empty())
            step.cause = cause_of(step.aspect);
        // Where the machine cannot tell, the source code may.
        if (!step.cause.empty()) step.finding.verdict = Verdict::not_yet;
        const bool goes_on = step.finding.verdict != Verdict::not_yet;
        on_step_(step);
        report_.steps.push_back(std::move(step));
        return goes_on;
    }

    std::string cause_in_source(Aspect aspect) const {
        return cause_in(trial_.source(), subject_.language, task_, aspect);
    }

    /// What the source code tells. What is not faster may be so because it is not parallel, though
    /// something else computed meanwhile, such as a worker that looks for work.
    std::string cause_of(Aspect aspect) const {
        std::string cause = cause_in_source(aspect);
        return cause.empty() && aspect == Aspect::faster ? cause_in_source(Aspect::parallel)
                                                         : cause;
    }

    /// Why a run does not end in time: what makes it slow.
    std::string cause_of_cut() const {
        for (const Aspect each :
             {Aspect::parallel, Aspect::overlap, Aspect::faster, Aspect::not_slower, Aspect::right})
            if (std::string cause = cause_in_source(each); !cause.empty()) return cause;
        return "";
    }

    CheckReport finish() {
        report_.by_cgroup = trial_.by_cgroup();
        report_.code = trial_.source();
        return std::move(report_);
    }

    CheckReport finish_clean() {
        if (task_.looks_at(Aspect::clean))
            add({.aspect = Aspect::clean,
                 .finding =
                     trial_.untidy().empty()
                         ? Finding{Verdict::ok, "Exit code 0, nothing on standard error, and "
                                                "no process left running."}
                         : Finding{Verdict::not_yet, trial_.untidy()}});
        return finish();
    }

    Step right() {
        for (const Input& input : task_.inputs) {
            const Arguments arguments = trial_.filled_in(input.arguments);
            const std::string wrong = wrong_for(arguments);
            if (wrong.empty()) continue;
            return {.aspect = Aspect::right,
                    .finding = {Verdict::not_yet, fmt::format("For {} (arguments {}), {}.",
                                                              input.what, typed(arguments), wrong)},
                    .cause = was_cut_ ? cause_of_cut() : ""};
        }
        std::vector<std::string> names;
        names.reserve(task_.inputs.size());
        for (const Input& input : task_.inputs) names.push_back(input.what);
        return {.aspect = Aspect::right,
                .finding = {Verdict::ok,
                            fmt::format("Right for {}: {}.", text::counted(names.size(), "input"),
                                        fmt::join(names, ", "))}};
    }

    /// What is wrong with the output for these arguments; empty if nothing is.
    std::string wrong_for(const Arguments& arguments) {
        const sys::ContainedEnd own = trial_.run_own(arguments, input_deadline_s);
        was_cut_ = own.cut_short == sys::CutShort::by_deadline;
        if (std::string wrong = bad_end(own, input_deadline_s); !wrong.empty()) return wrong;
        switch (task_.expected) {
        case Expected::count:
            return wrong_count(arguments, own.out);
        case Expected::different_lines:
            return wrong_lines(arguments, own.out);
        case Expected::own_serial:
            return unlike(trial_.run_own({"serial"}, task_.deadline_s), own.out);
        case Expected::start:
            break;
        }
        return unlike(trial_.run_start(arguments, task_.deadline_s), own.out);
    }

    static std::string unlike(const sys::ContainedEnd& reference, const std::string& out) {
        if (const std::string wrong = bad_end(reference, 0); !wrong.empty())
            return "the serial program itself fails: " + wrong;
        return first_difference(reference.out, out);
    }

    std::string wrong_lines(Arguments arguments, const std::string& out) {
        const auto count = std::size_t(std::strtoull(arguments[0].c_str(), nullptr, 10));
        if (std::string wrong = not_different(task_.line, count, out); !wrong.empty()) return wrong;
        if (!first_difference(out, trial_.run_own(arguments, input_deadline_s).out).empty())
            return "a second run prints other lines";
        arguments[1] = "3";
        if (!first_difference(out, trial_.run_own(arguments, input_deadline_s).out).empty())
            return "another number of workers prints other lines";
        return "";
    }

    bool needs_timed_run() const {
        return std::ranges::any_of(task_.aspects, [](Aspect aspect) {
            return aspect != Aspect::right && aspect != Aspect::clean;
        });
    }

    const Arguments& timed() const {
        return (more_work_ ? task_.more : task_.timed)[std::size_t(subject_.language)];
    }

    /// The program that it is compared with.
    sys::ContainedEnd run_before() {
        const Arguments& against = task_.against[std::size_t(subject_.language)];
        const Arguments arguments = trial_.filled_in(against.empty() ? timed() : against);
        return task_.expected == Expected::own_serial
                   ? trial_.run_own(arguments, task_.deadline_s)
                   : trial_.run_start(arguments, task_.deadline_s);
    }

    sys::ContainedEnd run_now() { return trial_.run_own(trial_.filled_in(timed()), deadline_s_); }

    /// What is wrong with the output of a timed run; empty if nothing is.
    std::string wrong_when_timed(const sys::ContainedEnd& now) {
        if (std::string wrong = bad_end(now, deadline_s_); !wrong.empty()) return wrong;
        switch (task_.expected) {
        case Expected::count:
            return wrong_count(trial_.filled_in(timed()), now.out);
        case Expected::different_lines: // has no timed run
            return "";
        case Expected::own_serial:
        case Expected::start:
            break;
        }
        const bool both_cut =
            before_.out.size() >= sys::most_kept_output && now.out.size() >= sys::most_kept_output;
        return both_cut ? first_difference_of_beginnings(before_.out, now.out)
                        : first_difference(before_.out, now.out);
    }

    /// Runs both once. What is wrong with the learner's program; empty if nothing is.
    std::string run_both() {
        before_ = run_before();
        deadline_s_ = std::max(task_.deadline_s, patience * before_.wall_s);
        now_ = run_now();
        times_ = {{before_.wall_s}, {now_.wall_s}};
        if (const std::string wrong = bad_end(before_, task_.deadline_s); !wrong.empty())
            return "the serial program itself fails: " + wrong;
        return wrong_when_timed(now_);
    }

    /// Not right for the arguments of the timed run, which are larger.
    Step wrong_timed(const std::string& wrong) {
        return {.aspect = Aspect::right,
                .finding = {Verdict::not_yet, fmt::format("For the timed run (arguments {}), {}.",
                                                          typed(trial_.filled_in(timed())), wrong)},
                .cause = now_.cut_short == sys::CutShort::by_deadline ? cause_of_cut() : ""};
    }

    bool can_take_more_work() const {
        return !more_work_ && !task_.more[std::size_t(subject_.language)].empty() &&
               before_.wall_s < task_.deadline_s / 6; // three times the work must fit in
    }

    /// Runs both with more work: where starting processes takes long, little work shows neither
    /// parallelism nor a gain. Returns whether all runs so far were right.
    bool take_more_work() {
        more_work_ = true;
        if (wrong_later_.empty()) wrong_later_ = run_both();
        return wrong_later_.empty();
    }

    bool looks_inside() const {
        return task_.looks_at(Aspect::overlap) || task_.looks_at(Aspect::parallel);
    }

    /// How parallel the learner's program was.
    Step inside(const sys::OtherPrograms& others) {
        const bool waits = task_.looks_at(Aspect::overlap);
        const auto look = [&] {
            return waits ? overlap(now_.activity, task_.waits_s,
                                   std::size_t(std::stoul(timed().front())))
                         : parallelism(now_.activity, {mp::process_cpu_count(), others.cpus_used()},
                                       before_.activity.total.cpu_s);
        };
        Step step = {.aspect = waits ? Aspect::overlap : Aspect::parallel, .finding = look()};
        // What other programs hid in one run may be seen in the next, or with more work.
        const auto is_open = [&] {
            return step.finding.verdict == Verdict::cannot_tell || step.finding.may_change;
        };
        for (int more = 0; more < 2 && is_open(); ++more) {
            const bool wants_more = more == 1 && step.finding.may_change && can_take_more_work();
            const bool is_right = wants_more ? take_more_work() : run_again();
            if (!is_right) break;
            step.finding = look();
        }
        step.picture = lanes_of(before_.activity, "start");
        for (GanttLane& lane : lanes_of(now_.activity, "yours"))
            step.picture.push_back(std::move(lane));
        return step;
    }

    /// Whether another timed run was right; if so, it is the one that is looked at.
    bool run_again() {
        sys::ContainedEnd again = run_now();
        if (!is_right_again(again)) return false;
        now_ = std::move(again);
        return true;
    }

    /// Whether a timed run after the first one was right, too; if not, remembers why.
    bool is_right_again(const sys::ContainedEnd& now) {
        if (wrong_later_.empty()) wrong_later_ = wrong_when_timed(now);
        return wrong_later_.empty();
    }

    /// A program that is right in one run and not in the next, such as one with a race condition.
    CheckReport finish_wrong_later() {
        report_.right = false;
        Step step = {.aspect = task_.looks_at(Aspect::faster) ? Aspect::faster : Aspect::not_slower,
                     .finding = {Verdict::not_yet,
                                 fmt::format("It is right in one run and not in another: with the "
                                             "arguments {}, {}.",
                                             typed(trial_.filled_in(timed())), wrong_later_)},
                     .cause = cause_in_source(Aspect::right)};
        on_step_(step);
        report_.steps.push_back(std::move(step));
        return finish();
    }

    /// As many pairs of runs as an interval takes, unless they take too long. Whether all of them
    /// were right.
    bool take_times() {
        if (!wrong_later_.empty()) return false;
        if (mp::process_cpu_count() < 2) return is_right_again(run_now()); // times tell nothing
        const Clock::time_point begin = Clock::now();
        const auto seconds_since = [](Clock::time_point time) {
            return std::chrono::duration<double>(Clock::now() - time).count();
        };
        while (times_.now.size() < most_pairs) {
            if (seconds_since(timing_began_) > longest_timing_s) break;
            if (has_interval() && seconds_since(begin) > timing_budget_s) break;
            const bool before_first = times_.now.size() % 2 == 0;
            if (before_first) times_.before.push_back(run_before().wall_s);
            const sys::ContainedEnd now = run_now();
            if (!is_right_again(now)) return false;
            times_.now.push_back(now.wall_s);
            if (!before_first) times_.before.push_back(run_before().wall_s);
            if (is_clear() || (has_interval() && can_take_more_work())) break;
        }
        return true;
    }

    bool has_interval() const { return times_.now.size() >= stats::least_for_interval; }

    /// Whether more runs would change nothing.
    bool is_clear() const {
        if (!has_interval()) return false;
        const auto speedup = stats::speedup(times_.before, times_.now);
        return speedup && (speedup->finding() == stats::Finding::faster ||
                           speedup->finding() == stats::Finding::slower);
    }

    Step faster(const sys::OtherPrograms& others) {
        const Aspect aspect = task_.looks_at(Aspect::faster) ? Aspect::faster : Aspect::not_slower;
        const auto find = [&] {
            return speed(aspect, times_, {mp::process_cpu_count(), others.cpus_used()});
        };
        Step step = {.aspect = aspect};
        if (!take_times()) return step;
        step.finding = find();
        if (!step.finding.may_change || !can_take_more_work() || !cause_of(aspect).empty())
            return step;
        timing_began_ = Clock::now();
        if (!take_more_work() || !take_times()) return step;
        step.finding = find();
        step.finding.words.insert(step.finding.words.size() - 1, ", with more work");
        return step;
    }

    const Task& task_;
    const Subject& subject_;
    const std::function<void(const Step&)>& on_step_;
    Trial trial_;
    Times times_;
    sys::ContainedEnd before_, now_; // the first timed run of each, or one of which more was seen
    bool was_cut_ = false;           // the run for the last input, by its deadline
    bool more_work_ = false;         // in the timed runs
    double deadline_s_ = 0;          // of the timed runs
    Clock::time_point timing_began_; // with this amount of work
    std::string wrong_later_;        // what was wrong with a timed run after the first one
    CheckReport report_;
};

} // namespace

const char* name_of(Aspect aspect) {
    switch (aspect) {
    case Aspect::builds:
        break;
    case Aspect::right:
        return "right";
    case Aspect::parallel:
        return "parallel";
    case Aspect::overlap:
        return "overlap";
    case Aspect::faster:
        return "faster";
    case Aspect::not_slower:
        return "not slower";
    case Aspect::clean:
        return "clean";
    }
    return "builds";
}

bool CheckReport::done() const {
    return right && std::ranges::none_of(steps, [](const Step& step) {
               return step.finding.verdict == Verdict::not_yet;
           });
}

CheckReport run_checks(const Subject& subject, const std::function<void(const Step&)>& on_step) {
    return Checker(subject, on_step).check();
}

std::string description(const Subject& subject) {
    if (!subject.command.empty())
        return fmt::format("Checks this command, with the arguments of the task {}: {}",
                           subject.task->name, typed(subject.command));
    const std::string path = subject.folder + "/" + subject.file_name;
    if (subject.language == Language::python)
        return fmt::format("Checks {}, run by python3.", path);
    return fmt::format("Checks {}, built with -std=c++20 -O2.", path);
}

std::string build_command(const Subject& subject) {
    if (!subject.command.empty() || subject.language == Language::python) return "";
    const BuildSetup setup = find_build_setup();
    return setup.compiler.empty() ? ""
                                  : typed(setup.command(subject.file_name, subject.task->name));
}

} // namespace mpworkshop::practice
