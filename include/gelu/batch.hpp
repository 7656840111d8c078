// The verbs on xsimd batches.
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
#else
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

template <class T, class A, class Form = erf_form, detail::enable_form<Form> = 0>
inline xsimd::batch<T, A> forward(const xsimd::batch<T, A>& x, Form form = {}) noexcept {
    return detail::on_batch<0>(x, form);
}
template <class T, class A, class Form = erf_form, detail::enable_form<Form> = 0>
inline xsimd::batch<T, A> derivative(const xsimd::batch<T, A>& x, Form form = {}) noexcept {
    return detail::on_batch<1>(x, form);
}
template <class T, class A, class Form = erf_form, detail::enable_form<Form> = 0>
inline xsimd::batch<T, A> second_derivative(const xsimd::batch<T, A>& x, Form form = {}) noexcept {
    return detail::on_batch<2>(x, form);
}
template <class T, class A, class Form = erf_form, detail::enable_form<Form> = 0>
inline xsimd::batch<T, A> backward(const xsimd::batch<T, A>& grad, const xsimd::batch<T, A>& x,
                                   Form form = {}) noexcept {
    return detail::rounded(grad * detail::on_batch<1>(x, form));
}

}  // namespace GELU_ABI
}  // namespace gelu

#endif
