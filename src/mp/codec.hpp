#pragma once

/// How a value becomes bytes that a worker can read, and how bytes become a value again.
///
/// A *flat* value is stored in shared memory as it is: it is trivially copyable, or a pair, tuple,
/// array, optional, or variant of flat values. Any other value is *packed* into a sequence of bytes
/// and unpacked by its reader. These types can be packed:
///   - strings, and containers that grow by insert(end(), value), maps included;
///   - pairs, tuples, arrays, optionals, and variants;
///   - types with a member `template <class Archive> void serialize(Archive& archive)` that calls
///     `archive(first_member, second_member, ...)`, or with a pair of members `save(archive) const`
///     and `load(archive)`; both with a default constructor;
///   - types with a specialization of mp::Codec; <mp/cereal.hpp> provides one for all types that
///     the library cereal can write and read.
/// All parts of such a value must themselves be flat or packable. Pointers, references,
/// string_view, and span are refused, because they refer to the sender's memory.
///
/// Both sides run the same program, so numbers keep their representation in memory.

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <iterator>
#include <new>
#include <optional>
#include <ranges>
#include <span>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace mp {

class OutputArchive;
class InputArchive;

/// Defines how values of type T are packed; specialize it for a type that codec.hpp does not know:
///
///     template <> struct mp::Codec<Date> {
///         static void save(mp::OutputArchive& archive, const Date& date) { archive(date.days()); }
///         static Date load(mp::InputArchive& archive) { return Date(archive.load<int>()); }
///     };
template <class T> struct Codec;

namespace detail {

/// Types whose value is an address in the sender's memory.
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

/// How a value is written and read.
enum class Form { none, flat, codec, members, save_load, parts, array, optional, variant, range };

template <class T> inline constexpr Form standard_form = Form::none;
template <class A, class B> inline constexpr Form standard_form<std::pair<A, B>> = Form::parts;
template <class... T> inline constexpr Form standard_form<std::tuple<T...>> = Form::parts;
template <class T, std::size_t N>
inline constexpr Form standard_form<std::array<T, N>> = Form::array;
template <class T> inline constexpr Form standard_form<std::optional<T>> = Form::optional;
template <class... T> inline constexpr Form standard_form<std::variant<T...>> = Form::variant;

template <class T>
concept HasCodec = requires { sizeof(Codec<T>); };

template <class T>
concept HasMembers = std::is_default_constructible_v<T> &&
                     requires(T& value, OutputArchive& output, InputArchive& input) {
                         value.serialize(output);
                         value.serialize(input);
                     };

template <class T>
concept HasSaveAndLoad =
    std::is_default_constructible_v<T> &&
    requires(const T& from, T& to, OutputArchive& output, InputArchive& input) {
        from.save(output);
        to.load(input);
    };

/// A container that can be rebuilt element by element.
template <class T>
concept Growing = std::is_default_constructible_v<T> && std::ranges::input_range<const T> &&
                  std::ranges::sized_range<const T> && !std::ranges::view<T> &&
                  !std::is_same_v<std::ranges::range_value_t<T>, T> &&
                  requires(T& to, std::ranges::range_value_t<T>&& value) {
                      to.insert(to.end(), std::move(value));
                  };

template <class T> consteval bool is_sendable_now();

/// The template arguments of a pair, tuple, optional, or variant.
template <class T> struct PartsOf;
template <template <class...> class Of, class... Part> struct PartsOf<Of<Part...>> {
    static constexpr bool sendable = (is_sendable_now<std::remove_const_t<Part>>() && ...);

    /// Reads the parts in order: the elements of a braced list are evaluated from left to right.
    template <class Archive> static Of<Part...> load(Archive& archive) {
        return Of<Part...>{archive.template load<std::remove_const_t<Part>>()...};
    }
};

template <class T> consteval Form form_of() {
    if constexpr (is_address<T>)
        return Form::none;
    else if constexpr (is_flat<T>)
        return Form::flat;
    else if constexpr (HasCodec<T>)
        return Form::codec;
    else if constexpr (HasMembers<T>)
        return Form::members;
    else if constexpr (HasSaveAndLoad<T>)
        return Form::save_load;
    else if constexpr (standard_form<T> == Form::array)
        return std::is_default_constructible_v<T> && is_sendable_now<typename T::value_type>()
                   ? Form::array
                   : Form::none;
    else if constexpr (standard_form<T> != Form::none)
        return PartsOf<T>::sendable ? standard_form<T> : Form::none;
    else if constexpr (Growing<T>)
        return is_sendable_now<std::ranges::range_value_t<T>>() ? Form::range : Form::none;
    else
        return Form::none;
}

template <class T> consteval bool is_sendable_now() { return form_of<T>() != Form::none; }

} // namespace detail

