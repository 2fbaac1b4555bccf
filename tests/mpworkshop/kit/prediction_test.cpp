// --predict: what was said before a run, and what came of it.

#include "mpworkshop/kit/prediction.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <nlohmann/json.hpp>

#include "support/command.hpp"

using mpworkshop::kit::Prediction;
using mpworkshop::kit::Quantity;
using nlohmann::json;
using support::has;
using support::run;

namespace {

std::string in_words(Quantity quantity, double said, double was, std::string because = {}) {
    Prediction prediction("?", quantity, said);
    prediction.came_out(was, std::move(because));
    return prediction.in_words();
}

/// The program on a terminal, with a user who types.
class OnTerminal {
public:
    explicit OnTerminal(std::vector<std::string> words)
        : terminal_(::posix_openpt(O_RDWR | O_NOCTTY)) {
        ::grantpt(terminal_);
        ::unlockpt(terminal_);
        const std::string name = ::ptsname(terminal_);
        words.insert(words.begin(), "mpworkshop");
        std::vector<char*> pointers;
        for (std::string& word : words) pointers.push_back(word.data());
        pointers.push_back(nullptr);
        pid_ = ::fork();
        if (pid_ != 0) return;
        ::setenv("XDG_STATE_HOME", state_.path().c_str(), 1);
        ::setsid();
        const int own = ::open(name.c_str(), O_RDWR);
        for (int stream = 0; stream < 3; ++stream) ::dup2(own, stream);
        ::execv(MPWORKSHOP_BINARY, pointers.data());
        ::_exit(127);
    }
    ~OnTerminal() {
        if (pid_ > 0) {
            ::kill(pid_, SIGKILL);
            ::waitpid(pid_, nullptr, 0);
        }
        ::close(terminal_);
    }
    OnTerminal(const OnTerminal&) = delete;
    OnTerminal& operator=(const OnTerminal&) = delete;

