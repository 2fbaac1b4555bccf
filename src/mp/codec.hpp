#pragma once

/// How a value becomes bytes that a worker can read.
///
/// Two ways. *Flat*: values that are copied trivially, and pairs, tuples, arrays and optionals of
/// such, lie in shared memory as they are. *Packed*: std containers, strings and types with a
/// `serialize` member go through cereal. Nothing else may be sent; a pointer, reference,
/// string_view or span would point into the sender's own memory.

#include <array>
#include <cereal/archives/binary.hpp>
#include <cereal/types/array.hpp>
#include <cereal/types/chrono.hpp>
#include <cereal/types/complex.hpp>
#include <cereal/types/deque.hpp>
#include <cereal/types/list.hpp>
#include <cereal/types/map.hpp>
#include <cereal/types/optional.hpp>
#include <cereal/types/set.hpp>
#include <cereal/types/string.hpp>
#include <cereal/types/tuple.hpp>
#include <cereal/types/unordered_map.hpp>
#include <cereal/types/unordered_set.hpp>
#include <cereal/types/utility.hpp>
#include <cereal/types/variant.hpp>
#include <cereal/types/vector.hpp>
#include <chrono>
#include <complex>
#include <cstddef>
#include <istream>
#include <optional>
#include <ostream>
#include <span>
#include <streambuf>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace mp {

namespace detail {

/// Types whose value is an address in the sender.
template <class T>
inline constexpr bool is_address = std::is_pointer_v<T> || std::is_reference_v<T> ||
                                   std::is_member_pointer_v<T> || std::is_null_pointer_v<T>;
template <class C, class Traits>
inline constexpr bool is_address<std::basic_string_view<C, Traits>> = true;
template <class T, std::size_t N> inline constexpr bool is_address<std::span<T, N>> = true;
template <class T> inline constexpr bool is_address<std::reference_wrapper<T>> = true;

template <class T>
inline constexpr bool is_flat = !is_address<T> && std::is_trivially_copy_constructible_v<T> &&
                                std::is_trivially_destructible_v<T>;
template <class A, class B>
inline constexpr bool is_flat<std::pair<A, B>> = is_flat<A> && is_flat<B>;
template <class... T> inline constexpr bool is_flat<std::tuple<T...>> = (is_flat<T> && ...);
template <class T, std::size_t N> inline constexpr bool is_flat<std::array<T, N>> = is_flat<T>;
template <class T> inline constexpr bool is_flat<std::optional<T>> = is_flat<T>;
template <class... T> inline constexpr bool is_flat<std::variant<T...>> = (is_flat<T> && ...);

/// Whether cereal can both write and read T and, by default, whether that is enough.
template <class T>
inline constexpr bool is_archivable =
    !is_address<T> && std::is_default_constructible_v<T> &&
    cereal::traits::is_output_serializable<T, cereal::BinaryOutputArchive>::value &&
    cereal::traits::is_input_serializable<T, cereal::BinaryInputArchive>::value;

/// Types of the standard library for which cereal has forms of its own.
template <class T> inline constexpr bool cereal_has_form = false;
template <class A, class B> inline constexpr bool cereal_has_form<std::pair<A, B>> = true;
template <class... T> inline constexpr bool cereal_has_form<std::tuple<T...>> = true;
template <class T, std::size_t N> inline constexpr bool cereal_has_form<std::array<T, N>> = true;
template <class T> inline constexpr bool cereal_has_form<std::optional<T>> = true;
template <class... T> inline constexpr bool cereal_has_form<std::variant<T...>> = true;
template <class T> inline constexpr bool cereal_has_form<std::complex<T>> = true;
template <class R, class P>
inline constexpr bool cereal_has_form<std::chrono::duration<R, P>> = true;
template <class C, class D>
inline constexpr bool cereal_has_form<std::chrono::time_point<C, D>> = true;

/// A flat struct that says nothing of cereal: inside of a container it goes as its bytes.
template <class T>
inline constexpr bool is_plain_struct =
    std::is_class_v<T> && is_flat<T> && !cereal_has_form<T> &&
    !cereal::traits::has_member_serialize<T, cereal::BinaryOutputArchive>::value &&
    !cereal::traits::has_member_save<T, cereal::BinaryOutputArchive>::value &&
    !cereal::traits::has_non_member_serialize<T, cereal::BinaryOutputArchive>::value;

/// cereal's own trait answers for the container alone: vector<int*> passes it. So look inside,
/// level by level.
template <class T> inline constexpr bool is_packable = is_archivable<T>;
template <class T> inline constexpr bool is_sendable = is_flat<T> || is_packable<T>;
template <class T, class A> inline constexpr bool is_packable<std::vector<T, A>> = is_sendable<T>;
template <class T, class A> inline constexpr bool is_packable<std::deque<T, A>> = is_sendable<T>;
template <class T, class A> inline constexpr bool is_packable<std::list<T, A>> = is_sendable<T>;
template <class K, class C, class A>
inline constexpr bool is_packable<std::set<K, C, A>> = is_sendable<K>;
template <class K, class C, class A>
inline constexpr bool is_packable<std::multiset<K, C, A>> = is_sendable<K>;
template <class K, class H, class E, class A>
inline constexpr bool is_packable<std::unordered_set<K, H, E, A>> = is_sendable<K>;
template <class K, class V, class C, class A>
inline constexpr bool is_packable<std::map<K, V, C, A>> = is_sendable<K> && is_sendable<V>;
template <class K, class V, class C, class A>
inline constexpr bool is_packable<std::multimap<K, V, C, A>> = is_sendable<K> && is_sendable<V>;
template <class K, class V, class H, class E, class A>
inline constexpr bool is_packable<std::unordered_map<K, V, H, E, A>> =
    is_sendable<K> && is_sendable<V>;
template <class A, class B>
inline constexpr bool is_packable<std::pair<A, B>> = is_sendable<A> && is_sendable<B>;
template <class... T> inline constexpr bool is_packable<std::tuple<T...>> = (is_sendable<T> && ...);
template <class T, std::size_t N>
inline constexpr bool is_packable<std::array<T, N>> = is_sendable<T>;
template <class T> inline constexpr bool is_packable<std::optional<T>> = is_sendable<T>;
template <class... T>
inline constexpr bool is_packable<std::variant<T...>> = (is_sendable<T> && ...);

} // namespace detail