/// Types that may be sent to a worker and back.
template <class T>
concept Sendable = std::is_same_v<T, std::remove_cvref_t<T>> && detail::is_sendable_now<T>();

/// Packs values: the archive that serialize(archive) receives when a value is sent.
class OutputArchive {
public:
    /// Appends these values, one after the other.
    template <class... T> OutputArchive& operator()(const T&... values) {
        (save(values), ...);
        return *this;
    }
    template <class T> OutputArchive& operator&(const T& value) { return (*this)(value); }

    /// Appends `size` unchanged bytes.
    void write(const void* data, std::size_t size) {
        const auto* from = static_cast<const std::byte*>(data);
        bytes_.insert(bytes_.end(), from, from + size);
    }
    /// The number of bytes written so far.
    std::size_t size() const { return bytes_.size(); }
    const std::byte* data() const { return bytes_.data(); }
    std::vector<std::byte> take() { return std::move(bytes_); }

private:
    template <class T> void save(const T& value);

    std::vector<std::byte> bytes_;
};

/// Unpacks values: the archive that serialize(archive) receives when a value arrives. Errors:
/// std::runtime_error when the bytes end before the value does.
class InputArchive {
public:
    explicit InputArchive(std::span<const std::byte> bytes) : left_(bytes) {}

    /// Reads these values, one after the other.
    template <class... T> InputArchive& operator()(T&&... values) {
        (load_into(values), ...);
        return *this;
    }
    template <class T> InputArchive& operator&(T&& value) { return (*this)(value); }
    /// Reads one value.
    template <class T> T load();

    /// Reads `size` unchanged bytes.
    void read(void* to, std::size_t size);
    /// Reads the number of elements that follow, of at least `size` bytes each.
    std::size_t read_count(std::size_t size);

private:
    template <class T> void load_into(T& value);
    template <class T, std::size_t I = 0> T load_alternative(std::size_t index);

    std::span<const std::byte> left_;
};

namespace detail {

/// Elements that can be copied in one piece.
template <class T>
concept Contiguous = std::ranges::contiguous_range<const T> &&
                     std::is_trivially_copyable_v<std::ranges::range_value_t<T>> &&
                     is_flat<std::ranges::range_value_t<T>> &&
                     std::is_default_constructible_v<std::ranges::range_value_t<T>> &&
                     requires(T& to) { to.resize(std::size_t{}); };

/// An element of a container while it is being read: a map's key is const only inside the map.
template <class T> struct Loose {
    using type = T;
};
template <class K, class V> struct Loose<std::pair<const K, V>> {
    using type = std::pair<K, V>;
};

/// Throws std::runtime_error: the bytes of a value are damaged.
[[noreturn]] void refuse_bytes();

template <class T> std::vector<std::byte> pack(const T& value) {
    OutputArchive archive;
    archive(value);
    return archive.take();
}

template <class T> T unpack(std::span<const std::byte> bytes) {
    return InputArchive(bytes).load<T>();
}

} // namespace detail

