// Solutions pass, starts do not, and every usual mistake gets the words that it deserves. All of it
// takes minutes: ./test leaves out what has Long in its name, `.ci/long answers` runs everything.

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <mp/cpu.hpp>
#include <nlohmann/json.hpp>

#include "support/command.hpp"

namespace fs = std::filesystem;
using nlohmann::json;
using support::has;

namespace {

struct Language {
    const char* name;
    const char* suffix;
};

constexpr Language cpp = {"cpp", ".cpp"}, python = {"python", ".py"};

/// A task in a language.
using Work = std::tuple<const char*, Language>;

constexpr Work everyday[] = {
    {"threads_io", cpp}, {"threads_io", python}, {"process_demo", python}, {"seeds", python}};
constexpr Work others[] = {
    {"process_demo", cpp}, {"map", cpp},      {"map", python},    {"starmap", cpp},
    {"starmap", python},   {"pi", cpp},       {"pi", python},     {"race", cpp},
    {"race", python},      {"chunks", cpp},   {"chunks", python}, {"seeds", cpp},
    {"words", cpp},        {"words", python}, {"your_own", cpp},  {"your_own", python}};

bool has_program(const std::string& name) {
    return std::system(("command -v " + name + " >/dev/null 2>&1").c_str()) == 0;
}

/// Why a test in this language cannot run; empty if it can.
std::string missing(const Language& language) {
    if (std::string(language.name) == "python")
        return has_program("python3") ? "" : "there is no python3";
    return has_program("c++") || has_program("g++") ? "" : "there is no C++ compiler";
}

/// A learner at one task, in a folder of their own.
class Learner {
public:
    Learner(const std::string& folder, const Language& language)
        : source_(fs::path(MPWORKSHOP_ROOT) / "exercises" / folder / "practice"),
          language_(language),
          name_(json::parse(support::contents(source_ / "task.json"))["name"]) {
        EXPECT_EQ(support::run(with({"practice", name_})).status, 0);
    }

    fs::path source() const { return source_; }
    std::string folder() const { return folder_.path(); }
    std::string file() const {
        return folder_.path() + "/" + name_ + "/" + name_ + language_.suffix;
    }
    void writes(const std::string& text) const { std::ofstream(file()) << text; }

    json checks(support::CommandOptions options = {}) {
        const auto result = support::run(with({"check", name_, "--json"}), std::move(options));
        status_ = result.status;
        EXPECT_EQ(result.err, "");
        return json::parse(result.out, nullptr, false);
    }
    json checks_command(const std::string& command, support::CommandOptions options = {}) {
        std::vector<std::string> words = {"check", name_, "--json", "--run", command};
        if (std::string(language_.name) == "python") words.emplace_back("--python");
        const auto result = support::run(words, std::move(options));
        status_ = result.status;
        return json::parse(result.out, nullptr, false);
    }
    int status() const { return status_; }

private:
    std::vector<std::string> with(std::vector<std::string> words) const {
        if (std::string(language_.name) == "python") words.emplace_back("--python");
        words.insert(words.end(), {"--dir", folder_.path()});
        return words;
    }

    fs::path source_;
    Language language_;
    std::string name_;
    support::Folder folder_;
    int status_ = -1;
};

std::string verdict_of(const json& report, const std::string& name) {
    for (const json& each : report["checks"])
        if (each["name"] == name) return each["verdict"];
    return "not looked at";
}

/// All that is said of what is not as it should be.
std::string complaints(const json& report) {
    std::string words;
    for (const json& each : report["checks"])
        if (each["verdict"] == "not yet")
            words += std::string(each["finding"]) + " " +
                     (each["cause"].is_null() ? "" : std::string(each["cause"])) + "\n";
    return words;
}

/// The words after "check says: " in a wrong answer.
std::string deserved(const std::string& text) {
    static constexpr std::string_view mark = "check says: ";
    const std::size_t begin = text.find(mark) + mark.size();
    return text.substr(begin, text.find_first_of("\n\"", begin) - begin);
}

class Answers : public testing::TestWithParam<Work> {
protected:
    void SetUp() override {
        if (const std::string why = missing(std::get<1>(GetParam())); !why.empty())
            GTEST_SKIP() << why;
    }
    static std::string suffix() { return std::get<1>(GetParam()).suffix; }
};

class Program : public testing::Test {
protected:
    void SetUp() override {
        if (const std::string why = missing(python); !why.empty()) GTEST_SKIP() << why;
    }
};

class LongProgram : public Program {};

/// A process that computes for as long as this is there.
class BusyLoop {
public:
    BusyLoop() : pid_(::fork()) {
        volatile unsigned count = 0;
        while (pid_ == 0) count = count + 1;
    }
    ~BusyLoop() {
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
    }
    BusyLoop(const BusyLoop&) = delete;
    BusyLoop& operator=(const BusyLoop&) = delete;

private:
    pid_t pid_;
};

void use_one_cpu() {
    cpu_set_t cpus;
    ::sched_getaffinity(0, sizeof cpus, &cpus);
    int first = 0;
    while (!CPU_ISSET(first, &cpus)) ++first;
    CPU_ZERO(&cpus);
    CPU_SET(first, &cpus);
    ::sched_setaffinity(0, sizeof cpus, &cpus);
}

std::string solution_of_map() {
    return support::contents(MPWORKSHOP_ROOT "/exercises/map/practice/solution.py");
}

std::string name_of(const testing::TestParamInfo<Work>& info) {
    return std::string(std::get<0>(info.param)) + "_" + std::get<1>(info.param).name;
}

} // namespace

