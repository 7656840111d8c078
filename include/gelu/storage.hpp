/// \file
/// 16-bit storage types: what they are, how another one is added, and the verbs on one value.
/// Needs no SIMD library. Arrays of them go through the array verbs (gelu/array.hpp).
#ifndef GELU_STORAGE_HPP
#define GELU_STORAGE_HPP

#include <cmath>
#include <cstdint>
#include <cstring>
#include <type_traits>

#include "gelu/detail/config.hpp"
#include "gelu/forms.hpp"
#include "gelu/scalar.hpp"

#if !defined(__FLT16_MANT_DIG__) && defined(__STDCPP_FLOAT16_T__) || \
    !defined(__BFLT16_MANT_DIG__) && defined(__STDCPP_BFLOAT16_T__)
#include <stdfloat>
#endif

namespace gelu {

/// \defgroup storage 16-bit types
/// Half and bfloat16: stored in 16 bits, computed in a wider type, and rounded once.
///
/// Known here: gelu::float16 and gelu::bfloat16, _Float16, std::float16_t and std::bfloat16_t where
/// the compiler has them; gelu/eigen.hpp adds Eigen::half and Eigen::bfloat16. Any other type of 16
/// bits that is trivially copyable takes one line:
///
///     template <> struct gelu::storage_traits<my::half> : gelu::binary16_storage {};
///     template <> struct gelu::storage_traits<my::brain> : gelu::bfloat16_storage {};
///
/// **Accuracy:** where all arguments and results of a call have one 16-bit format, every verb gives
/// the exact result, rounded once to the nearest, ties to even, for every input, and the fast tier
/// the same bits as the precise one (max_ulp says where a refitted constant keeps it from being
/// that strict). backward gives the exact product, rounded once, in arrays as long as the
/// derivative doesn't underflow in float. Where formats are mixed, which arrays may (16 bits in and
/// float out, the reverse, half in and bfloat16 out), a 16-bit result is the float verb's, rounded
/// once: within 0.501 ULP. Tests compare every value of both formats with MPFR.
///
/// **Special values:** as in the wider types. NaN stays NaN and is quiet; conversions keep its
/// sign. A result is infinite only where the exact one rounds so.
///
/// \snippet reference.cpp storage
/// @{

/// The 16-bit formats.
enum class storage_format {
    binary16,  ///< IEEE 754 binary16, half
    bfloat16   ///< the upper half of a float
};

/// What the storage_traits of a half derive from.
struct binary16_storage {
    /// IEEE 754 binary16.
    static constexpr storage_format format = storage_format::binary16;
};
/// What the storage_traits of a bfloat16 derive from.
struct bfloat16_storage {
    /// bfloat16.
    static constexpr storage_format format = storage_format::bfloat16;
};

/// Says that T is a 16-bit storage type, and of which format: specialise it, deriving from
/// binary16_storage or bfloat16_storage.
/// \snippet custom_16bit_type.cpp custom
template <class T>
struct storage_traits {};
/// @}

inline namespace GELU_ABI {
namespace detail {

template <class T, class = void>
struct storage_of {
    static constexpr bool known = false;
};
template <class T>
struct storage_of<T, std::void_t<decltype(storage_traits<T>::format)>> {
    static_assert(sizeof(T) == 2 && std::is_trivially_copyable<T>::value,
                  "gelu: a 16-bit storage type has 16 bits and is trivially copyable");
    static constexpr bool known = true;
    static constexpr storage_format format = storage_traits<T>::format;
};
template <class T>
constexpr bool is_storage = storage_of<T>::known;

/// A format as a type, to overload on.
template <storage_format Format>
using format_constant = std::integral_constant<storage_format, Format>;
using binary16_format = format_constant<storage_format::binary16>;
using bfloat16_format = format_constant<storage_format::bfloat16>;
template <class T>
using format_of = format_constant<storage_of<T>::format>;

/// Whether the elements of all these types have one 16-bit format.
template <class T, class... Us>
constexpr bool same_format = [] {
    if constexpr (is_storage<T> && (is_storage<Us> && ...))
        return ((storage_of<T>::format == storage_of<Us>::format) && ...);
    else
        return false;
}();

template <class To, class From>
inline To copy_bits(const From& from) noexcept {
    static_assert(sizeof(To) == sizeof(From), "gelu: copy_bits between types of one size");
    To to;
    // Through void: GCC warns of types with constructors, as Eigen's are.
    std::memcpy(static_cast<void*>(&to), &from, sizeof to);
    return to;
}

/// The value of 16 bits; exact.
inline float widen(std::uint16_t bits, bfloat16_format) noexcept {
    return copy_bits<float>(std::uint32_t{bits} << 16);
}
inline float widen(std::uint16_t bits, binary16_format) noexcept {
    const std::uint32_t sign = (bits & 0x8000u) << 16, magnitude = bits & 0x7fffu;
    if (magnitude >= 0x7c00)  // inf; NaN, made quiet
        return copy_bits<float>(sign | 0x7f800000 | (magnitude & 0x3ff) << 13 |
                                (magnitude > 0x7c00 ? 0x400000u : 0u));
    if (magnitude >= 0x400)
        return copy_bits<float>(sign | ((magnitude << 13) + (std::uint32_t{112} << 23)));
    const float count = static_cast<float>(magnitude) * 0x1p-24f;
    return copy_bits<float>(sign | copy_bits<std::uint32_t>(count));
}

/// The nearest value of the format, ties to even, in integer arithmetic.
inline std::uint16_t narrow(float value, bfloat16_format) noexcept {
    const std::uint32_t b = copy_bits<std::uint32_t>(value);
    if ((b & 0x7fffffff) > 0x7f800000) return static_cast<std::uint16_t>(b >> 16 | 0x40);
    return static_cast<std::uint16_t>((b + 0x7fff + (b >> 16 & 1)) >> 16);
}
inline std::uint16_t narrow(float value, binary16_format) noexcept {
    const std::uint32_t b = copy_bits<std::uint32_t>(value);
    const std::uint32_t sign = b >> 16 & 0x8000, m = b & 0x7fffffff;
    std::uint32_t result;
    if (m > 0x7f800000) {
        result = 0x7e00 | (m >> 13 & 0x3ff);
    } else if (m >= 0x47800000) {  // 2^16 and above
        result = 0x7c00;
    } else if (m >= 0x38800000) {  // 2^-14: normal; a carry reaches the exponent, and infinity
        result = (m - (std::uint32_t{112} << 23) + 0xfff + (m >> 13 & 1)) >> 13;
    } else if (m >= 0x33000000) {  // 2^-25: a count of 2^-24
        const std::uint32_t significand = (m & 0x7fffff) | 0x800000, shift = 126 - (m >> 23);
        const std::uint32_t count = significand >> shift, half = std::uint32_t{1} << (shift - 1);
        const std::uint32_t rest = significand & (2 * half - 1);
        result = count + (rest > half || (rest == half && count % 2 == 1));
    } else {
        result = 0;
    }
    return static_cast<std::uint16_t>(sign | result);
}

/// The float that a later rounding to a 16-bit format rounds as it would have rounded v: v rounded
/// to odd, that is to the float next to v whose last bit is set, unless v is a float.
inline float round_to_odd(double v) noexcept {
    const float nearest = static_cast<float>(v);
    const double back = static_cast<double>(nearest);
    const std::uint32_t b = copy_bits<std::uint32_t>(nearest);
    if (back == v || v != v || (b & 1) != 0) return nearest;
    return copy_bits<float>(std::fabs(back) < std::fabs(v) ? b + 1 : b - 1);
}

}  // namespace detail
}  // namespace GELU_ABI

/// \ingroup storage
/// IEEE binary16 as 16 bits: storage only, arithmetic is the float's that it converts to.
/// \snippet reference.cpp storage
struct float16 {
    std::uint16_t bits;  ///< sign, exponent and significand, from the top

