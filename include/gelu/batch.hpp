/// \file
/// The verbs on xsimd batches.
#ifndef GELU_BATCH_HPP
#define GELU_BATCH_HPP

#include "gelu/detail/kernel.hpp"
#include "gelu/forms.hpp"

namespace gelu {
inline namespace GELU_ABI {
namespace detail {

/// Hides where a result comes from. Otherwise GCC contracts a multiplication that ends a kernel
/// with an addition in the caller's code, and the bits depend on the neighbours.
template <class B>
GELU_ALWAYS_INLINE B rounded(const B& result) noexcept {
    typename B::register_type r = result;
#if !defined(__GNUC__) && !defined(__clang__)
#elif defined(__AVX512F__)
    __asm__("" : "+v"(r));
#elif defined(__x86_64__) || defined(__i386__)
    __asm__("" : "+x"(r));
#elif defined(__aarch64__) || defined(__ARM_NEON)
    __asm__("" : "+w"(r));
#elif defined(__riscv_v_fixed_vlen)
    __asm__("" : "+vr"(r));
#elif !defined(__wasm__)  // which has no FMA to contract to
    __asm__("" : "+m"(r));
#endif
    return B(r);
}

template <int Order, class T, class A, class Form>
GELU_ALWAYS_INLINE xsimd::batch<T, A> on_batch(const xsimd::batch<T, A>& x,
                                               const Form& form) noexcept {
    static_assert(std::is_same<T, float>::value || std::is_same<T, double>::value,
                  "gelu: batches hold float or double");
    xsimd::batch<T, A> result = x;
    with_kernel<Order, xsimd::batch<T, A>>(form, [&](const auto& k) { result = k(x); });
    return rounded(result);
}

}  // namespace detail

/// \defgroup batches SIMD batches
/// The verbs on `xsimd::batch<float, A>` and `xsimd::batch<double, A>`, for a loop that fuses the
/// GELU with its neighbours.
///
/// Each lane holds what the array verb gives for its value, bit for bit, whatever the other lanes
/// hold. Formulas, domain and special values are those of the verbs on one value, and the errors
/// are within `max_ulp<T, Order>(form)` (\ref accuracy). No exceptions, errno or state. The form's
/// constant must be finite and positive.
///
/// \snippet reference.cpp batch
/// @{

/// g(x) in each lane: +-0 -> +-0, +inf -> +inf, -inf -> -0, NaN -> NaN.
template <class T, class A, class Form = erf_form, detail::enable_form<Form> = 0>
inline xsimd::batch<T, A> forward(const xsimd::batch<T, A>& x, Form form = {}) noexcept {
    return detail::on_batch<0>(x, form);
}
/// g'(x) in each lane: +-0 -> 1/2, +inf -> 1, -inf -> 0, NaN -> NaN.
template <class T, class A, class Form = erf_form, detail::enable_form<Form> = 0>
inline xsimd::batch<T, A> derivative(const xsimd::batch<T, A>& x, Form form = {}) noexcept {
    return detail::on_batch<1>(x, form);
}
/// g''(x) in each lane: +-inf -> 0, NaN -> NaN.
template <class T, class A, class Form = erf_form, detail::enable_form<Form> = 0>
inline xsimd::batch<T, A> second_derivative(const xsimd::batch<T, A>& x, Form form = {}) noexcept {
    return detail::on_batch<2>(x, form);
}
/// grad g'(x) in each lane: the derivative, multiplied as IEEE 754 does.
template <class T, class A, class Form = erf_form, detail::enable_form<Form> = 0>
inline xsimd::batch<T, A> backward(const xsimd::batch<T, A>& grad, const xsimd::batch<T, A>& x,
                                   Form form = {}) noexcept {
    return detail::rounded(grad * detail::on_batch<1>(x, form));
}
/// @}

}  // namespace GELU_ABI
}  // namespace gelu

#endif