TEST_P(Answers, the_solution_passes) {
    Learner learner(std::get<0>(GetParam()), std::get<1>(GetParam()));
    const std::string solution = support::contents(learner.source() / ("solution" + suffix()));
    if (solution.empty()) GTEST_SKIP() << "this task has no solution: it is the learner's own";
    learner.writes(solution);
    const json report = learner.checks();
    EXPECT_EQ(report["done"], true) << report.dump(2);
    EXPECT_EQ(learner.status(), 0);
    EXPECT_EQ(verdict_of(report, "right"), "ok");
}

TEST_P(Answers, the_start_does_not) {
    Learner learner(std::get<0>(GetParam()), std::get<1>(GetParam()));
    const json report = learner.checks();
    EXPECT_EQ(report["done"], false) << report.dump(2);
    EXPECT_EQ(learner.status(), 1);
}

TEST_P(Answers, a_usual_mistake_gets_its_words) {
    Learner learner(std::get<0>(GetParam()), std::get<1>(GetParam()));
    std::error_code none;
    for (const auto& each : fs::directory_iterator(learner.source() / "wrong", none)) {
        if (each.path().extension() != suffix()) continue;
        const std::string text = support::contents(each.path());
        learner.writes(text);
        const json report = learner.checks();
        EXPECT_EQ(report["done"], false) << each.path() << report.dump(2);
        EXPECT_TRUE(has(complaints(report), deserved(text))) << each.path() << report.dump(2);
    }
}

INSTANTIATE_TEST_SUITE_P(Everyday, Answers, testing::ValuesIn(everyday), name_of);
INSTANTIATE_TEST_SUITE_P(Long, Answers, testing::ValuesIn(others), name_of);

TEST_F(Program, on_one_cpu_is_done_though_faster_cannot_be_told) {
    Learner learner("map", python);
    learner.writes(solution_of_map());
    const json report = learner.checks({.before = use_one_cpu});
    EXPECT_EQ(report["done"], true) << report.dump(2);
    EXPECT_EQ(verdict_of(report, "faster"), "cannot tell");
    EXPECT_EQ(learner.status(), 0);
}

TEST_F(LongProgram, beside_a_busy_loop_is_done) {
    const BusyLoop busy;
    Learner learner("map", python);
    learner.writes(solution_of_map());
    const json report = learner.checks();
    EXPECT_EQ(report["done"], true) << report.dump(2);
    EXPECT_EQ(verdict_of(report, "parallel"), "ok") << report.dump(2);
}

TEST_F(LongProgram, that_is_parallel_but_slower_is_told_so_with_both_times) {
    if (mp::process_cpu_count() < 2) GTEST_SKIP() << "there is only one CPU to compute on";
    Learner learner("map", python);
    std::string text = solution_of_map();
    text.replace(text.find("pool.map(simulate, numbers)"), 27,
                 "[pool.map(simulate, numbers) for _ in range(8)][0]");
    learner.writes(text);
    const json report = learner.checks();
    EXPECT_EQ(verdict_of(report, "parallel"), "ok") << report.dump(2);
    EXPECT_TRUE(has(complaints(report), "Slower than the start: ")) << report.dump(2);
    EXPECT_TRUE(has(complaints(report), " against ")) << report.dump(2);
}

TEST_F(LongProgram, that_uses_futures_or_threads_passes_as_a_command) {
    Learner learner("map", python);
    std::string text = solution_of_map();
    text.replace(text.find("from multiprocessing import Pool"), 32,
                 "from concurrent.futures import ProcessPoolExecutor");
    text.replace(text.find("with Pool(workers) as"), 21, "with ProcessPoolExecutor(workers) as");
    text.replace(text.find("pool.map(simulate, numbers)"), 27,
                 "list(pool.map(simulate, numbers, chunksize=5))");
    learner.writes(text);
    const json report = learner.checks_command("python3 -B " + learner.file());
    EXPECT_EQ(report["done"], true) << report.dump(2);
    EXPECT_TRUE(report["file"].is_null());

    Learner waiting("threads_io", python);
    waiting.writes(support::contents(waiting.source() / "solution.py"));
    EXPECT_EQ(waiting.checks_command("python3 -B " + waiting.file())["done"], true);
}