    /// Whether that is shown before the program ends, or stops for a minute.
    testing::AssertionResult shows(const std::string& text) {
        char buffer[1 << 12];
        for (pollfd file = {terminal_, POLLIN, 0}; shown_.find(text) == std::string::npos;) {
            if (::poll(&file, 1, 60'000) <= 0) break;
            const ssize_t got = ::read(terminal_, buffer, sizeof buffer);
            if (got <= 0) break;
            shown_.append(buffer, std::size_t(got));
        }
        return has(shown_, text);
    }
    void type(const std::string& line) const {
        ASSERT_EQ(::write(terminal_, line.data(), line.size()), ssize_t(line.size()));
    }
    int status() {
        int status = 0;
        ::waitpid(pid_, &status, 0);
        pid_ = -1;
        return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
    }

private:
    support::Folder state_;
    int terminal_;
    pid_t pid_ = -1;
    std::string shown_;
};

} // namespace

TEST(Prediction, says_both_numbers_in_the_same_words) {
    EXPECT_EQ(in_words(Quantity::speedup, 2, 1.94), "You said 2 times as fast. It was 1.9 times.");
    EXPECT_EQ(in_words(Quantity::speedup, 2, 153), "You said 2 times as fast. It was 150 times.");
    EXPECT_EQ(in_words(Quantity::speedup, 1, 2), "You said as fast. It was 2 times as fast.");
    EXPECT_EQ(in_words(Quantity::speedup, 0.5, 1.001), "You said 2 times as slow. It was as fast.");
    EXPECT_EQ(in_words(Quantity::speedup, 2, 1 / 5012.0, "starting the pool took 2 ms"),
              "You said 2 times as fast. It was 5,000 times as slow: starting the pool took 2 ms.");
    EXPECT_EQ(in_words(Quantity::seconds, 2, 0.25), "You said 2.00 s. It took 250 ms.");
    EXPECT_EQ(in_words(Quantity::percent, 0, 37.5), "You said 0 %. It was 37.5 %.");
}

TEST(Prediction, is_withheld_where_the_measurement_is) {
    Prediction prediction("How many?", Quantity::speedup, 2);
    EXPECT_EQ(prediction.in_words(), "") << "the run was cut short";
    prediction.cannot_be_told("the machine is busy.");
    EXPECT_EQ(prediction.in_words(),
              "You said 2 times as fast. What it was cannot be told: the machine is busy.");
}

TEST(Prediction, of_an_exercise_is_compared_with_what_it_measured) {
    const auto result = run({"map", "--predict", "2"});
    EXPECT_EQ(result.status, 0);
    EXPECT_TRUE(has(result.out, "\nYou said 2 times as fast. It was "));
    std::string unwrapped = result.out;
    std::ranges::replace(unwrapped, '\n', ' ');
    EXPECT_TRUE(has(unwrapped, ": starting, using and ending the pool took "));

    const json document = json::parse(run({"map", "--predict=2", "--json"}).out);
    const json& prediction = document["prediction"];
    EXPECT_EQ(prediction["said"], 2);
    EXPECT_EQ(prediction["unit"], "times as fast");
    EXPECT_EQ(document["options"]["predict"], 2);
    EXPECT_GT(prediction["was"], 0); // of pairs that are measured after the run
    EXPECT_LT(prediction["was"], 0.5);
    EXPECT_TRUE(json::parse(run({"map", "--json"}).out)["prediction"].is_null());
}

TEST(Prediction, is_made_of_every_comparison) {
    const std::vector<std::vector<std::string>> commands = {
        {"starmap"},
        {"threads-io", "--tasks", "3", "--seconds", "0.01"},
        {"pi-parallel", "1e6"},
        {"chunks", "--tasks", "4", "--seconds", "1e-3"},
        {"race", "--updates", "1e5"},
        {"gil", "--seconds", "0.02"},
        {"compare", "map", "--runs", "2"},
        {"scale", "pi", "1e5", "--runs", "2", "-p", "1"}};
    for (std::vector<std::string> command : commands) {
        command.insert(command.end(), {"--json", "--predict", "3"});
        const auto result = run(command);
        EXPECT_EQ(result.status, 0) << result.err;
        const json prediction = json::parse(result.out)["prediction"];
        EXPECT_EQ(prediction["said"], 3) << command.front();
        EXPECT_FALSE(std::string(prediction["question"]).empty()) << command.front();
        EXPECT_TRUE(has(std::string(prediction["sentence"]), "You said 3")) << command.front();
    }
}

TEST(Prediction, of_too_few_runs_is_withheld) {
    const auto result = run({"compare", "map", "--runs", "2", "--predict", "2"});
    EXPECT_TRUE(has(result.out, "You said 2 times as fast. What it was cannot be told: 2 runs of"));
}

TEST(Prediction, without_a_terminal_takes_a_number) {
    support::expect_refused({"map", "--predict"},
                            "map: --predict asks on the terminal, and there is none here; give the "
                            "answer too, such as --predict 2",
                            2);
    support::expect_refused({"compare", "--predict", "map"}, "compare: --predict asks", 2);
    support::expect_refused({"map", "--predict=much"}, "--predict: 'much' is not a finite number",
                            2);
    support::expect_refused({"race", "--predict", "101"}, "--predict: '101' is out of range", 2);
    support::expect_refused({"map", "--predict", "2", "--only", "loop"},
                            "map: --predict takes the place of --only", 2);
}

TEST(Prediction, asks_one_question_on_a_terminal) {
    OnTerminal program({"map", "--count", "5", "--predict"});
    ASSERT_TRUE(program.shows("How many times as fast as the loop is the pool? (2: half"));
    program.type("many\n");
    program.type("2\n");
    EXPECT_TRUE(program.shows("You said 2 times as fast. It was "));
    EXPECT_TRUE(program.shows("Next: "));
    EXPECT_EQ(program.status(), 0);
}