/// What may travel to a worker and back.
template <class T>
concept Sendable = std::is_same_v<T, std::remove_cvref_t<T>> && detail::is_sendable<T>;

} // namespace mp

namespace cereal {

template <class T>
    requires mp::detail::is_plain_struct<T>
void save(BinaryOutputArchive& archive, const T& value) {
    archive.saveBinary(&value, sizeof value);
}

template <class T>
    requires mp::detail::is_plain_struct<T>
void load(BinaryInputArchive& archive, T& value) {
    archive.loadBinary(&value, sizeof value);
}

} // namespace cereal

namespace mp {

namespace detail {

/// What cereal writes to.
class ByteSink : public std::streambuf {
public:
    std::vector<std::byte> take() { return std::move(bytes_); }

private:
    int_type overflow(int_type c) override {
        if (c != traits_type::eof()) bytes_.push_back(static_cast<std::byte>(c));
        return c;
    }
    std::streamsize xsputn(const char* data, std::streamsize size) override {
        const auto* from = reinterpret_cast<const std::byte*>(data);
        bytes_.insert(bytes_.end(), from, from + size);
        return size;
    }

    std::vector<std::byte> bytes_;
};

/// What cereal reads from.
class ByteSource : public std::streambuf {
public:
    explicit ByteSource(std::span<const std::byte> bytes) {
        char* data = const_cast<char*>(reinterpret_cast<const char*>(bytes.data()));
        setg(data, data, data + bytes.size());
    }
};

template <class T> std::vector<std::byte> pack(const T& value) {
    ByteSink sink;
    std::ostream stream(&sink);
    cereal::BinaryOutputArchive archive(stream);
    archive(value);
    return sink.take();
}

template <class T> T unpack(std::span<const std::byte> bytes) {
    ByteSource source(bytes);
    std::istream stream(&source);
    cereal::BinaryInputArchive archive(stream);
    T value;
    archive(value);
    return value;
}

} // namespace detail

} // namespace mp
