/// \file
/// The C interface of gelu::dispatch, for other languages: the verbs on arrays, computed with the
/// best instruction set of the CPU that the program runs on. C99 or C++; link the library
/// gelu_dispatch.
#ifndef GELU_DISPATCH_H
#define GELU_DISPATCH_H

#include <stddef.h>
#include <stdint.h>

/// \cond
#if defined(__cplusplus)
#define GELU_NOEXCEPT noexcept
extern "C" {
#else
#define GELU_NOEXCEPT
#endif

#if defined(_WIN32) && defined(GELU_DISPATCH_EXPORTS)
#define GELU_API __declspec(dllexport)
#elif !defined(_WIN32) && !defined(GELU_DISPATCH_STATIC)
#define GELU_API __attribute__((visibility("default")))
#else
#define GELU_API
#endif
/// \endcond

/// \defgroup c_interface C interface
/// The verbs for other languages: what \ref dispatch does, with plain types. Every function that
/// computes returns a `gelu_status` and writes nothing unless that is `GELU_OK`.
///
/// - **Form:** one of `gelu_form`, with `| GELU_FAST` for the fast tier. `constant` is the form's
/// own:
///   `cubic` or `slope`, finite and positive; 0 is the default, 0.044715 or 1.702. The exact form
///   has none, and takes 0.
/// - **16 bits:** half and bfloat16 values are `uint16_t` here.
/// - **Aliasing:** an output is exactly an input, or disjoint from it. n = 0 is fine, with null
/// too.
/// - **Threads:** every function may be called from any thread at any time. The environment
/// variable
///   `GELU_ARCH` and `gelu_use_arch` choose the instruction set as \ref dispatch says.
///
/// \snippet dispatch_c.c c
/// @{

/// The forms.
enum gelu_form {
    GELU_ERF = 0,      ///< the exact form: x Phi(x)
    GELU_TANH = 1,     ///< the tanh form; its constant is `cubic`
    GELU_SIGMOID = 2,  ///< the sigmoid form; its constant is `slope`
    GELU_FAST = 16     ///< added to a form: its fast tier
};

/// The types of array elements.
enum gelu_type {
    GELU_F32 = 0,  ///< float
    GELU_F64 = 1,  ///< double
    GELU_F16 = 2,  ///< IEEE 754 binary16, half
    GELU_BF16 = 3  ///< bfloat16, the upper half of a float
};

/// What became of a call.
enum gelu_status {
    GELU_OK = 0,                 ///< it did what it should
    GELU_UNKNOWN_FORM = 1,       ///< the form is none of `gelu_form`
    GELU_UNUSABLE_CONSTANT = 2,  ///< the constant isn't finite and positive, or the form has none
    GELU_UNKNOWN_TYPE = 3,       ///< the type is none of `gelu_type`
    GELU_MIXED_TYPES = 4,        ///< double goes with double only
    GELU_NULL_ARRAY = 5,         ///< an array of n > 0 elements is null
    GELU_OVERLAP = 6,            ///< an output overlaps an input in part, or the other output
    GELU_UNKNOWN_ARCH = 7,       ///< no instruction set has this name
    GELU_UNSUPPORTED_ARCH = 8    ///< the CPU or its operating system lacks the instruction set
};

/// A sentence that says what a status means; never null.
GELU_API const char* gelu_status_message(int status) GELU_NOEXCEPT;

/// The name of the instruction set in use: sse2, sse4_2, avx2 or avx512; neon on AArch64.
GELU_API const char* gelu_active_arch(void) GELU_NOEXCEPT;
/// Uses the instruction set of this name from now on, or the best one for "auto".
/// GELU_UNKNOWN_ARCH and GELU_UNSUPPORTED_ARCH change nothing.
GELU_API int gelu_use_arch(const char* name) GELU_NOEXCEPT;
/// The instruction sets that this CPU and its operating system support, from the first, index 0, to
/// the best; null past that.
GELU_API const char* gelu_supported_arch(size_t index) GELU_NOEXCEPT;
/// The instruction sets that the library was built for, index 0 on; null past the last.
GELU_API const char* gelu_known_arch(size_t index) GELU_NOEXCEPT;

/// out[i] = g(in[i]); float.
GELU_API int gelu_forward_f32(const float* in, float* out, size_t n, int form,
                              double constant) GELU_NOEXCEPT;
/// The same; double.
GELU_API int gelu_forward_f64(const double* in, double* out, size_t n, int form,
                              double constant) GELU_NOEXCEPT;
/// The same; half.
GELU_API int gelu_forward_f16(const uint16_t* in, uint16_t* out, size_t n, int form,
                              double constant) GELU_NOEXCEPT;
/// The same; bfloat16.
GELU_API int gelu_forward_bf16(const uint16_t* in, uint16_t* out, size_t n, int form,
                               double constant) GELU_NOEXCEPT;
/// The same for arrays of any `gelu_type`: double alone, or the other types in any mix.
GELU_API int gelu_forward(const void* in, int in_type, void* out, int out_type, size_t n, int form,
                          double constant) GELU_NOEXCEPT;

/// out[i] = g'(in[i]); float.
GELU_API int gelu_derivative_f32(const float* in, float* out, size_t n, int form,
                                 double constant) GELU_NOEXCEPT;
/// The same; double.
GELU_API int gelu_derivative_f64(const double* in, double* out, size_t n, int form,
                                 double constant) GELU_NOEXCEPT;
/// The same; half.
GELU_API int gelu_derivative_f16(const uint16_t* in, uint16_t* out, size_t n, int form,
                                 double constant) GELU_NOEXCEPT;
/// The same; bfloat16.
GELU_API int gelu_derivative_bf16(const uint16_t* in, uint16_t* out, size_t n, int form,
                                  double constant) GELU_NOEXCEPT;
/// The same for arrays of any `gelu_type`: double alone, or the other types in any mix.
GELU_API int gelu_derivative(const void* in, int in_type, void* out, int out_type, size_t n,
                             int form, double constant) GELU_NOEXCEPT;

/// out[i] = g''(in[i]); float.
GELU_API int gelu_second_derivative_f32(const float* in, float* out, size_t n, int form,
                                        double constant) GELU_NOEXCEPT;
/// The same; double.
GELU_API int gelu_second_derivative_f64(const double* in, double* out, size_t n, int form,
                                        double constant) GELU_NOEXCEPT;
/// The same; half.
GELU_API int gelu_second_derivative_f16(const uint16_t* in, uint16_t* out, size_t n, int form,
                                        double constant) GELU_NOEXCEPT;
/// The same; bfloat16.
GELU_API int gelu_second_derivative_bf16(const uint16_t* in, uint16_t* out, size_t n, int form,
                                         double constant) GELU_NOEXCEPT;
/// The same for arrays of any `gelu_type`: double alone, or the other types in any mix.
GELU_API int gelu_second_derivative(const void* in, int in_type, void* out, int out_type, size_t n,
                                    int form, double constant) GELU_NOEXCEPT;

/// grad_in[i] = grad[i] * g'(in[i]); float.
GELU_API int gelu_backward_f32(const float* grad, const float* in, float* grad_in, size_t n,
                               int form, double constant) GELU_NOEXCEPT;
/// The same; double.
GELU_API int gelu_backward_f64(const double* grad, const double* in, double* grad_in, size_t n,
                               int form, double constant) GELU_NOEXCEPT;
/// The same; half.
GELU_API int gelu_backward_f16(const uint16_t* grad, const uint16_t* in, uint16_t* grad_in,
                               size_t n, int form, double constant) GELU_NOEXCEPT;
/// The same; bfloat16.
GELU_API int gelu_backward_bf16(const uint16_t* grad, const uint16_t* in, uint16_t* grad_in,
                                size_t n, int form, double constant) GELU_NOEXCEPT;
/// The same for arrays of any `gelu_type`: double alone, or the other types in any mix.
GELU_API int gelu_backward(const void* grad, int grad_type, const void* in, int in_type,
                           void* grad_in, int grad_in_type, size_t n, int form,
                           double constant) GELU_NOEXCEPT;

/// out[i] = g(in[i]) and slope[i] = g'(in[i]), in one pass; float.
GELU_API int gelu_forward_with_derivative_f32(const float* in, float* out, float* slope, size_t n,
                                              int form, double constant) GELU_NOEXCEPT;
/// The same; double.
GELU_API int gelu_forward_with_derivative_f64(const double* in, double* out, double* slope,
                                              size_t n, int form, double constant) GELU_NOEXCEPT;
/// The same; half.
GELU_API int gelu_forward_with_derivative_f16(const uint16_t* in, uint16_t* out, uint16_t* slope,
                                              size_t n, int form, double constant) GELU_NOEXCEPT;
/// The same; bfloat16.
GELU_API int gelu_forward_with_derivative_bf16(const uint16_t* in, uint16_t* out, uint16_t* slope,
                                               size_t n, int form, double constant) GELU_NOEXCEPT;
/// The same for arrays of any `gelu_type`: double alone, or the other types in any mix.
GELU_API int gelu_forward_with_derivative(const void* in, int in_type, void* out, int out_type,
                                          void* slope, int slope_type, size_t n, int form,
                                          double constant) GELU_NOEXCEPT;
/// @}

#if defined(__cplusplus)
}  // extern "C"
#endif

#endif