template <class T> void OutputArchive::save(const T& value) {
    using detail::Form;
    if constexpr (std::is_array_v<T>) {
        for (const auto& each : value) save(each);
        return;
    } else {
        constexpr Form form = detail::form_of<T>();
        static_assert(form != Form::none,
                      "mp: this part of a value cannot be sent: use values (numbers, structs of "
                      "numbers, std containers of such, types with a serialize member), no "
                      "pointers, references, string_view or span");
        if constexpr (form == Form::flat) {
            write(&value, sizeof value);
        } else if constexpr (form == Form::codec) {
            Codec<T>::save(*this, value);
        } else if constexpr (form == Form::members) {
            const_cast<T&>(value).serialize(*this); // one function for both directions
        } else if constexpr (form == Form::save_load) {
            value.save(*this);
        } else if constexpr (form == Form::parts) {
            std::apply([this](const auto&... part) { (this->save(part), ...); }, value);
        } else if constexpr (form == Form::array) {
            for (const auto& each : value) save(each);
        } else if constexpr (form == Form::optional) {
            save(value.has_value());
            if (value) save(*value);
        } else if constexpr (form == Form::variant) {
            save(static_cast<std::uint32_t>(value.index()));
            std::visit([this](const auto& alternative) { this->save(alternative); }, value);
        } else if constexpr (form == Form::range) {
            save(std::uint64_t{std::ranges::size(value)});
            if constexpr (detail::Contiguous<T>) {
                write(std::ranges::data(value),
                      std::ranges::size(value) * sizeof(std::ranges::range_value_t<T>));
            } else {
                for (const std::ranges::range_value_t<T>& each : value) save(each);
            }
        }
    }
}

template <class T> T InputArchive::load() {
    using detail::Form;
    constexpr Form form = detail::form_of<T>();
    static_assert(form != Form::none, "mp: a value of this type cannot be received; see codec.hpp");
    if constexpr (form == Form::flat) {
        alignas(T) std::byte bytes[sizeof(T)];
        read(bytes, sizeof bytes);
        return *std::launder(reinterpret_cast<T*>(bytes));
    } else if constexpr (form == Form::codec) {
        return Codec<T>::load(*this);
    } else if constexpr (form == Form::parts) {
        return detail::PartsOf<T>::load(*this);
    } else if constexpr (form == Form::optional) {
        return load<bool>() ? T(load<typename T::value_type>()) : T();
    } else if constexpr (form == Form::variant) {
        return load_alternative<T>(load<std::uint32_t>());
    } else if constexpr (form != Form::none) {
        T value{};
        load_into(value);
        return value;
    }
}

template <class T> void InputArchive::load_into(T& value) {
    using detail::Form;
    if constexpr (std::is_array_v<T>) {
        for (auto& each : value) load_into(each);
    } else if constexpr (detail::form_of<T>() == Form::none) {
        // OutputArchive::save() has already refused it.
    } else if constexpr (detail::form_of<T>() == Form::members) {
        value.serialize(*this);
    } else if constexpr (detail::form_of<T>() == Form::save_load) {
        value.load(*this);
    } else if constexpr (detail::form_of<T>() == Form::array) {
        for (auto& each : value) load_into(each);
    } else if constexpr (detail::form_of<T>() == Form::range) {
        using Element = std::ranges::range_value_t<T>;
        if constexpr (detail::Contiguous<T>) {
            value.resize(read_count(sizeof(Element)));
            read(std::ranges::data(value), value.size() * sizeof(Element));
        } else {
            T loaded;
            for (std::size_t left = read_count(0); left != 0; --left)
                loaded.insert(loaded.end(), load<typename detail::Loose<Element>::type>());
            value = std::move(loaded);
        }
    } else {
        value = load<T>();
    }
}

template <class T, std::size_t I> T InputArchive::load_alternative(std::size_t index) {
    if constexpr (I == std::variant_size_v<T>) {
        detail::refuse_bytes();
    } else {
        if (index == I) return T(std::in_place_index<I>, load<std::variant_alternative_t<I, T>>());
        return load_alternative<T, I + 1>(index);
    }
}

} // namespace mp