    float16() = default;  ///< uninitialised, as a float would be
    /// The nearest half, ties to even.
    GELU_ALWAYS_INLINE explicit float16(float v) noexcept
        : bits(detail::narrow(v, detail::binary16_format{})) {}
    /// The nearest half, ties to even, rounded once.
    GELU_ALWAYS_INLINE explicit float16(double v) noexcept : float16(detail::round_to_odd(v)) {}
    /// The same value as a float.
    GELU_ALWAYS_INLINE explicit operator float() const noexcept {
        return detail::widen(bits, detail::binary16_format{});
    }
    /// The value with these bits.
    GELU_ALWAYS_INLINE static float16 from_bits(std::uint16_t bits) noexcept {
        return detail::copy_bits<float16>(bits);
    }
    /// As floats compare: -0 equals 0, and NaN nothing.
    friend GELU_ALWAYS_INLINE bool operator==(float16 a, float16 b) noexcept {
        return static_cast<float>(a) == static_cast<float>(b);
    }
    /// The opposite of `==`.
    friend GELU_ALWAYS_INLINE bool operator!=(float16 a, float16 b) noexcept { return !(a == b); }
};

/// \ingroup storage
/// The upper half of a float as 16 bits: storage only, arithmetic is the float's.
/// \snippet reference.cpp array_mixed
struct bfloat16 {
    std::uint16_t bits;  ///< sign, exponent and significand, from the top

