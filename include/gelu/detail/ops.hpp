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
template <class T>
struct single_of {
    using type = T;
};
/// The batch that several batches in lockstep consist of.
template <class B>
using single_t = typename single_of<B>::type;

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

template <class I>
struct float_of;
template <class A>
struct float_of<xsimd::batch<std::uint32_t, A>> {
    using type = xsimd::batch<float, A>;
};
template <class A>
struct float_of<xsimd::batch<std::uint64_t, A>> {
    using type = xsimd::batch<double, A>;
};

template <class I>
GELU_ALWAYS_INLINE typename float_of<I>::type from_bits(const I& x) noexcept {
    using B = typename float_of<I>::type;
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

// GCC 12 warns of an uninitialised value in the unmasked forms of some AVX-512 intrinsics; with a
// constant mask of ones the instruction is the same. GCC's bug 105593.
#if defined(__AVX512F__)
#define GELU_512(B, on_floats, on_doubles)     \
    if constexpr (sizeof(B) == 64) {           \
        if constexpr (sizeof(value_t<B>) == 4) \
            return on_floats;                  \
        else                                   \
            return on_doubles;                 \
    } else
inline constexpr __mmask16 all_16 = 0xffff;
inline constexpr __mmask8 all_8 = 0xff;
#else
#define GELU_512(B, on_floats, on_doubles)
#endif

/// min(x, limit) and max(x, limit), NaN where x is NaN.
template <class B>
GELU_ALWAYS_INLINE B at_most(const B& x, const B& limit) noexcept {
    GELU_512(B, _mm512_maskz_min_ps(all_16, limit, x), _mm512_maskz_min_pd(all_8, limit, x))
    return xsimd::min(limit, x);
}
template <class B>
GELU_ALWAYS_INLINE B at_least(const B& x, const B& limit) noexcept {
    GELU_512(B, _mm512_maskz_max_ps(all_16, limit, x), _mm512_maskz_max_pd(all_8, limit, x))
    return xsimd::max(limit, x);
}

template <class B>
GELU_ALWAYS_INLINE B magnitude(const B& x) noexcept {
    return xsimd::abs(x);
}

/// The lanes below zero.
template <class B>
GELU_ALWAYS_INLINE auto negative(const B& x) noexcept {
    return x < B(value_t<B>(0));
}
template <class M, class B>
GELU_ALWAYS_INLINE B select(const M& m, const B& yes, const B& no) noexcept {
    return xsimd::select(m, yes, no);
}

/// The magnitude's bits or x's sign bit.
template <class B>
GELU_ALWAYS_INLINE B with_sign_of(const B& size, const B& x) noexcept {
    return size | (x & B(value_t<B>(-0.0)));
}

template <int N, class I>
GELU_ALWAYS_INLINE I shift_left(const I& x) noexcept {
    GELU_512(I, _mm512_maskz_slli_epi32(all_16, x, N), _mm512_maskz_slli_epi64(all_8, x, N))
    return x << N;
}
template <int N, class I>
GELU_ALWAYS_INLINE I shift_right(const I& x) noexcept {
    GELU_512(I, _mm512_maskz_srli_epi32(all_16, x, N), _mm512_maskz_srli_epi64(all_8, x, N))
    return x >> N;
}

/// How many entries a table has that is looked up in registers; 0: none are.
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

/// row[i mod N], lane by lane.
template <class T, std::size_t N, class I>
GELU_ALWAYS_INLINE xsimd::batch<T, typename I::arch_type> lookup(const T (&row)[N],
                                                                 const I& index) noexcept {
    using R = xsimd::batch<T, typename I::arch_type>;
    constexpr bool is_float = std::is_same<T, float>::value;
    (void)is_float;
#if defined(__AVX512F__)
    if constexpr (sizeof(R) == 64 && N * sizeof(T) == 128) {
        if constexpr (is_float)
            return _mm512_permutex2var_ps(_mm512_load_ps(row), index, _mm512_load_ps(row + 16));
        else if constexpr (std::is_same<T, double>::value)
            return _mm512_permutex2var_pd(_mm512_load_pd(row), index, _mm512_load_pd(row + 8));
        else if constexpr (sizeof(T) == 4)
            return _mm512_permutex2var_epi32(_mm512_load_si512(row), index,
                                             _mm512_load_si512(row + 16));
        else
            return _mm512_permutex2var_epi64(_mm512_load_si512(row), index,
                                             _mm512_load_si512(row + 8));
    } else
#endif
#if defined(__AVX2__)
        if constexpr (sizeof(R) == 32 && sizeof(T) == 4 && N == 8) {
        if constexpr (is_float)
            return _mm256_permutevar8x32_ps(_mm256_load_ps(row), index);
        else
            return _mm256_permutevar8x32_epi32(
                _mm256_load_si256(reinterpret_cast<const __m256i*>(row)), index);
    } else
#endif
    {
        alignas(I) value_t<I> i[I::size];
        alignas(R) T lanes[R::size];
        index.store_aligned(i);
        for (std::size_t k = 0; k < R::size; ++k) lanes[k] = row[i[k] % N];
        return R::load_aligned(lanes);
    }
}

#undef GELU_512

}  // namespace ops
}  // namespace detail
}  // namespace GELU_ABI
}  // namespace gelu

#endif
