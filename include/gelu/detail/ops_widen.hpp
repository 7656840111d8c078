// The vocabulary on batches, continued: float to double lanes and back. Knows intrinsics and xsimd
// versions, as ops.hpp does.
#ifndef GELU_DETAIL_OPS_WIDEN_HPP
#define GELU_DETAIL_OPS_WIDEN_HPP

#include <limits>

#include "gelu/detail/ops_lanes.hpp"

// GCC's bug 105593, as in ops_convert.hpp.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

namespace gelu {
inline namespace GELU_ABI {
namespace detail {
namespace ops {

/// Whether B's instruction set has batches of double; 32-bit NEON has none.
template <class B>
constexpr bool has_double_lanes =
#if defined(__ARM_NEON) && !defined(__aarch64__)
    false;
#else
    xsimd::has_simd_register<double, typename B::arch_type>::value;
#endif

template <class B>
using double_batch = xsimd::batch<double, typename B::arch_type>;

template <class B>
struct wide_of {
    using type = twin<double_batch<B>>;
};
template <class B>
struct wide_of<twin<B>> {
    using type = twin<typename wide_of<B>::type>;
};
/// The double batches that hold the lanes of B, a float batch or several in lockstep.
template <class B>
using wide_t = typename wide_of<B>::type;

namespace convert {
// One overload per register, chosen by a null pointer to it; `const void*` is for any other.

template <class B>
GELU_ALWAYS_INLINE wide_t<B> to_double(const B& x, const void*) noexcept {
    using D = double_batch<B>;
    alignas(B) float from[B::size];
    alignas(D) double to[B::size];
    x.store_aligned(from);
    for (std::size_t i = 0; i < B::size; ++i) to[i] = static_cast<double>(from[i]);
    return {D::load_aligned(to), D::load_aligned(to + D::size)};
}
template <class B>
GELU_ALWAYS_INLINE B to_float(const wide_t<B>& x, const void*) noexcept {
    using D = double_batch<B>;
    alignas(D) double from[B::size];
    alignas(B) float to[B::size];
    x.first.store_aligned(from);
    x.second.store_aligned(from + D::size);
    for (std::size_t i = 0; i < B::size; ++i) to[i] = static_cast<float>(from[i]);
    return B::load_aligned(to);
}

#if defined(__SSE2__) || defined(_M_X64)
template <class B>
GELU_ALWAYS_INLINE wide_t<B> to_double(const B& x, const __m128*) noexcept {
    using D = double_batch<B>;
    return {D(_mm_cvtps_pd(x)), D(_mm_cvtps_pd(_mm_movehl_ps(x, x)))};
}
template <class B>
GELU_ALWAYS_INLINE B to_float(const wide_t<B>& x, const __m128*) noexcept {
    return B(_mm_movelh_ps(_mm_cvtpd_ps(x.first), _mm_cvtpd_ps(x.second)));
}
#endif
#if defined(__AVX__)
template <class B>
GELU_ALWAYS_INLINE wide_t<B> to_double(const B& x, const __m256*) noexcept {
    using D = double_batch<B>;
    return {D(_mm256_cvtps_pd(_mm256_castps256_ps128(x))),
            D(_mm256_cvtps_pd(_mm256_extractf128_ps(x, 1)))};
}
template <class B>
GELU_ALWAYS_INLINE B to_float(const wide_t<B>& x, const __m256*) noexcept {
    return B(_mm256_insertf128_ps(_mm256_castps128_ps256(_mm256_cvtpd_ps(x.first)),
                                  _mm256_cvtpd_ps(x.second), 1));
}
#endif
#if defined(__AVX512F__)
template <class B>
GELU_ALWAYS_INLINE wide_t<B> to_double(const B& x, const __m512*) noexcept {
    using D = double_batch<B>;
    const __m256d high = _mm512_extractf64x4_pd(_mm512_castps_pd(x), 1);
    return {D(_mm512_cvtps_pd(_mm512_castps512_ps256(x))),
            D(_mm512_cvtps_pd(_mm256_castpd_ps(high)))};
}
template <class B>
GELU_ALWAYS_INLINE B to_float(const wide_t<B>& x, const __m512*) noexcept {
    const __m256d low = _mm256_castps_pd(_mm512_cvtpd_ps(x.first)),
                  high = _mm256_castps_pd(_mm512_cvtpd_ps(x.second));
    return B(_mm512_castpd_ps(_mm512_insertf64x4(_mm512_castpd256_pd512(low), high, 1)));
}
#endif
#if defined(__ARM_NEON) && defined(__aarch64__)
template <class B>
GELU_ALWAYS_INLINE wide_t<B> to_double(const B& x, const float32x4_t*) noexcept {
    using D = double_batch<B>;
    return {D(vcvt_f64_f32(vget_low_f32(x))), D(vcvt_high_f64_f32(x))};
}
template <class B>
GELU_ALWAYS_INLINE B to_float(const wide_t<B>& x, const float32x4_t*) noexcept {
    return B(vcvt_high_f32_f64(vcvt_f32_f64(x.first), x.second));
}
#endif
#if defined(__ARM_FEATURE_SVE_BITS) && __ARM_FEATURE_SVE_BITS > 0
// SVE converts the even lanes of float.
using sve_floats = svfloat32_t __attribute__((arm_sve_vector_bits(__ARM_FEATURE_SVE_BITS)));
template <class B>
GELU_ALWAYS_INLINE wide_t<B> to_double(const B& x, const sve_floats*) noexcept {
    using D = double_batch<B>;
    return {D(svcvt_f64_f32_x(svptrue_b64(), svzip1_f32(x, x))),
            D(svcvt_f64_f32_x(svptrue_b64(), svzip2_f32(x, x)))};
}
template <class B>
GELU_ALWAYS_INLINE B to_float(const wide_t<B>& x, const sve_floats*) noexcept {
    return B(svuzp1_f32(svcvt_f32_f64_x(svptrue_b64(), x.first),
                        svcvt_f32_f64_x(svptrue_b64(), x.second)));
}
#endif
#if defined(__riscv_v_fixed_vlen)
template <class B>
GELU_ALWAYS_INLINE wide_t<B> to_double(const B& x, const vfloat32m1_t*) noexcept {
    using D = double_batch<B>;
    const vfloat64m2_t wide = __riscv_vfwcvt_f_f_v_f64m2(x, B::size);
    return {D(__riscv_vget_v_f64m2_f64m1(wide, 0)), D(__riscv_vget_v_f64m2_f64m1(wide, 1))};
}
template <class B>
GELU_ALWAYS_INLINE B to_float(const wide_t<B>& x, const vfloat32m1_t*) noexcept {
    return B(__riscv_vfncvt_f_f_w_f32m1(__riscv_vcreate_v_f64m1_f64m2(x.first, x.second), B::size));
}
#endif
#if defined(__wasm_simd128__)
template <class B>
GELU_ALWAYS_INLINE wide_t<B> to_double(const B& x, const v128_t*) noexcept {
    using D = double_batch<B>;
    return {D(wasm_f64x2_promote_low_f32x4(x)),
            D(wasm_f64x2_promote_low_f32x4(wasm_i32x4_shuffle(x, x, 2, 3, 2, 3)))};
}
template <class B>
GELU_ALWAYS_INLINE B to_float(const wide_t<B>& x, const v128_t*) noexcept {
    return B(wasm_i32x4_shuffle(wasm_f32x4_demote_f64x2_zero(x.first),
                                wasm_f32x4_demote_f64x2_zero(x.second), 0, 1, 4, 5));
}
#endif
}  // namespace convert

/// The same values as doubles.
template <class B>
GELU_ALWAYS_INLINE wide_t<B> widen(const B& x) noexcept {
    return convert::to_double(x, static_cast<const typename B::register_type*>(nullptr));
}
template <class B>
GELU_ALWAYS_INLINE wide_t<twin<B>> widen(const twin<B>& x) noexcept {
    return {ops::widen(x.first), ops::widen(x.second)};
}

template <class W>
struct narrow_to {
    static GELU_ALWAYS_INLINE W from(const wide_t<W>& x) noexcept {
        return convert::to_float<W>(x, static_cast<const typename W::register_type*>(nullptr));
    }
};
template <class B>
struct narrow_to<twin<B>> {
    static GELU_ALWAYS_INLINE twin<B> from(const wide_t<twin<B>>& x) noexcept {
        return {narrow_to<B>::from(x.first), narrow_to<B>::from(x.second)};
    }
};
/// Rounded once to W, a float batch or several in lockstep, subnormal results too.
template <class W>
GELU_ALWAYS_INLINE W narrow(const wide_t<W>& x) noexcept {
    return narrow_to<W>::from(x);
}

/// a b of doubles, |b| < 2, rounded once, without arithmetic on subnormal numbers where b is small.
template <class W>
GELU_NOINLINE W times_small(const W& a, const W& b) noexcept {
    // b 2^600, a subnormal b by its count of the least number
    const W size = magnitude(b), one(1.0), unit(0x1p52), a_size = magnitude(a);
    const auto is_small = below(size, W(0x1p-600));
    const W count = from_bits(bits(size) + bits(unit)) - unit;
    const W large = from_bits(bits(size) + integer_t<W>(std::int64_t(600) << 52));
    const W up = select(below(size, W(0x1p-1022)), count * W(0x1p-474), large);
    // The product in units of the least number, or normal.
    const W factor = at_most(a_size, W(0x1p500)) * W(0x1p474);
    const auto is_counted =
        below(factor * up, unit) & below(a_size, W(std::numeric_limits<double>::infinity()));
    // Not xsimd::fma, which 8.1 has not for AVX-512.
    const W counted = from_bits(bits(ops::fma(factor, up, unit)) - bits(unit));
    const W normal = at_least(a_size * up, W(0x1p-422)) * W(0x1p-600);
    const W product = select(is_counted, counted, normal);
    return select(is_small, with_sign_of(product, with_sign_of(one, a) * with_sign_of(one, b)),
                  select(is_small, one, a) * select(is_small, one, b));
}

/// a b, b < 2. Where products may be subnormal they take another way to the same bits: on Intel's
/// CPUs a multiplication that makes or takes a subnormal number costs a hundred cycles, and a
/// conversion from float to double no more than usual.
template <class W>
GELU_ALWAYS_INLINE W times_slope(const W& a, const W& b) noexcept {
    using B = single_t<W>;
    if constexpr (sizeof(value_t<W>) == 8 && has_fma) {
        if (GELU_UNLIKELY(any_small(b, 0x1p-600))) {
            const W copies[] = {a, b};  // so that they need not be in memory elsewhere
            return times_small(copies[0], copies[1]);
        }
    } else if constexpr (sizeof(value_t<W>) == 4 && has_double_lanes<B>) {
        bool is_small = false;
        if constexpr (packs<B>()) {
            is_small = any_less(product_bits(a, b), integer_t<B>(128u << 23));
        } else {
            const W scaled = at_most(magnitude(a), W(1.0f)) * W(0x1p64f);
            is_small = any_small(scaled * at_least(magnitude(b), W(0x1p-126f)), 0x1p-61f);
        }
        if (GELU_UNLIKELY(is_small)) return ops::narrow<W>(ops::widen(a) * ops::widen(b));
    }
    return a * b;
}

}  // namespace ops
}  // namespace detail
}  // namespace GELU_ABI
}  // namespace gelu

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif

#endif