    bfloat16() = default;  ///< uninitialised, as a float would be
    /// The nearest bfloat16, ties to even.
    GELU_ALWAYS_INLINE explicit bfloat16(float v) noexcept
        : bits(detail::narrow(v, detail::bfloat16_format{})) {}
    /// The nearest bfloat16, ties to even, rounded once.
    GELU_ALWAYS_INLINE explicit bfloat16(double v) noexcept : bfloat16(detail::round_to_odd(v)) {}
    /// The same value as a float.
    GELU_ALWAYS_INLINE explicit operator float() const noexcept {
        return detail::widen(bits, detail::bfloat16_format{});
    }
    /// The value with these bits.
    GELU_ALWAYS_INLINE static bfloat16 from_bits(std::uint16_t bits) noexcept {
        return detail::copy_bits<bfloat16>(bits);
    }
    /// As floats compare: -0 equals 0, and NaN nothing.
    friend GELU_ALWAYS_INLINE bool operator==(bfloat16 a, bfloat16 b) noexcept {
        return static_cast<float>(a) == static_cast<float>(b);
    }
    /// The opposite of `==`.
    friend GELU_ALWAYS_INLINE bool operator!=(bfloat16 a, bfloat16 b) noexcept { return !(a == b); }
};

/// \cond
template <>
struct storage_traits<float16> : binary16_storage {};
template <>
struct storage_traits<bfloat16> : bfloat16_storage {};

// GCC and Clang: the standard's types are these, by another name. C++ has them on every processor
// from GCC 13 on, whose older versions define the macro nevertheless.
#if defined(__FLT16_MANT_DIG__) && \
    (defined(__clang__) || !defined(__GNUC__) || __GNUC__ >= 13 || defined(__SSE2__))
template <>
struct storage_traits<_Float16> : binary16_storage {};
#elif defined(__STDCPP_FLOAT16_T__)
template <>
struct storage_traits<std::float16_t> : binary16_storage {};
#endif
#if defined(__BFLT16_MANT_DIG__)
template <>
struct storage_traits<__bf16> : bfloat16_storage {};
#elif defined(__STDCPP_BFLOAT16_T__)
template <>
struct storage_traits<std::bfloat16_t> : bfloat16_storage {};
#endif
/// \endcond

inline namespace GELU_ABI {
namespace detail {

template <class T>
using enable_storage = std::enable_if_t<is_storage<T>, int>;

template <class T>
inline float to_float(T x) noexcept {
    return widen(copy_bits<std::uint16_t>(x), format_of<T>{});
}
template <class T>
inline T to_storage(double v) noexcept {
    return copy_bits<T>(narrow(round_to_odd(v), format_of<T>{}));
}

/// Order 0 or 1 of a form at x, given to double precision: where that is x/2 or 1/2, which may be
/// halfway between two values of a 16-bit format, the exact result lies to the right of it for
/// x > 0 and to the left for x < 0, and so does what this returns.
template <int Order>
inline double off_the_tie(double x, double result) noexcept {
    const bool at_tie = Order == 0 ? result == 0.5 * x : Order == 1 && result == 0.5;
    if (!at_tie || x == 0) return result;
    return result * (x > 0 ? 1 + 0x1p-52 : 1 - 0x1p-52);
}

}  // namespace detail

/// \addtogroup storage
/// @{

/// g(x) of one 16-bit value, rounded once. Formulas and special values as for float; may set errno.
/// \snippet reference.cpp storage
template <class T, class Form = erf_form, detail::enable_form<Form> = 0,
          detail::enable_storage<T> = 0>
inline T forward(T x, Form form = {}) {
    const double v = static_cast<double>(detail::to_float(x));
    return detail::to_storage<T>(detail::off_the_tie<0>(v, forward(v, form)));
}
/// g'(x) of one 16-bit value, rounded once. Formulas and special values as for float; may set
/// errno.
template <class T, class Form = erf_form, detail::enable_form<Form> = 0,
          detail::enable_storage<T> = 0>
inline T derivative(T x, Form form = {}) {
    return detail::to_storage<T>(derivative(static_cast<double>(detail::to_float(x)), form));
}
/// g''(x) of one 16-bit value, rounded once. Formulas and special values as for float; may set
/// errno.
template <class T, class Form = erf_form, detail::enable_form<Form> = 0,
          detail::enable_storage<T> = 0>
inline T second_derivative(T x, Form form = {}) {
    return detail::to_storage<T>(second_derivative(static_cast<double>(detail::to_float(x)), form));
}
/// grad g'(x) of 16-bit values: the exact product, rounded once. May set errno.
template <class T, class Form = erf_form, detail::enable_form<Form> = 0,
          detail::enable_storage<T> = 0>
inline T backward(T grad, T x, Form form = {}) {
    const double v = static_cast<double>(detail::to_float(x));
    const double slope = detail::off_the_tie<1>(v, derivative(v, form));
    return detail::to_storage<T>(static_cast<double>(detail::to_float(grad)) * slope);
}
/// @}

}  // namespace GELU_ABI
}  // namespace gelu

#endif
