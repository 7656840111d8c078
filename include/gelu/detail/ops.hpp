// The vocabulary on batches. The only file that knows xsimd versions and intrinsics.
#ifndef GELU_DETAIL_OPS_HPP
#define GELU_DETAIL_OPS_HPP

#if defined(__has_include)
#if !__has_include(<xsimd/xsimd.hpp>)
#error \
    "gelu needs the header-only library xsimd 8.1 or later (Debian: apt-get install libxsimd-dev); put its include folder on the include path, or include gelu/scalar.hpp, which does without"
#endif
#endif

#include "gelu/detail/config.hpp"

// Without vectors (RISC-V without V, WebAssembly without SIMD) xsimd's emulated ones serve.
#if defined(GELU_NO_VECTORS) && !defined(XSIMD_WITH_EMULATED)
#define XSIMD_WITH_EMULATED 1
#define XSIMD_DEFAULT_ARCH emulated<128>
#endif

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <xsimd/xsimd.hpp>

#if defined(XSIMD_NO_SUPPORTED_ARCHITECTURE) || \
    (defined(GELU_NO_VECTORS) && XSIMD_VERSION_MAJOR < 14)
#error \
    "gelu's arrays and batches need an instruction set that xsimd knows: compile for one (WebAssembly: -msimd128), or use xsimd 14 or later, which emulates one, and include gelu before xsimd; or include gelu/scalar.hpp, which does without"
#endif

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

/// Asks for the cache line at p, which is not read; not for writing, which took longer.
GELU_ALWAYS_INLINE void prefetch(const void* p) noexcept {
#if defined(__GNUC__) || defined(__clang__)
    __builtin_prefetch(p);
#else
    (void)p;
#endif
}

/// Whether a batch is a line that is stored around the caches.
template <class B>
inline constexpr bool has_streams =
#if defined(__AVX512F__)
    sizeof(B) == 64;
#else
    false;
