// A value made of the fuzzer's bytes arrives as it was sent; if it is cut off, there is an error.

#include <fuzzer/FuzzedDataProvider.h>

#include <cstdlib>
#include <exception>
#include <map>
#include <mp/mp.hpp>
#include <optional>
#include <span>
#include <string>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

namespace {

using Bytes = FuzzedDataProvider;

struct Particle {
    std::string name;
    std::vector<double> at;
    bool operator==(const Particle&) const = default;
    template <class Archive> void serialize(Archive& archive) { archive(name, at); }
};

double number(Bytes& bytes) {
    return bytes.ConsumeIntegral<int>() / 8.0;
} // not NaN, so that it equals itself
std::string text(Bytes& bytes) { return bytes.ConsumeRandomLengthString(64); }

template <class F> auto list(Bytes& bytes, F element) {
    std::vector<decltype(element(bytes))> all;
    for (std::size_t left = bytes.ConsumeIntegralInRange<std::size_t>(0, 20); left != 0; --left)
        all.push_back(element(bytes));
    return all;
}

template <class T> void there_and_back(const T& value, Bytes& bytes) {
    const std::vector<std::byte> packed = mp::detail::pack(value);
    if (mp::detail::unpack<T>(packed) != value) std::abort();
    if (packed.empty()) return;
    const auto cut = bytes.ConsumeIntegralInRange<std::size_t>(0, packed.size() - 1);
    // In a separate allocation, so that a read past the end is detected.
    const std::vector<std::byte> part(packed.begin(),
                                      packed.begin() + static_cast<std::ptrdiff_t>(cut));
    try {
        (void)mp::detail::unpack<T>(part);
        std::abort(); // it cannot be complete
    } catch (const std::exception&) {
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Bytes bytes(data, size);
    switch (bytes.ConsumeIntegralInRange(0, 6)) {
    case 0:
        there_and_back(text(bytes), bytes);
        break;
    case 1:
        there_and_back(list(bytes, number), bytes);
        break;
    case 2:
        there_and_back(list(bytes, [](Bytes& b) { return list(b, text); }), bytes);
        break;
    case 3: {
        std::map<std::string, std::pair<int, std::vector<double>>> map;
        for (const std::string& key : list(bytes, text))
            map[key] = {bytes.ConsumeIntegral<int>(), list(bytes, number)};
        there_and_back(map, bytes);
        break;
    }
    case 4:
        there_and_back(std::tuple(text(bytes), number(bytes),
                                  bytes.ConsumeBool() ? std::optional(text(bytes)) : std::nullopt),
                       bytes);
        break;
    case 5:
        there_and_back(list(bytes,
                            [](Bytes& b) -> std::variant<std::string, double> {
                                if (b.ConsumeBool()) return text(b);
                                return number(b);
                            }),
                       bytes);
        break;
    default:
        there_and_back(list(bytes,
                            [](Bytes& b) {
                                return Particle{text(b), list(b, number)};
                            }),
                       bytes);
    }
    return 0;
}
