// Compiler checks and macros; the inline namespace that keeps code compiled for different
// instruction sets apart. Includes nothing of gelu.
#ifndef GELU_DETAIL_CONFIG_HPP
#define GELU_DETAIL_CONFIG_HPP

#if defined(_MSVC_LANG)
#define GELU_CPLUSPLUS _MSVC_LANG
#else
#define GELU_CPLUSPLUS __cplusplus
#endif

#if GELU_CPLUSPLUS < 201703L
#error "gelu needs C++17: compile with -std=c++17 or later (MSVC: /std:c++17)"
#endif

// Reassociation and assumed-finite arithmetic delete the compensation terms that the error bounds
// rest on, and nothing in the source can prevent it reliably: refuse instead of being wrong.
#if defined(__FAST_MATH__) || defined(_M_FP_FAST) || defined(__ASSOCIATIVE_MATH__) || \
    (defined(__FINITE_MATH_ONLY__) && __FINITE_MATH_ONLY__)
#error \
    "gelu cannot keep its error bounds under -ffast-math, -Ofast, -ffinite-math-only or /fp:fast. Compile the files that include gelu with -O3 -fno-fast-math (CMake: set_source_files_properties(file.cpp PROPERTIES COMPILE_OPTIONS -fno-fast-math)); -fno-math-errno -fno-trapping-math are safe to keep, and gelu is vectorised by hand, so it loses nothing"
#endif

#if defined(__GNUC__) || defined(__clang__)
#define GELU_ALWAYS_INLINE inline __attribute__((always_inline))
#define GELU_ALWAYS_INLINE_LAMBDA \
    __attribute__((always_inline))  // GCC leaves long ones out of line
#define GELU_NOINLINE __attribute__((noinline))
#define GELU_UNLIKELY(condition) __builtin_expect(!!(condition), 0)
#elif defined(_MSC_VER)
#define GELU_ALWAYS_INLINE __forceinline
#define GELU_ALWAYS_INLINE_LAMBDA
#define GELU_NOINLINE __declspec(noinline)
#define GELU_UNLIKELY(condition) (condition)
#else
#define GELU_ALWAYS_INLINE inline
#define GELU_ALWAYS_INLINE_LAMBDA
#define GELU_NOINLINE
#define GELU_UNLIKELY(condition) (condition)
#endif

#if defined(__cpp_exceptions) || defined(_CPPUNWIND)
#define GELU_EXCEPTIONS 1
#else
#define GELU_EXCEPTIONS 0
#endif

// One inline namespace per set of instruction-set flags: two translation units with different
// -march then hold differently named functions, and the linker cannot give an old CPU new code.
#if defined(__AVX512F__)
#define GELU_TAG_WIDTH avx512f
#elif defined(__AVX2__)
#define GELU_TAG_WIDTH avx2
#elif defined(__AVX__)
#define GELU_TAG_WIDTH avx
#elif defined(__SSE4_2__)
#define GELU_TAG_WIDTH sse4_2
#elif defined(__SSE4_1__)
#define GELU_TAG_WIDTH sse4_1
#elif defined(__SSSE3__)
#define GELU_TAG_WIDTH ssse3
#elif defined(__SSE3__)
#define GELU_TAG_WIDTH sse3
#elif defined(__SSE2__) || defined(_M_X64)
#define GELU_TAG_WIDTH sse2
#elif defined(__ARM_FEATURE_SVE_BITS) && __ARM_FEATURE_SVE_BITS == 128
#define GELU_TAG_WIDTH sve128
#elif defined(__ARM_FEATURE_SVE_BITS) && __ARM_FEATURE_SVE_BITS == 256
#define GELU_TAG_WIDTH sve256
#elif defined(__ARM_FEATURE_SVE_BITS) && __ARM_FEATURE_SVE_BITS == 512
#define GELU_TAG_WIDTH sve512
#elif defined(__ARM_FEATURE_SVE)
#define GELU_TAG_WIDTH sve
#elif defined(__ARM_NEON)
#define GELU_TAG_WIDTH neon
#elif defined(__riscv_v_fixed_vlen) && __riscv_v_fixed_vlen == 128
#define GELU_TAG_WIDTH rvv128
#elif defined(__riscv_v_fixed_vlen) && __riscv_v_fixed_vlen == 256
#define GELU_TAG_WIDTH rvv256
#elif defined(__riscv_v_fixed_vlen) && __riscv_v_fixed_vlen == 512
#define GELU_TAG_WIDTH rvv512
#elif defined(__riscv_vector)  // of a length that isn't fixed: xsimd has no vectors for it
#define GELU_TAG_WIDTH rvv
#define GELU_NO_VECTORS
#elif defined(__wasm_simd128__)
#define GELU_TAG_WIDTH wasm
#elif defined(__VEC__)
#define GELU_TAG_WIDTH vec
#else
#define GELU_TAG_WIDTH scalar
#define GELU_NO_VECTORS
#endif

#if defined(__FMA__)
#define GELU_TAG_FMA _fma
#else
#define GELU_TAG_FMA
#endif
#if defined(__F16C__)
#define GELU_TAG_F16C _f16c
#else
#define GELU_TAG_F16C
#endif
#if defined(__BMI2__)
#define GELU_TAG_BMI _bmi2
#else
#define GELU_TAG_BMI
#endif
#if defined(__AVX512BW__) && defined(__AVX512DQ__) && defined(__AVX512VL__)
#define GELU_TAG_BW _bw_dq_vl
#elif defined(__AVX512DQ__)
#define GELU_TAG_BW _dq
#else
#define GELU_TAG_BW
#endif
#if defined(__AVX512VBMI__) || defined(__AVX512VNNI__)
#define GELU_TAG_EXT _ext
#else
#define GELU_TAG_EXT
#endif

#define GELU_CONCAT6_(a, b, c, d, e, f) a##b##c##d##e##f
#define GELU_CONCAT6(a, b, c, d, e, f) GELU_CONCAT6_(a, b, c, d, e, f)
#define GELU_ABI                                                                         \
    GELU_CONCAT6(GELU_TAG_WIDTH, GELU_TAG_FMA, GELU_TAG_F16C, GELU_TAG_BMI, GELU_TAG_BW, \
                 GELU_TAG_EXT)

namespace gelu {
inline namespace GELU_ABI {
namespace detail {
/// Names the instruction-set flags of this translation unit in the mangled name of whatever
/// template takes it as an argument.
struct abi_tag {};

#if defined(__FMA__) || defined(__AVX512F__) || defined(__ARM_FEATURE_FMA) || \
    defined(__riscv_v) || defined(_M_ARM64) || defined(__FP_FAST_FMA)
inline constexpr bool has_fma = true;
#else
inline constexpr bool has_fma = false;
#endif
}  // namespace detail
}  // namespace GELU_ABI
}  // namespace gelu

#endif
