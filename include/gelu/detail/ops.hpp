// The vocabulary on batches. The only file that knows xsimd versions and intrinsics.
#ifndef GELU_DETAIL_OPS_HPP
#define GELU_DETAIL_OPS_HPP

#if defined(__has_include)
#if !__has_include(<xsimd/xsimd.hpp>)
#error \
    "gelu needs the header-only library xsimd 8.1 or later (Debian: apt-get install libxsimd-dev); put its include folder on the include path, or include gelu/scalar.hpp, which does without"
#endif
#endif

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <xsimd/xsimd.hpp>

#include "gelu/detail/config.hpp"

namespace gelu {
inline namespace GELU_ABI {
namespace detail {
namespace ops {

template <class B>
using value_t = typename B::value_type;

template <class B>
GELU_ALWAYS_INLINE B load(const value_t<B>* p) noexcept {
    return B::load_unaligned(p);
}

template <class B>
GELU_ALWAYS_INLINE void store(value_t<B>* p, const B& v) noexcept {
    v.store_unaligned(p);
}

/// The first n lanes from memory, the others zero; reads nothing behind p + n.
template <class B>
GELU_ALWAYS_INLINE B load_first(const value_t<B>* p, std::size_t n) noexcept {
    alignas(B) value_t<B> lanes[B::size] = {};
    std::memcpy(lanes, p, n * sizeof(value_t<B>));
    return B::load_aligned(lanes);
}

/// The first n lanes to memory; writes nothing behind p + n.
template <class B>
GELU_ALWAYS_INLINE void store_first(value_t<B>* p, const B& v, std::size_t n) noexcept {
    alignas(B) value_t<B> lanes[B::size];
    v.store_aligned(lanes);
    std::memcpy(p, lanes, n * sizeof(value_t<B>));
}

template <class B>
struct integer_of;
template <class A>
struct integer_of<xsimd::batch<float, A>> {
    using type = xsimd::batch<std::uint32_t, A>;
};
template <class A>
struct integer_of<xsimd::batch<double, A>> {
    using type = xsimd::batch<std::uint64_t, A>;
};
/// The batch of unsigned integers of the same width.
template <class B>
using integer_t = typename integer_of<B>::type;

template <class B>
GELU_ALWAYS_INLINE integer_t<B> bits(const B& x) noexcept {
#if XSIMD_VERSION_MAJOR >= 10
    return xsimd::bitwise_cast<value_t<integer_t<B>>>(x);
#else
    return xsimd::bitwise_cast<integer_t<B>>(x);
#endif
}

template <class B>
GELU_ALWAYS_INLINE B from_bits(const integer_t<B>& x) noexcept {
#if XSIMD_VERSION_MAJOR >= 10
    return xsimd::bitwise_cast<value_t<B>>(x);
#else
    return xsimd::bitwise_cast<B>(x);
#endif
}

// xsimd 8.1 has no FMA for AVX-512 (a product and a sum instead), and its plain avx2 none at all.
#if defined(__AVX512F__)
#define GELU_FMA_512(name, a, b, c)             \
    if constexpr (sizeof(B) == 64) {            \
        if constexpr (sizeof(value_t<B>) == 4)  \
            return _mm512_##name##_ps(a, b, c); \
        else                                    \
            return _mm512_##name##_pd(a, b, c); \
    } else
#else
#define GELU_FMA_512(name, a, b, c)
#endif
#if defined(__FMA__)
#define GELU_FMA_256(name, a, b, c)             \
    if constexpr (sizeof(B) == 32) {            \
        if constexpr (sizeof(value_t<B>) == 4)  \
            return _mm256_##name##_ps(a, b, c); \
        else                                    \
            return _mm256_##name##_pd(a, b, c); \
    } else if constexpr (sizeof(B) == 16) {     \
        if constexpr (sizeof(value_t<B>) == 4)  \
            return _mm_##name##_ps(a, b, c);    \
        else                                    \
            return _mm_##name##_pd(a, b, c);    \
    } else
#else
#define GELU_FMA_256(name, a, b, c)
#endif

/// a b + c, rounded once where the instruction set has FMA.
template <class B>
GELU_ALWAYS_INLINE B fma(const B& a, const B& b, const B& c) noexcept {
    GELU_FMA_512(fmadd, a, b, c) GELU_FMA_256(fmadd, a, b, c) return xsimd::fma(a, b, c);
}
/// a b - c
template <class B>
GELU_ALWAYS_INLINE B fms(const B& a, const B& b, const B& c) noexcept {
    GELU_FMA_512(fmsub, a, b, c) GELU_FMA_256(fmsub, a, b, c) return xsimd::fma(a, b, -c);
}
/// c - a b
template <class B>
GELU_ALWAYS_INLINE B fnma(const B& a, const B& b, const B& c) noexcept {
    GELU_FMA_512(fnmadd, a, b, c) GELU_FMA_256(fnmadd, a, b, c) return xsimd::fma(-a, b, c);
}
#undef GELU_FMA_512
#undef GELU_FMA_256

/// min(x, limit), NaN where x is NaN.
template <class B>
GELU_ALWAYS_INLINE B at_most(const B& x, const B& limit) noexcept {
    return xsimd::min(limit, x);
}

template <class B>
GELU_ALWAYS_INLINE B with_sign_of(const B& magnitude, const B& x) noexcept {
    return magnitude | (x & B(value_t<B>(-0.0)));
}

/// Whether tables of that many entries are looked up in registers by the low bits of an index.
template <class B>
constexpr int table_width =
#if defined(__AVX512F__)
    sizeof(B) == 64 && sizeof(value_t<B>) == 4 ? 32 :
#endif
#if defined(__AVX2__) && defined(__FMA__)
    sizeof(B) == 32 && sizeof(value_t<B>) == 4 ? 8
                                               :
#endif
                                               0;
#if defined(__AVX512F__)
template <class A>
GELU_ALWAYS_INLINE xsimd::batch<float, A> lookup(
    const float (&row)[32], const xsimd::batch<std::uint32_t, A>& index) noexcept {
    return _mm512_permutex2var_ps(_mm512_load_ps(row), index, _mm512_load_ps(row + 16));
}
template <class A>
GELU_ALWAYS_INLINE xsimd::batch<std::uint32_t, A> lookup(
    const std::uint32_t (&row)[32], const xsimd::batch<std::uint32_t, A>& index) noexcept {
    return _mm512_permutex2var_epi32(_mm512_load_si512(row), index, _mm512_load_si512(row + 16));
}
#endif
#if defined(__AVX2__)
template <class A>
GELU_ALWAYS_INLINE xsimd::batch<float, A> lookup(
    const float (&row)[8], const xsimd::batch<std::uint32_t, A>& index) noexcept {
    return _mm256_permutevar8x32_ps(_mm256_load_ps(row), index);
}
template <class A>
GELU_ALWAYS_INLINE xsimd::batch<std::uint32_t, A> lookup(
    const std::uint32_t (&row)[8], const xsimd::batch<std::uint32_t, A>& index) noexcept {
    return _mm256_permutevar8x32_epi32(_mm256_load_si256(reinterpret_cast<const __m256i*>(row)),
                                       index);
}
#endif

}  // namespace ops
}  // namespace detail
}  // namespace GELU_ABI
}  // namespace gelu

#endif