TEST(OpenMp, passes_as_a_command) {
    if (const std::string why = missing(cpp); !why.empty()) GTEST_SKIP() << why;
    Learner learner("map", cpp);
    std::string text = support::contents(learner.source() / "start.cpp");
    const std::string loop = "for (int number : numbers) ends.push_back(simulate(number));";
    ASSERT_TRUE(has(text, loop));
    text.replace(text.find(loop), loop.size(),
                 "ends.resize(numbers.size());\n#pragma omp parallel for num_threads(workers)\n"
                 "for (int i = 0; i < count; ++i) ends[i] = simulate(numbers[i]);");
    learner.writes(text);
    const std::string program = learner.folder() + "/map/openmp";
    if (std::system(
            ("c++ -std=c++20 -O2 -fopenmp " + learner.file() + " -o " + program + " 2>/dev/null")
                .c_str()) != 0)
        GTEST_SKIP() << "the compiler has no OpenMP";
    const json report = learner.checks_command(program);
    EXPECT_EQ(report["done"], true) << report.dump(2);
}

TEST_F(Program, that_is_wrong_only_in_the_timed_run_is_not_right) {
    struct Case {
        const char *what, *before, *after, *says;
    };
    const char* const print = "    for number, end in zip(numbers, ends):\n";
    for (const Case& each : std::initializer_list<Case>{
             {"lines", print, "    ends = ends[:8]\n", "For the timed run (arguments 40 "},
             {"crash", print, "    assert count < 8\n",
              "ended with exit code 1: AssertionError"}}) {
        Learner learner("map", python);
        std::string text = solution_of_map();
        text.insert(text.find(each.before), each.after);
        learner.writes(text);
        const json report = learner.checks();
        EXPECT_EQ(learner.status(), 1) << each.what;
        EXPECT_TRUE(has(complaints(report), each.says)) << each.what;
        ASSERT_EQ(report["checks"].size(), 1U) << each.what << report.dump(2);
        EXPECT_EQ(verdict_of(report, "right"), "not yet") << each.what;
    }
}

TEST_F(Program, that_is_wrong_in_a_later_timed_run_is_not_done) {
    Learner learner("map", python);
    std::string text = solution_of_map();
    text.insert(text.find("    for number, end in zip(numbers, ends):\n"),
                "    import os\n    seen = os.path.exists('seen')\n"
                "    if count == 40: open('seen', 'w').close()\n"
                "    if seen: ends = ends[:8]\n");
    learner.writes(text);
    const json report = learner.checks();
    EXPECT_EQ(report["done"], false) << report.dump(2);
    EXPECT_EQ(verdict_of(report, "right"), "ok");
    EXPECT_EQ(verdict_of(report, "faster"), "not yet") << report.dump(2);
    EXPECT_TRUE(has(complaints(report), "right in one run and not in another")) << report.dump(2);
}

TEST_F(Program, that_misbehaves_is_ended_and_leaves_nothing) {
    struct Case {
        const char *what, *text, *says, *cause = "";
    };
    for (const Case& each : std::initializer_list<Case>{
             {"endless", "def work(pool): pool.apply(work)\nwhile True:\n    pass\n",
              "still ran after 10 s, and was ended by", "apply() waits for its result"},
             {"output", "while True:\n    print('x' * 100000)\n", "printed more than 64 MiB"},
             {"crash", "import os\nos.kill(os.getpid(), 11)\n", "SIGSEGV"},
             {"terminal", "open('/dev/tty').read()\n", "No such device"},
             {"input", "print(input())\n", "EOFError"},
             // By the limit of processes, or on a busy machine by the deadline before.
             {"bomb",
              "import os, time\nfor _ in range(2000):\n    if os.fork() == 0:\n"
              "        time.sleep(100)\ntime.sleep(100)\n",
              " and was ended by "}}) {
        Learner learner("map", python);
        learner.writes(each.text);
        const json report = learner.checks();
        EXPECT_EQ(learner.status(), 1) << each.what;
        EXPECT_TRUE(has(complaints(report), each.says)) << each.what;
        EXPECT_TRUE(has(complaints(report), each.cause)) << each.what;
    }
}

TEST_F(Program, that_leaves_a_process_behind_is_not_clean) {
    Learner learner("threads_io", python);
    std::string text = support::contents(learner.source() / "solution.py");
    text.replace(text.find("import sys\n"), 11, "import os\nimport sys\nimport time\n");
    text.replace(text.find("    main()"), 10,
                 "    main()\n    sys.stdout.flush()\n    if os.fork() == 0:\n"
                 "        os.setsid()\n        time.sleep(1000)\n");
    learner.writes(text);
    const json report = learner.checks();
    EXPECT_EQ(verdict_of(report, "clean"), "not yet") << report.dump(2);
    EXPECT_TRUE(has(complaints(report), "1 process still ran when it ended")) << report.dump(2);
}
