#pragma once

/// Lets a pool send every type that the library cereal can write and read: types with functions
/// outside the class, or with members for cereal's own archives.
///
///     #include <mp/cereal.hpp>
///     #include <cereal/types/memory.hpp> // for std::unique_ptr, and so on for other types
///
/// Include it in every file that sends such a type. A type that codec.hpp knows is still handled by
/// codec.hpp, unless its serialize() takes only cereal's archives.

#include <cereal/archives/binary.hpp>
#include <cereal/cereal.hpp>
#include <istream>
#include <ostream>
#include <streambuf>
#include <type_traits>

#include "mp/codec.hpp"

namespace mp {

namespace detail {

/// Writes to an OutputArchive.
class ArchiveSink final : public std::streambuf {
public:
    explicit ArchiveSink(OutputArchive& archive) : archive_(archive) {}

private:
    int_type overflow(int_type c) override {
        const char byte = traits_type::to_char_type(c);
        archive_.write(&byte, 1);
        return traits_type::not_eof(c);
    }
    std::streamsize xsputn(const char* data, std::streamsize size) override {
        archive_.write(data, static_cast<std::size_t>(size));
        return size;
    }

    OutputArchive& archive_;
};

/// Reads from an InputArchive, which throws at its end. It is unbuffered, because another value may
/// follow.
class ArchiveSource final : public std::streambuf {
public:
    explicit ArchiveSource(InputArchive& archive) : archive_(archive) {}

private:
    std::streamsize xsgetn(char* data, std::streamsize size) override {
        archive_.read(data, static_cast<std::size_t>(size));
        return size;
    }

    InputArchive& archive_;
};

template <class T>
concept CerealOnly =
    std::is_class_v<T> && !is_flat<T> && !is_address<T> && standard_form<T> == Form::none &&
    !HasMembers<T> && !HasSaveAndLoad<T> && !Growing<T> && std::is_default_constructible_v<T> &&
    cereal::traits::is_output_serializable<T, cereal::BinaryOutputArchive>::value &&
    cereal::traits::is_input_serializable<T, cereal::BinaryInputArchive>::value;

} // namespace detail

template <detail::CerealOnly T> struct Codec<T> {
    static void save(OutputArchive& archive, const T& value) {
        detail::ArchiveSink sink(archive);
        std::ostream stream(&sink);
        cereal::BinaryOutputArchive binary(stream);
        binary(value);
    }
    static T load(InputArchive& archive) {
        detail::ArchiveSource source(archive);
        std::istream stream(&source);
        cereal::BinaryInputArchive binary(stream);
        T value;
        binary(value);
        return value;
    }
};

} // namespace mp
