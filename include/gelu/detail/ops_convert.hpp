// The vocabulary on batches, continued: 16-bit formats to and from batches of float. Knows
// intrinsics and xsimd versions, as ops.hpp does.
//
// Half: F16C and AVX-512 convert in hardware, and so does AArch64; elsewhere exact integer
// arithmetic. bfloat16: integer arithmetic everywhere, since AVX512_BF16's conversion flushes
// subnormals to zero.
#ifndef GELU_DETAIL_OPS_CONVERT_HPP
#define GELU_DETAIL_OPS_CONVERT_HPP

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "gelu/detail/ops.hpp"
#include "gelu/storage.hpp"

// GCC 12 takes the undefined pass-through operand of its own AVX-512 intrinsics for an
// uninitialised variable (GCC bug 105593).
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

namespace gelu {
inline namespace GELU_ABI {
namespace detail {
namespace ops {
namespace convert {

template <class B>
using int_t = xsimd::batch<std::int32_t, typename B::arch_type>;

template <class B>
GELU_ALWAYS_INLINE int_t<B> as_int(const B& v) noexcept {
#if XSIMD_VERSION_MAJOR >= 11
    return xsimd::bitwise_cast<std::int32_t>(v);
#else
    return xsimd::bitwise_cast<int_t<B> >(v);
#endif
}
template <class B>
GELU_ALWAYS_INLINE B from_int(const int_t<B>& v) noexcept {
#if XSIMD_VERSION_MAJOR >= 11
    return xsimd::bitwise_cast<float>(v);
#else
    return xsimd::bitwise_cast<B>(v);
#endif
}
// xsimd 8.1's own selection of integers doesn't compile for AVX-512BW without optimisation.
template <class A>
GELU_ALWAYS_INLINE xsimd::batch<std::int32_t, A> select(
    const xsimd::batch_bool<std::int32_t, A>& m, const xsimd::batch<std::int32_t, A>& yes,
    const xsimd::batch<std::int32_t, A>& no) noexcept {
#if defined(__AVX512F__)
    if constexpr (sizeof(yes) == 64)
        return _mm512_mask_blend_epi32(m, no, yes);
    else
#endif
        return xsimd::select(m, yes, no);
}

// --- 16 bits in memory to and from the low halves of 32-bit lanes --------------------------------
// One overload per register, chosen by a null pointer to it; `const void*` is for any other.

template <class I>
GELU_ALWAYS_INLINE I load_16(const void* p, const void*) noexcept {
    std::uint16_t narrow[I::size];
    alignas(I) std::int32_t wide[I::size];
    std::memcpy(narrow, p, sizeof narrow);
    for (std::size_t i = 0; i < I::size; ++i) wide[i] = narrow[i];
    return I::load_aligned(wide);
}
template <class I>
GELU_ALWAYS_INLINE void store_16(void* p, const I& v, const void*) noexcept {
    std::uint16_t narrow[I::size];
    alignas(I) std::int32_t wide[I::size];
    v.store_aligned(wide);
    for (std::size_t i = 0; i < I::size; ++i) narrow[i] = static_cast<std::uint16_t>(wide[i]);
    std::memcpy(p, narrow, sizeof narrow);
}

#if defined(__SSE2__) || defined(_M_X64)
template <class I>
GELU_ALWAYS_INLINE I load_16(const void* p, const __m128i*) noexcept {
    return I(
        _mm_unpacklo_epi16(_mm_loadl_epi64(static_cast<const __m128i*>(p)), _mm_setzero_si128()));
}
template <class I>
GELU_ALWAYS_INLINE void store_16(void* p, const I& v, const __m128i*) noexcept {
    // SSE2's only pack saturates as signed: sign-extended low halves pass it.
    const __m128i s = _mm_srai_epi32(_mm_slli_epi32(v, 16), 16);
    _mm_storel_epi64(static_cast<__m128i*>(p), _mm_packs_epi32(s, s));
}
#endif
#if defined(__AVX2__)
template <class I>
GELU_ALWAYS_INLINE I load_16(const void* p, const __m256i*) noexcept {
    return I(_mm256_cvtepu16_epi32(_mm_loadu_si128(static_cast<const __m128i*>(p))));
}
template <class I>
GELU_ALWAYS_INLINE void store_16(void* p, const I& v, const __m256i*) noexcept {
    const __m256i low =
        _mm256_setr_epi8(0, 1, 4, 5, 8, 9, 12, 13, -1, -1, -1, -1, -1, -1, -1, -1,  //
                         0, 1, 4, 5, 8, 9, 12, 13, -1, -1, -1, -1, -1, -1, -1, -1);
    const __m256i packed = _mm256_permute4x64_epi64(_mm256_shuffle_epi8(v, low), 0x08);
    _mm_storeu_si128(static_cast<__m128i*>(p), _mm256_castsi256_si128(packed));
}
#endif
#if defined(__AVX512F__)
template <class I>
GELU_ALWAYS_INLINE I load_16(const void* p, const __m512i*) noexcept {
    return I(_mm512_cvtepu16_epi32(_mm256_loadu_si256(static_cast<const __m256i*>(p))));
}
template <class I>
GELU_ALWAYS_INLINE void store_16(void* p, const I& v, const __m512i*) noexcept {
    _mm256_storeu_si256(static_cast<__m256i*>(p), _mm512_cvtepi32_epi16(v));
}
#endif
#if defined(__ARM_NEON)
template <class I>
GELU_ALWAYS_INLINE I load_16(const void* p, const int32x4_t*) noexcept {
    std::uint16_t narrow[4];
    std::memcpy(narrow, p, sizeof narrow);
    return I(vreinterpretq_s32_u32(vmovl_u16(vld1_u16(narrow))));
}
template <class I>
GELU_ALWAYS_INLINE void store_16(void* p, const I& v, const int32x4_t*) noexcept {
    std::uint16_t narrow[4];
    vst1_u16(narrow, vmovn_u32(vreinterpretq_u32_s32(v)));
    std::memcpy(p, narrow, sizeof narrow);
}
#endif

// The same for the high halves of the lanes: loads leave zeros in the low ones.

template <class I>
GELU_ALWAYS_INLINE I load_high_16(const void* p, const void*) noexcept {
    return load_16<I>(p, static_cast<const typename I::register_type*>(nullptr)) << 16;
}
template <class I>
GELU_ALWAYS_INLINE void store_high_16(void* p, const I& v, const void*) noexcept {
    store_16<I>(p, v >> 16, static_cast<const typename I::register_type*>(nullptr));
}
#if defined(__SSE2__) || defined(_M_X64)
template <class I>
GELU_ALWAYS_INLINE I load_high_16(const void* p, const __m128i*) noexcept {
    return I(
        _mm_unpacklo_epi16(_mm_setzero_si128(), _mm_loadl_epi64(static_cast<const __m128i*>(p))));
}
template <class I>
GELU_ALWAYS_INLINE void store_high_16(void* p, const I& v, const __m128i*) noexcept {
    const __m128i s = _mm_srai_epi32(v, 16);
    _mm_storel_epi64(static_cast<__m128i*>(p), _mm_packs_epi32(s, s));
}
#endif
#if defined(__AVX512BW__)
template <class I>
GELU_ALWAYS_INLINE I load_high_16(const void* p, const __m512i*) noexcept {
    const __m512i to = _mm512_set_epi16(15, 0, 14, 0, 13, 0, 12, 0, 11, 0, 10, 0, 9, 0, 8, 0,  //
                                        7, 0, 6, 0, 5, 0, 4, 0, 3, 0, 2, 0, 1, 0, 0, 0);
    const __m256i v = _mm256_loadu_si256(static_cast<const __m256i*>(p));
    return I(_mm512_maskz_permutexvar_epi16(0xaaaaaaaa, to, _mm512_castsi256_si512(v)));
}
#endif

// --- The formats in integer arithmetic, the 16 bits in the low halves of the lanes ---------------

constexpr std::int32_t infinity_bits = 0x7f800000, magnitude_bits = 0x7fffffff;
constexpr std::int32_t half_min_bits = 0x38800000;       // 2^-14, the smallest normal half
constexpr std::int32_t half_overflow_bits = 0x47800000;  // 2^16
constexpr std::int32_t half_rebias = 112 << 23;

template <class B>
GELU_ALWAYS_INLINE B widen(const int_t<B>& v, binary16_format) noexcept {
    using I = int_t<B>;
    const I magnitude = v & I(0x7fff), shifted = magnitude << 13;
    // A subnormal as 2^-14 + value, exact, minus 2^-14.
    const B smallest = from_int<B>(I(half_min_bits));
    const I subnormal = as_int<B>(from_int<B>(shifted + I(half_min_bits)) - smallest);
    I result = convert::select(magnitude < I(0x400), subnormal, shifted + I(half_rebias));
    result = convert::select(magnitude > I(0x7bff), shifted | I(infinity_bits), result);
    return from_int<B>(result | ((v & I(0x8000)) << 16));
}

/// bfloat16 in the high halves of the lanes.
template <class B>
GELU_ALWAYS_INLINE int_t<B> narrow(const B& v, bfloat16_format) noexcept {
    using I = int_t<B>;
    const I b = as_int<B>(v);
    const I rounded = b + (I(0x7fff) + ((b >> 16) & I(1)));
    const auto is_nan = (b & I(magnitude_bits)) > I(infinity_bits);
    return convert::select(is_nan, b | I(0x400000), rounded);
}
template <class B>
GELU_ALWAYS_INLINE int_t<B> narrow(const B& v, binary16_format) noexcept {
    using I = int_t<B>;
    const I b = as_int<B>(v), magnitude = b & I(magnitude_bits);
    const I m =
        convert::select(magnitude < I(half_overflow_bits), magnitude, I(half_overflow_bits));
    // A carry out of the significand reaches the exponent, and infinity.
    const I normal = (m + (I(0xfff - half_rebias) + ((m >> 13) & I(1)))) >> 13;
    // The last bit of 1/2 is 2^-24: the addition rounds to the unit of subnormal halves.
    const I subnormal = as_int<B>(from_int<B>(m) + B(0.5f)) - I(0x3f000000);
    const I nan = ((magnitude >> 13) & I(0x3ff)) | I(0x7e00);
    I result = convert::select(m < I(half_min_bits), subnormal, normal);
    result = convert::select(magnitude > I(infinity_bits), nan, result);
    return result | ((b >> 16) & I(0x8000));
}

// --- Half, by hardware where there is some -------------------------------------------------------

template <class B>
GELU_ALWAYS_INLINE B load_half(const void* p, const void*) noexcept {
    using I = int_t<B>;
    return widen<B>(load_16<I>(p, static_cast<const typename I::register_type*>(nullptr)),
                    binary16_format{});
}
template <class B>
GELU_ALWAYS_INLINE void store_half(void* p, const B& v, const void*) noexcept {
    using I = int_t<B>;
    store_16<I>(p, narrow<B>(v, binary16_format{}),
                static_cast<const typename I::register_type*>(nullptr));
}

// Clang knows what the intrinsics compute, and moves a comparison of their result in front of them,
// to halves, which it then compares one by one: hide the result's origin.
#if defined(__clang__)
#define GELU_HIDE_ORIGIN(v, constraint) __asm__("" : constraint(v))
#else
#define GELU_HIDE_ORIGIN(v, constraint) (void)0
#endif

#if defined(__F16C__)
template <class B>
GELU_ALWAYS_INLINE B load_half(const void* p, const __m128*) noexcept {
    __m128 v = _mm_cvtph_ps(_mm_loadl_epi64(static_cast<const __m128i*>(p)));
    GELU_HIDE_ORIGIN(v, "+x");
    return B(v);
}
template <class B>
GELU_ALWAYS_INLINE void store_half(void* p, const B& v, const __m128*) noexcept {
    _mm_storel_epi64(static_cast<__m128i*>(p), _mm_cvtps_ph(v, _MM_FROUND_TO_NEAREST_INT));
}
template <class B>
GELU_ALWAYS_INLINE B load_half(const void* p, const __m256*) noexcept {
    __m256 v = _mm256_cvtph_ps(_mm_loadu_si128(static_cast<const __m128i*>(p)));
    GELU_HIDE_ORIGIN(v, "+x");
    return B(v);
}
template <class B>
GELU_ALWAYS_INLINE void store_half(void* p, const B& v, const __m256*) noexcept {
    _mm_storeu_si128(static_cast<__m128i*>(p), _mm256_cvtps_ph(v, _MM_FROUND_TO_NEAREST_INT));
}
#endif
#if defined(__AVX512F__)
template <class B>
GELU_ALWAYS_INLINE B load_half(const void* p, const __m512*) noexcept {
    __m512 v = _mm512_cvtph_ps(_mm256_loadu_si256(static_cast<const __m256i*>(p)));
    GELU_HIDE_ORIGIN(v, "+v");
    return B(v);
}
template <class B>
GELU_ALWAYS_INLINE void store_half(void* p, const B& v, const __m512*) noexcept {
    _mm256_storeu_si256(static_cast<__m256i*>(p), _mm512_cvtps_ph(v, _MM_FROUND_TO_NEAREST_INT));
}
#endif
#undef GELU_HIDE_ORIGIN
#if defined(__ARM_NEON) && defined(__aarch64__)
template <class B>
GELU_ALWAYS_INLINE B load_half(const void* p, const float32x4_t*) noexcept {
    std::uint16_t narrow[4];
    std::memcpy(narrow, p, sizeof narrow);
    float32x4_t v = vcvt_f32_f16(vreinterpret_f16_u16(vld1_u16(narrow)));
#if defined(__GNUC__)
    __asm__("" : "+w"(v));  // GCC takes the way there and back for none, and leaves NaN signalling
#endif
    return B(v);
}
template <class B>
GELU_ALWAYS_INLINE void store_half(void* p, const B& v, const float32x4_t*) noexcept {
    std::uint16_t narrow[4];
    vst1_u16(narrow, vreinterpret_u16_f16(vcvt_f16_f32(v)));
    std::memcpy(p, narrow, sizeof narrow);
}
#endif

template <class B>
GELU_ALWAYS_INLINE B load(const void* p, binary16_format) noexcept {
    return load_half<B>(p, static_cast<const typename B::register_type*>(nullptr));
}
template <class B>
GELU_ALWAYS_INLINE B load(const void* p, bfloat16_format) noexcept {
    using I = int_t<B>;
    return from_int<B>(load_high_16<I>(p, static_cast<const typename I::register_type*>(nullptr)));
}
template <class B>
GELU_ALWAYS_INLINE void store(void* p, const B& v, binary16_format) noexcept {
    store_half<B>(p, v, static_cast<const typename B::register_type*>(nullptr));
}
template <class B>
GELU_ALWAYS_INLINE void store(void* p, const B& v, bfloat16_format) noexcept {
    using I = int_t<B>;
    store_high_16<I>(p, narrow<B>(v, bfloat16_format{}),
                     static_cast<const typename I::register_type*>(nullptr));
}
}  // namespace convert

/// Elements of a 16-bit type as floats; exact.
template <class B, class T, enable_storage<T> = 0>
GELU_ALWAYS_INLINE B load(const T* p) noexcept {
    return convert::load<B>(p, format_of<T>{});
}
template <class B, class T, enable_storage<T> = 0>
GELU_ALWAYS_INLINE B load_first(const T* p, std::size_t n) noexcept {
    std::uint16_t lanes[B::size] = {};
    std::memcpy(lanes, p, n * sizeof(T));
    return convert::load<B>(lanes, format_of<T>{});
}

/// Floats rounded to the nearest of a 16-bit type, ties to even.
template <class B, class T, enable_storage<T> = 0>
GELU_ALWAYS_INLINE void store(T* p, const B& v) noexcept {
    convert::store<B>(p, v, format_of<T>{});
}
template <class B, class T, enable_storage<T> = 0>
GELU_ALWAYS_INLINE void store_first(T* p, const B& v, std::size_t n) noexcept {
    std::uint16_t lanes[B::size];
    convert::store<B>(lanes, v, format_of<T>{});
    std::memcpy(static_cast<void*>(p), lanes, n * sizeof(T));
}

template <class B>
using int_mask_t = xsimd::batch_bool<std::int32_t, typename B::arch_type>;

template <class B>
GELU_ALWAYS_INLINE int_mask_t<B> int_mask(
    const xsimd::batch_bool<float, typename B::arch_type>& m) noexcept {
#if XSIMD_VERSION_MAJOR >= 9
    return xsimd::batch_bool_cast<std::int32_t>(m);
#else
    return xsimd::bool_cast(m);
#endif
}
template <class B>
GELU_ALWAYS_INLINE B select_marked(const int_mask_t<B>& marked, const B& yes,
                                   const B& no) noexcept {
    return convert::from_int<B>(
        convert::select(marked, convert::as_int<B>(yes), convert::as_int<B>(no)));
}

namespace convert {
// Less than 2 Ulps + 1 where v is within Ulps ULP of float of a tie, a value halfway between two of
// the format. No infinity and no zero is.
template <int Ulps, class B>
GELU_ALWAYS_INLINE int_t<B> tie_distance(const B& v, bfloat16_format) noexcept {
    using I = int_t<B>;
    return (as_int<B>(v) + I(0x8000 + Ulps)) & I(0xffff);
}
/// Of a half that is not subnormal.
template <int Ulps, class B>
GELU_ALWAYS_INLINE int_t<B> tie_distance(const B& v, binary16_format) noexcept {
    using I = int_t<B>;
    return (as_int<B>(v) + I(0x1000 + Ulps)) & I(0x1fff);
}
/// The least magnitude.
template <class B>
GELU_ALWAYS_INLINE B least(const B& x, const B& y) noexcept {
#if defined(__AVX512DQ__)
    if constexpr (sizeof(B) == 64)
        return B(_mm512_range_ps(x, y, 0x0a));
    else
#endif
        return xsimd::min(xsimd::abs(x), xsimd::abs(y));
}
}  // namespace convert

/// Lanes within Ulps ULP of float of a tie: those that a float with such an error may round the
/// wrong way. No infinity and no zero is among them.
template <int Ulps, class B>
GELU_ALWAYS_INLINE int_mask_t<B> near_tie(const B& v, bfloat16_format format) noexcept {
    return convert::tie_distance<Ulps>(v, format) < convert::int_t<B>(2 * Ulps + 1);
}
template <int Ulps, class B>
GELU_ALWAYS_INLINE int_mask_t<B> near_tie(const B& v, binary16_format format) noexcept {
    // Twice a normal half has the last bits of it. Below 2^-14 the ties are odd multiples of 2^-25,
    // which adding 2^-14 puts at the same bits, and the sum's unit is at least two of v, so that
    // its rounding stays within the distance.
    const B size = xsimd::abs(v);
    const B sum = size + xsimd::max(B(0x1p-14f), size);
    return convert::tie_distance<Ulps>(sum, format) < convert::int_t<B>(2 * Ulps + 1);
}

/// Whether any lane of four batches is near a tie.
template <int Ulps, class B, class Format>
GELU_ALWAYS_INLINE bool any_near_tie(const B (&v)[4], Format format) noexcept {
    using I = convert::int_t<B>;
    const I distance = xsimd::min(xsimd::min(convert::tie_distance<Ulps>(v[0], format),
                                             convert::tie_distance<Ulps>(v[1], format)),
                                  xsimd::min(convert::tie_distance<Ulps>(v[2], format),
                                             convert::tie_distance<Ulps>(v[3], format)));
    const auto near = distance < I(2 * Ulps + 1);
    if constexpr (std::is_same_v<Format, binary16_format>) {
        // The distance is not that of subnormal halves.
        const B size = convert::least(convert::least(v[0], v[1]), convert::least(v[2], v[3]));
        return GELU_UNLIKELY(xsimd::any(near | int_mask<B>(size < B(0x1p-14f)))) &&
               xsimd::any(near_tie<Ulps>(v[0], format) | near_tie<Ulps>(v[1], format) |
                          near_tie<Ulps>(v[2], format) | near_tie<Ulps>(v[3], format));
    } else {
        return xsimd::any(near);
    }
}

/// The nearest values of the format, ties to even, as floats.
template <class B>
GELU_ALWAYS_INLINE B round_to(const B& v, bfloat16_format) noexcept {
    using I = convert::int_t<B>;
    return convert::from_int<B>(convert::narrow<B>(v, bfloat16_format{}) & I(-0x10000));
}
template <class B>
GELU_ALWAYS_INLINE B round_to(const B& v, binary16_format format) noexcept {
    std::uint16_t lanes[B::size];
    convert::store<B>(lanes, v, format);
    return convert::load<B>(lanes, format);
}

/// Floats that are either of the format or not near a tie, and whose NaNs have zeros where the
/// format has no bits: to round them takes less then.
template <class B, class Format, int Ulps>
struct settled {
    B v;
};

namespace convert {
template <class B, int Ulps>
GELU_ALWAYS_INLINE void store(void* p, const settled<B, binary16_format, Ulps>& r) noexcept {
    store<B>(p, r.v, binary16_format{});
}
template <class B, int Ulps>
GELU_ALWAYS_INLINE void store(void* p, const settled<B, bfloat16_format, Ulps>& r) noexcept {
    using I = int_t<B>;
    store_high_16<I>(p, as_int<B>(r.v) + I(0x8000 + Ulps),
                     static_cast<const typename I::register_type*>(nullptr));
}
}  // namespace convert

template <class B, class T, class Format, int Ulps>
GELU_ALWAYS_INLINE void store(T* p, const settled<B, Format, Ulps>& r) noexcept {
    convert::store(p, r);
}
template <class B, class T, class Format, int Ulps>
GELU_ALWAYS_INLINE void store_first(T* p, const settled<B, Format, Ulps>& r,
                                    std::size_t n) noexcept {
    std::uint16_t lanes[B::size];
    convert::store(lanes, r);
    std::memcpy(static_cast<void*>(p), lanes, n * sizeof(T));
}

}  // namespace ops
}  // namespace detail
}  // namespace GELU_ABI
}  // namespace gelu

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif

#endif
