"""The compiler refuses what cannot be sent to a worker: with one error, in one sentence of the engine.

Usage: refusal_test.py COMPILER INCLUDE_FOLDER...
"""

import os
import subprocess
import sys
import tempfile

FUNCTION = "this function cannot be sent"
ITEM = "these items cannot be sent"
RESULT = "this result cannot be sent back"

CASES = {
    "a string captured": (FUNCTION, 'std::string s; pool.map([s](int i) { return i; }, std::vector<int>{1});'),
    "a std::function": (FUNCTION, "std::function<int(int)> f; pool.map(f, std::vector<int>{1});"),
    "a SharedArray captured whole": (FUNCTION,
        "mp::SharedArray<int> a(1); pool.map([b = std::move(a)](int i) { return b[0] + i; }, std::vector<int>{1});"),
    "pointers as items": (ITEM, "pool.map([](int* p) { return *p; }, std::vector<int*>{});"),
    "views as items": (ITEM, "pool.map([](std::string_view) { return 1; }, std::vector<std::string_view>{});"),
    "spans as items": (ITEM, "pool.map([](std::span<int>) { return 1; }, std::vector<std::span<int>>{});"),
    "pointers inside of vectors": (ITEM, "pool.map([](const std::vector<int*>&) { return 1; }, std::vector<std::vector<int*>>{});"),
    "pointers inside of maps": (ITEM,
        "pool.map([](const std::map<int, char*>&) { return 1; }, std::vector<std::map<int, char*>>{});"),
    "a pointer among tuples": (ITEM, "pool.starmap([](int, int*) { return 1; }, std::vector<std::tuple<int, int*>>{});"),
    "a pointer as an argument": (ITEM, "pool.apply([](int*) { return 1; }, static_cast<int*>(nullptr));"),
    "a pointer as a result": (RESULT, "pool.map([](int) -> int* { return nullptr; }, std::vector<int>{1});"),
    "a reference as a result": (RESULT, "pool.map([](const int& i) -> const int& { return i; }, std::vector<int>{1});"),
    "a view as a result": (RESULT, "pool.apply([] { return std::string_view(); });"),
    "vectors of pointers as results": (RESULT, "pool.apply([] { return std::vector<int*>(); });"),
    "a function that takes something else": ("does not take an item", "pool.map([](std::string) { return 1; }, std::vector<int>{1});"),
    "a function of too many arguments": ("does not take such parts",
        "pool.starmap([](int, int, int) { return 1; }, std::vector<std::pair<int, int>>{});"),
    "a member that is read by its pointer": (
        "a lambda: [](const auto& item) { return item.member; }",
        "struct S { int member; }; pool.map(&S::member, std::vector<S>{});"),
    "a value that cannot be unpacked, inside of a vector": (ITEM,
        "pool.map([](const std::vector<NoDefault>&) { return 1; }, std::vector<std::vector<NoDefault>>{});"),
    "the result of a refused map, used": (FUNCTION,
        "std::string s; std::vector<int> x = pool.map([s](int i) { return i; }, {1}); (void)x[0];"),
    "the result of a refused map, used as it is": (FUNCTION,
        "std::string s; for (int i : pool.map([s](int i) { return i; }, std::vector{1})) (void)i;"),
    "a refused map_async, waited for": (FUNCTION,
        "std::string s; std::vector<int> x = pool.map_async([s](int i) { return i; }, {1}).get();"),
    "a refused apply_async, with callbacks": (RESULT,
        "auto r = pool.apply_async([] { return std::string_view(); });"
        " r.on_result([](std::string_view) {}); if (r.ready()) (void)r.get();"),
    "a refused imap, walked": (ITEM,
        "for (int i : pool.imap([](int*) { return 1; }, std::vector<int*>{})) (void)i;"),
    "map_into of another type": ("map_into writes what the function returns",
        "std::vector<int> in(1); std::vector<double> out(1); pool.map_into([](int i) { return i; }, in, out);"),
    "map_into of strings": ("map_into writes what the function returns",
        "std::vector<std::string> all(1); pool.map_into([](const std::string& s) { return s; }, all, all);"),
    "a part of a value that cannot be sent": ("this part of a value cannot be",
        "pool.map([](const WithPointer&) { return 1; }, std::vector<WithPointer>{});"),
    "an initializer with a string": ("this initializer cannot be sent",
        "std::string s; mp::PoolOptions o; o.initializer = [s] { (void)s; };"),
}


TYPES = """
struct NoDefault {
    explicit NoDefault(int);
    std::string text;
    template <class Archive> void serialize(Archive& archive) { archive(text); }
};
struct WithPointer {
    int* pointer = nullptr;
    std::string text;
    template <class Archive> void serialize(Archive& archive) { archive(pointer, text); }
};
"""
HEADERS = "".join("#include <%s>\n" % name for name in
                  ("mp/mp.hpp", "functional", "map", "span", "string", "string_view", "vector"))


class Compiler:
    """Compiles function bodies; the headers only once."""

    def __init__(self, command, includes, folder):
        self.header = os.path.join(folder, "all.hpp")
        self.command = [command, "-std=c++20"] + ["-I" + each for each in includes]
        with open(self.header, "w") as file:
            file.write(HEADERS + TYPES)
        subprocess.run(self.command + ["-x", "c++-header", self.header, "-o", self.header + ".gch"], check=True)

    def errors(self, body):
        source = "void f(mp::Pool& pool) { (void)pool; %s }\n" % body
        command = self.command + ["-include", self.header, "-fsyntax-only", "-x", "c++", "-"]
        text = subprocess.run(command, input=source, capture_output=True, text=True).stderr
        return [line for line in text.splitlines() if "error:" in line]


def main():
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        compiler = Compiler(sys.argv[1], sys.argv[2:], folder)
        clean = compiler.errors("pool.map([](int i) { return i; }, std::vector<int>{1});")
        if clean:
            sys.exit("what is allowed does not compile:\n" + "\n".join(clean))
        for name, (sentence, body) in CASES.items():
            errors = compiler.errors("auto x = " + body if body.startswith("pool.") else body)
            if len(errors) != 1 or sentence not in errors[0] or "mp:" not in errors[0]:
                failed += 1
                print("%s: expected one error that says '%s', got %d:" % (name, sentence, len(errors)))
                print("\n".join("    " + line[:300] for line in errors[:3]))
    print("%d passed, %d failed" % (len(CASES) - failed, failed))
    if failed:
        sys.exit(1)


main()