#endif
/// Copies a batch around the caches; both are aligned to it. end_streams() before others read it.
template <class B>
GELU_ALWAYS_INLINE void stream(value_t<B>* to, const value_t<B>* from) noexcept {
#if defined(__AVX512F__)
    _mm512_stream_si512(reinterpret_cast<__m512i*>(to), _mm512_load_si512(from));
#else
    store<B>(to, load<B>(from));
#endif
}
GELU_ALWAYS_INLINE void end_streams() noexcept {
#if defined(__AVX512F__)
    _mm_sfence();
#endif
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

template <class B>
GELU_ALWAYS_INLINE B general_fma(const B& a, const B& b, const B& c) noexcept {
#if defined(GELU_NO_VECTORS)  // xsimd emulates it as a product and a sum
    if constexpr (has_fma) {
        value_t<B> x[B::size], y[B::size], z[B::size];
        a.store_unaligned(x), b.store_unaligned(y), c.store_unaligned(z);
        for (std::size_t i = 0; i < B::size; ++i) z[i] = std::fma(x[i], y[i], z[i]);
        return B::load_unaligned(z);
    }
#endif
    return xsimd::fma(a, b, c);
}

/// a b + c, rounded once where the instruction set has FMA.
template <class B>
GELU_ALWAYS_INLINE B fma(const B& a, const B& b, const B& c) noexcept {
    GELU_FMA_512(fmadd, a, b, c) GELU_FMA_256(fmadd, a, b, c) return general_fma<B>(a, b, c);
}
/// a b - c
template <class B>
GELU_ALWAYS_INLINE B fms(const B& a, const B& b, const B& c) noexcept {
    GELU_FMA_512(fmsub, a, b, c) GELU_FMA_256(fmsub, a, b, c) return general_fma<B>(a, b, -c);
}
/// c - a b
template <class B>
GELU_ALWAYS_INLINE B fnma(const B& a, const B& b, const B& c) noexcept {
    GELU_FMA_512(fnmadd, a, b, c) GELU_FMA_256(fnmadd, a, b, c) return general_fma<B>(-a, b, c);
}
#undef GELU_FMA_512
#undef GELU_FMA_256

#define GELU_INTRINSIC(bytes, B, on_floats, on_doubles) \
    if constexpr (sizeof(B) == bytes) {                 \
        if constexpr (sizeof(value_t<B>) == 4)          \
            return on_floats;                           \
        else                                            \
            return on_doubles;                          \
    } else
// GCC 12 warns of an uninitialised value in the unmasked forms of some AVX-512 intrinsics; with a
// constant mask of ones the instruction is the same. GCC's bug 105593.
#if defined(__AVX512F__)
#define GELU_512(B, on_floats, on_doubles) GELU_INTRINSIC(64, B, on_floats, on_doubles)
inline constexpr __mmask16 all_16 = 0xffff;
inline constexpr __mmask8 all_8 = 0xff;
#else
#define GELU_512(B, on_floats, on_doubles)
#endif
#if defined(__AVX__)
#define GELU_256(B, on_floats, on_doubles) GELU_INTRINSIC(32, B, on_floats, on_doubles)
#else
#define GELU_256(B, on_floats, on_doubles)
#endif
#if defined(__SSE2__) || defined(_M_X64)
#define GELU_128(B, on_floats, on_doubles) GELU_INTRINSIC(16, B, on_floats, on_doubles)
#else
#define GELU_128(B, on_floats, on_doubles)
#endif

/// a / b, rounded once: xsimd's quotient of floats on AArch64 is an estimate, refined.
template <class B>
GELU_ALWAYS_INLINE B quotient(const B& a, const B& b) noexcept {
#if defined(__ARM_NEON) && defined(__aarch64__)
    if constexpr (std::is_same<typename B::register_type, float32x4_t>::value)
        return vdivq_f32(a, b);
    else
#endif
        return a / b;
}

/// min(x, limit) and max(x, limit), but x where x is NaN or equal to the limit. Instructions for
/// both differ in NaN and zeros, and so do xsimd's versions.
template <class B>
GELU_ALWAYS_INLINE B at_most(const B& x, const B& limit) noexcept {
    GELU_512(B, _mm512_maskz_min_ps(all_16, limit, x), _mm512_maskz_min_pd(all_8, limit, x))
    GELU_256(B, _mm256_min_ps(limit, x), _mm256_min_pd(limit, x))
    GELU_128(B, _mm_min_ps(limit, x), _mm_min_pd(limit, x))
    return xsimd::select(limit < x, limit, x);
}
template <class B>
GELU_ALWAYS_INLINE B at_least(const B& x, const B& limit) noexcept {
    GELU_512(B, _mm512_maskz_max_ps(all_16, limit, x), _mm512_maskz_max_pd(all_8, limit, x))
    GELU_256(B, _mm256_max_ps(limit, x), _mm256_max_pd(limit, x))
    GELU_128(B, _mm_max_ps(limit, x), _mm_max_pd(limit, x))
    return xsimd::select(x < limit, limit, x);
}

template <class B>
GELU_ALWAYS_INLINE B magnitude(const B& x) noexcept {
    return xsimd::abs(x);
}

/// min(|x|, limit); of NaN any number up to limit, or NaN.
template <class B>
GELU_ALWAYS_INLINE B magnitude_at_most(const B& x, const B& limit) noexcept {
#if defined(__AVX512DQ__)
    // The lesser magnitude without its sign.
    GELU_512(B, _mm512_maskz_range_ps(all_16, x, limit, 0x0a),
             _mm512_maskz_range_pd(all_8, x, limit, 0x0a))
#endif
    return at_most(magnitude(x), limit);
}

/// The lanes below zero.
template <class B>
GELU_ALWAYS_INLINE auto negative(const B& x) noexcept {
    return x < B(value_t<B>(0));
}
template <class B>
GELU_ALWAYS_INLINE auto below(const B& x, const B& limit) noexcept {
    return x < limit;
}
/// Of each two lanes the one whose bits, as an unsigned integer, are greater.
template <class B>
GELU_ALWAYS_INLINE B greater_bits(const B& x, const B& y) noexcept {
#if defined(__AVX512F__)
    if constexpr (sizeof(B) == 64 && sizeof(value_t<B>) == 4)
        return from_bits(integer_t<B>(_mm512_maskz_max_epu32(all_16, bits(x), bits(y))));
    else
#endif
#if defined(__AVX2__)
        if constexpr (sizeof(B) == 32 && sizeof(value_t<B>) == 4)
        return from_bits(integer_t<B>(_mm256_max_epu32(bits(x), bits(y))));
    else
#endif
        return from_bits(xsimd::max(bits(x), bits(y)));
}

/// Whether a lane of a is less than b's, both unsigned integers. xsimd's unsigned order on AVX2
/// calls functions of other instruction sets.
template <class I>
GELU_ALWAYS_INLINE bool any_less(const I& a, const I& b) noexcept {
#if defined(__AVX512F__)
    if constexpr (sizeof(I) == 64 && sizeof(value_t<I>) == 4)
        return _mm512_cmplt_epu32_mask(a, b) != 0;
    else
#endif
#if defined(__AVX2__)
        if constexpr (sizeof(I) == 32 && sizeof(value_t<I>) == 4)
        return _mm256_movemask_epi8(_mm256_cmpeq_epi32(_mm256_min_epu32(a, b), b)) != -1;
    else
#endif
        return xsimd::any(a < b);
}
/// Whether any lane is below limit < 0, or is a NaN with its sign bit set: among numbers with
/// that bit the order of the bits as integers is the reverse.
template <class B>
GELU_ALWAYS_INLINE bool any_below(const B& x, value_t<B> limit) noexcept {
    return any_less(bits(B(limit)), bits(x));
}
template <class M, class B>
GELU_ALWAYS_INLINE B select(const M& m, const B& yes, const B& no) noexcept {
    return xsimd::select(m, yes, no);
}

#if defined(__AVX512DQ__)
/// The lanes whose sign bit is not set.
template <class B>
GELU_ALWAYS_INLINE __mmask16 unsigned_lanes(const B& x) noexcept {
    return _mm512_testn_epi32_mask(_mm512_castps_si512(x), _mm512_set1_epi32(INT32_MIN));
}
#endif
/// no where x has its sign bit set, else yes.
template <class B>
GELU_ALWAYS_INLINE B unless_signed(const B& x, const B& yes, const B& no) noexcept {
#if defined(__AVX512DQ__)
    if constexpr (sizeof(B) == 64 && sizeof(value_t<B>) == 4)
        return _mm512_mask_blend_ps(_mm512_movepi32_mask(_mm512_castps_si512(x)), yes, no);
    else if constexpr (sizeof(B) == 64)
        return _mm512_mask_blend_pd(_mm512_movepi64_mask(_mm512_castpd_si512(x)), yes, no);
    else
#endif
#if defined(__AVX2__)
        if constexpr (sizeof(B) == 32 && sizeof(value_t<B>) == 4)
        return _mm256_blendv_ps(yes, no, x);
    else if constexpr (sizeof(B) == 32)
        return _mm256_blendv_pd(yes, no, x);
    else
#endif
        return xsimd::select(x < B(value_t<B>(0)), no, yes);
}

/// v where x has its sign bit set, else from - v.
template <class B>
GELU_ALWAYS_INLINE B subtracted_unless_signed(const B& from, const B& v, const B& x) noexcept {
#if defined(__AVX512DQ__)
    if constexpr (sizeof(B) == 64 && sizeof(value_t<B>) == 4)
        return _mm512_mask_sub_ps(v, unsigned_lanes(x), from, v);
    else
#endif
        return unless_signed(x, from - v, v);
}
/// v where x has its sign bit set, else v + more.
template <class B>
GELU_ALWAYS_INLINE B added_unless_signed(const B& v, const B& more, const B& x) noexcept {
#if defined(__AVX512DQ__)
    if constexpr (sizeof(B) == 64 && sizeof(value_t<B>) == 4)
        return _mm512_mask_add_ps(v, unsigned_lanes(x), v, more);
    else
#endif
        return unless_signed(x, v + more, v);
}
/// a b + c where x has its sign bit set, else c.
template <class B>
GELU_ALWAYS_INLINE B fma_if_signed(const B& a, const B& b, const B& c, const B& x) noexcept {
#if defined(__AVX512DQ__)
    if constexpr (sizeof(B) == 64 && sizeof(value_t<B>) == 4)
        return _mm512_mask3_fmadd_ps(a, b, c, _mm512_movepi32_mask(_mm512_castps_si512(x)));
    else
#endif
        return unless_signed(x, c, ops::fma(a, b, c));
}

/// The magnitude's bits or x's sign bit.
template <class B>
GELU_ALWAYS_INLINE B with_sign_of(const B& size, const B& x) noexcept {
    return size | (x & B(value_t<B>(-0.0)));
}

/// The value negated where x has no sign bit.
template <class B>
GELU_ALWAYS_INLINE B with_sign_flipped_unless_negative(const B& v, const B& x) noexcept {
    const B sign(value_t<B>(-0.0));
    GELU_512(B,
             _mm512_castsi512_ps(_mm512_ternarylogic_epi32(
                 _mm512_castps_si512(v), _mm512_castps_si512(x), _mm512_castps_si512(sign), 0xd2)),
             _mm512_castsi512_pd(_mm512_ternarylogic_epi64(
                 _mm512_castpd_si512(v), _mm512_castpd_si512(x), _mm512_castpd_si512(sign), 0xd2)))
    return v ^ (sign ^ (x & sign));
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

template <class B>
constexpr int register_table_width() noexcept {
    constexpr bool single = sizeof(value_t<B>) == 4;
    (void)single;
#if defined(__AVX512F__)
    if (sizeof(B) == 64 && single) return 16;
#endif
#if defined(__AVX2__) && defined(__FMA__)
    if (sizeof(B) == 32 && single) return 8;
#endif
    return single ? 0 : sizeof(B) == 64 ? 16 : 128;  // these in memory
}
/// All bits where x has its sign bit set, else none.
template <class B>
GELU_ALWAYS_INLINE integer_t<B> sign_mask(const B& x) noexcept {
    using I = integer_t<B>;
    constexpr int n = 8 * sizeof(value_t<B>) - 1;
    const I i = bits(x);
    GELU_512(I, _mm512_maskz_srai_epi32(all_16, i, n), _mm512_maskz_srai_epi64(all_8, i, n))
#if defined(__AVX2__)
    if constexpr (sizeof(B) == 32 && n == 31)
        return _mm256_srai_epi32(i, n);
    else
#endif
        return I(0) - shift_right<n>(i);
}
/// 0 where x has its sign bit set, else v.
template <class B>
GELU_ALWAYS_INLINE B zero_if_signed(const B& x, const B& v) noexcept {
    return from_bits(bits(v) & ~sign_mask(x));
}
template <class B>
GELU_ALWAYS_INLINE B one_unless_negative(const B& x) noexcept {
    return zero_if_signed(x, B(value_t<B>(1)));
}

/// How many entries the tables have that B looks up in registers; 0: there are none.
template <class B>
constexpr int table_width = register_table_width<B>();

/// v, loaded on its own: Zen 3 takes twice as long over a permutation that loads its numbers, and
/// batches in lockstep share the load.
template <class V>
GELU_ALWAYS_INLINE V in_register(V v) noexcept {
#if defined(__AVX2__) && (defined(__GNUC__) || defined(__clang__))
    __asm__("" : "+x"(v));
#endif
    return v;
}

/// row[i mod N], lane by lane.
template <class T, std::size_t N, class I>
GELU_ALWAYS_INLINE xsimd::batch<T, typename I::arch_type> lookup(const T (&row)[N],
                                                                 const I& index) noexcept {
    using R = xsimd::batch<T, typename I::arch_type>;
    constexpr bool floating = std::is_floating_point<T>::value, single = sizeof(T) == 4;
    (void)floating, (void)single;
#if defined(__AVX512F__)
    if constexpr (sizeof(R) == 64 && sizeof(row) == 64) {
        if constexpr (floating && single)
            return _mm512_maskz_permutexvar_ps(all_16, index, _mm512_load_ps(row));
        else if constexpr (floating)
            return _mm512_maskz_permutexvar_pd(all_8, index, _mm512_load_pd(row));
        else if constexpr (single)
            return _mm512_maskz_permutexvar_epi32(all_16, index, _mm512_load_si512(row));
        else
            return _mm512_maskz_permutexvar_epi64(all_8, index, _mm512_load_si512(row));
    } else if constexpr (sizeof(R) == 64 && sizeof(row) == 128) {
        if constexpr (floating && single)
            return _mm512_permutex2var_ps(_mm512_load_ps(row), index, _mm512_load_ps(row + 16));
        else if constexpr (floating)
            return _mm512_permutex2var_pd(_mm512_load_pd(row), index, _mm512_load_pd(row + 8));
        else
            return _mm512_permutex2var_epi64(_mm512_load_si512(row), index,
                                             _mm512_load_si512(row + 8));
    } else
#endif
#if defined(__AVX2__)
        if constexpr (sizeof(R) == 32 && sizeof(row) == 32 && single) {
        if constexpr (floating)
            return _mm256_permutevar8x32_ps(in_register(_mm256_load_ps(row)), index);
        else
            return _mm256_permutevar8x32_epi32(
                in_register(_mm256_load_si256(reinterpret_cast<const __m256i*>(row))), index);
    } else if constexpr (sizeof(R) == 32 && single && floating && N == 16) {
        // Both halves, chosen by the index bit that says which.
        using half = const T(&)[N / 2];
        return _mm256_blendv_ps(lookup(reinterpret_cast<half>(row[0]), index),
                                lookup(reinterpret_cast<half>(row[N / 2]), index),
                                _mm256_castsi256_ps(_mm256_slli_epi32(index, 28)));
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
#undef GELU_256
#undef GELU_128
#undef GELU_INTRINSIC

}  // namespace ops
}  // namespace detail
}  // namespace GELU_ABI
}  // namespace gelu

#endif
