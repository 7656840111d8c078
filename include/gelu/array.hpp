/// \file
/// The verbs on arrays, as contiguous ranges and as pointer + count, and the aliasing contract.
#ifndef GELU_ARRAY_HPP
#define GELU_ARRAY_HPP

#include <cassert>
#include <cstddef>
#include <iterator>
#include <type_traits>
#include <utility>

#include "gelu/batch.hpp"
#include "gelu/detail/loop.hpp"
#include "gelu/detail/ranges.hpp"
#include "gelu/detail/settle.hpp"
#include "gelu/forms.hpp"
#include "gelu/storage.hpp"

namespace gelu {
inline namespace GELU_ABI {
namespace detail {

/// The batch that computes arrays of T.
template <class T>
using native_batch = xsimd::batch<std::conditional_t<is_storage<T>, float, T>>;

/// The batches in lockstep that a kernel likes.
template <class B, class Kernel>
using step_of = typename std::decay_t<Kernel>::template step<B>;

template <int Order, class In, class Out, class Form>
inline void transform(const In* in, Out* out, std::size_t n, const Form& form) noexcept {
    using B = native_batch<In>;
    if constexpr (!same_format<In, Out>) {
        with_kernel<Order, B>(
            form, [&](const auto& k) { map<B, step_of<B, decltype(k)>>(in, out, n, k); });
    } else {
        const auto used = form_to_round<Order, Out>(form);
        alignas(64) float results[storage_block];
        in_blocks(n, [&](std::size_t i, std::size_t count) {
            map<B, ops::lockstep<B, 4>>(in + i, results, count, same{});
            transform<Order>(results, results, count, used);
            round_results<Order, B>(results, nullptr, in + i, out + i, count, used);
        });
    }
}

template <class Grad, class In, class Out, class Form>
inline void transform_backward(const Grad* grad, const In* in, Out* grad_in, std::size_t n,
                               const Form& form) noexcept {
    using B = native_batch<In>;
    if constexpr (!same_format<Grad, In, Out>) {
        with_kernel<1, B>(form, [&](const auto& k) {
            map_times<B, step_of<B, decltype(k)>>(grad, in, grad_in, n, k);
        });
    } else {
        const auto used = form_to_round<1, Out>(form);
        alignas(64) float factors[storage_block], results[storage_block];
        in_blocks(n, [&](std::size_t i, std::size_t count) {
            map<B, ops::lockstep<B, 4>>(grad + i, factors, count, same{});
            map<B, ops::lockstep<B, 4>>(in + i, results, count, same{});
            transform_backward(factors, results, results, count, used);
            round_results<1, B>(results, grad + i, in + i, grad_in + i, count, used);
        });
    }
}

/// Both for each block of in. The output that may be in, out, is written first or last.
template <class In, class Out, class F, class G>
inline void one_by_one(const In* in, const Out* out, std::size_t n, const F& value,
                       const G& derivative) noexcept {
    const bool in_place = static_cast<const void*>(in) == static_cast<const void*>(out);
    in_blocks(n, [&](std::size_t i, std::size_t m) {
        if (in_place) derivative(i, m);
        value(i, m);
        if (!in_place) derivative(i, m);
    });
}

template <class In, class Out, class Slope, class Form>
inline void transform_both(const In* in, Out* out, Slope* slope, std::size_t n,
                           const Form& form) noexcept {
    using B = native_batch<In>;
    if constexpr (!same_format<In, Out> && !same_format<In, Slope>) {
        with_kernel<0, B>(form, [&](const auto& value) {
            with_kernel<1, B>(form, [&](const auto& derivative) {
                using F = std::decay_t<decltype(value)>;
                using G = std::decay_t<decltype(derivative)>;
                if constexpr (are_siblings<F, G> || !(is_split<F> || is_split<G>))
                    fork<B, step_of<B, F>>(in, out, slope, n, value, derivative);
                else
                    one_by_one(
                        in, out, n,
                        [&](std::size_t i, std::size_t m) {
                            map<B, step_of<B, F>>(in + i, out + i, m, value);
                        },
                        [&](std::size_t i, std::size_t m) {
                            map<B, step_of<B, G>>(in + i, slope + i, m, derivative);
                        });
            });
        });
    } else {
        one_by_one(
            in, out, n,
            [&](std::size_t i, std::size_t m) { transform<0>(in + i, out + i, m, form); },
            [&](std::size_t i, std::size_t m) { transform<1>(in + i, slope + i, m, form); });
    }
}

template <int Order, class In, class Out, class Form>
inline void transform_ranges(const char* verb, const In& in, Out& out, const Form& form) {
    require_transform(verb, in, out, form);
    transform<Order>(std::data(in), std::data(out), count(in), form);
}

template <int Order, class In, class Out, class Form>
inline void transform_pointers(const In* in, Out* out, std::size_t n, const Form& form) noexcept {
    require_element_types<In, Out>();
    assert(has_usable_constant(form) && "gelu: the constant must be finite and positive");
    assert(!partial_overlap(in, out, n) && "gelu: out and in overlap in part");
    transform<Order>(in, out, n, form);
}

template <class Grad, class In, class Out, class Form>
inline void backward_pointers(const Grad* grad, const In* in, Out* grad_in, std::size_t n,
                              const Form& form) noexcept {
    require_element_types<Grad, Out>();
    require_element_types<In, Out>();
    assert(has_usable_constant(form) && "gelu: the constant must be finite and positive");
    assert(!partial_overlap(grad, grad_in, n) && "gelu: grad_in and grad overlap in part");
    assert(!partial_overlap(in, grad_in, n) && "gelu: grad_in and in overlap in part");
    transform_backward(grad, in, grad_in, n, form);
}

template <class In, class Out, class Slope, class Form>
inline void both_pointers(const In* in, Out* out, Slope* slope, std::size_t n,
                          const Form& form) noexcept {
    require_element_types<In, Out>();
    require_element_types<In, Slope>();
    assert(has_usable_constant(form) && "gelu: the constant must be finite and positive");
    assert(!partial_overlap(in, out, n) && "gelu: out and in overlap in part");
    assert(!partial_overlap(in, slope, n) && "gelu: slope and in overlap in part");
    assert(!any_overlap(out, slope, n) && "gelu: slope and out overlap");
    transform_both(in, out, slope, n, form);
}

}  // namespace detail

/// \defgroup arrays Arrays
/// The verbs on arrays. Each comes as ranges (anything contiguous with data() and size(), rvalue
/// views included) and as pointers with a count, and takes a form or, chosen once per call, an
/// approximation. For all of them:
///
/// - **Types:** all arrays hold double, or float and 16-bit types (\ref storage) in any mix; 16
/// bits
///   are computed in float and rounded once, correctly where all have one format. Anything else is
///   an error of compilation that says so.
/// - **Domain:** every value. No finite one gives NaN, nor infinity unless the exact result rounds
///   to it.
/// - **Errors:** ranges throw std::invalid_argument before anything is written: sizes that differ,
///   arrays that overlap in part, strided views, a constant that isn't finite and positive.
///   Pointers are noexcept: the same are preconditions, asserted unless NDEBUG is defined. Without
///   exceptions ranges print the message and abort.
/// - **Aliasing:** an output is exactly an input, or disjoint from it.
/// - **Memory:** nothing outside the arrays is read or written; n = 0 is fine, with null too. Any
///   alignment. No allocation, no state; errno and the floating-point environment stay as they are.
/// - **Bits:** the result of an element depends on its input alone: not on n, position, alignment,
///   neighbours or aliasing. It is that of the batch verb.
/// - **Accuracy:** within `max_ulp<T, Order>(form)` of the exact result, subnormal results included
///   (\ref accuracy says how that is measured).
///
/// \snippet reference.cpp array
/// Mixed types:
/// \snippet reference.cpp array_mixed
/// Errors:
/// \snippet reference.cpp array_errors
///
/// The functions: Hendrycks and Gimpel, arXiv 1606.08415; NIST DLMF chapter 7 for erfc and Phi.
/// @{

// Of each verb: pointers to one type and to several, with an approximation; ranges, likewise.
#define GELU_ARRAY_VERB(verb, Order)                                                         \
    template <class T, class Form = erf_form, detail::enable_form<Form> = 0>                 \
    inline void verb(const T* in, T* out, std::size_t n, Form form = {}) noexcept {          \
        detail::transform_pointers<Order>(in, out, n, form);                                 \
    }                                                                                        \
    /** The same for pointers to arrays of different types. */                               \
    template <class In, class Out, class Form = erf_form, detail::enable_form<Form> = 0,     \
              detail::enable_mixed<In, Out> = 0>                                             \
    inline void verb(const In* in, Out* out, std::size_t n, Form form = {}) noexcept {       \
        detail::transform_pointers<Order>(in, out, n, form);                                 \
    }                                                                                        \
    /** The same for pointers and a form chosen at run time. */                              \
    template <class In, class Out>                                                           \
    inline void verb(const In* in, Out* out, std::size_t n, approximation choice) noexcept { \
        detail::with_form(choice, [&](auto form) { gelu::verb(in, out, n, form); });         \
    }                                                                                        \
    /** The same for ranges. */                                                              \
    template <class In, class Out, class Form = erf_form, detail::enable_form<Form> = 0,     \
              class = detail::enable_ranges<const In, Out>>                                  \
    inline void verb(const In& in, Out&& out, Form form = {}) {                              \
        detail::transform_ranges<Order>("gelu::" #verb, in, out, form);                      \
    }                                                                                        \
    /** The same for ranges and a form chosen at run time. */                                \
    template <class In, class Out, class = detail::enable_ranges<const In, Out>>             \
    inline void verb(const In& in, Out&& out, approximation choice) {                        \
        detail::with_form(choice, [&](auto form) { gelu::verb(in, out, form); });            \
    }

/// out[i] = g(in[i]), the GELU; pointers to arrays of one type.
///
///     erf_form      g(x) = x Phi(x) = x/2 erfc(-x / sqrt 2)
///     tanh_form     g(x) = x/2 (1 + tanh(sqrt(2/pi) (x + cubic x^3)))
///     sigmoid_form  g(x) = x sigma(slope x) = x / (1 + e^(-slope x))
///
/// Special values: +-0 -> +-0, +inf -> +inf, -inf -> -0, NaN -> NaN; a negative finite x whose
/// result underflows -> -0. Error: within `max_ulp<T, 0>(form)`.
///
/// \snippet reference.cpp array
GELU_ARRAY_VERB(forward, 0)
/// out[i] = g'(in[i]), the slope; pointers to arrays of one type.
///
///     erf_form                 g'(x) = Phi(x) + x phi(x), phi(x) = e^(-x^2/2) / sqrt(2 pi)
///     tanh_form, sigmoid_form  g'(x) = C + x C (1 - C) v'(x), C = sigma(v(x)), where
///                              v = 2 sqrt(2/pi) (x + cubic x^3) or v = slope x
///
/// Special values: +-0 -> 1/2, +inf -> 1, -inf -> 0 of either sign, NaN -> NaN. Error: within
/// `max_ulp<T, 1>(form)`, next to the root too where the form is precise with its default constant
/// (\ref accuracy).
///
/// \snippet reference.cpp array_derivative
GELU_ARRAY_VERB(derivative, 1)
/// out[i] = g''(in[i]), the curvature; pointers to arrays of one type.
///
///     erf_form                 g''(x) = (2 - x^2) phi(x)
///     tanh_form, sigmoid_form  g''(x) = C (1 - C) (2 v' + x v'' + x v'^2 (1 - 2 C))
///                              with C and v as for `derivative`
///
/// Special values: +-inf -> 0, NaN -> NaN. Error: within `max_ulp<T, 2>(form)`, next to the roots
/// too where the form is precise with its default constant (\ref accuracy).
///
/// \snippet reference.cpp array_derivative
GELU_ARRAY_VERB(second_derivative, 2)
#undef GELU_ARRAY_VERB

/// grad_in[i] = grad[i] * g'(in[i]), the gradient of a loss with respect to `in`, given the one
/// with respect to g(in); pointers to arrays of one type.
///
/// `grad_in` may be `grad` or `in`. Error: at most max_ulp<T, 1>(form) ULP of g'(x), times grad,
/// and half an ULP of the product: 1.5 in all in the precise tier if an ULP of g' times grad is one
/// of the product, and up to 2.5 where it is two, since the product lies in another binade. An
/// infinite or NaN grad, and inf * 0, give what IEEE multiplication gives.
///
/// \snippet reference.cpp array_backward
template <class T, class Form = erf_form, detail::enable_form<Form> = 0>
inline void backward(const T* grad, const T* in, T* grad_in, std::size_t n,
                     Form form = {}) noexcept {
    detail::backward_pointers(grad, in, grad_in, n, form);
}
/// The same for pointers to arrays of different types.
template <class Grad, class In, class Out, class Form = erf_form, detail::enable_form<Form> = 0,
          detail::enable_mixed<Grad, In, Out> = 0>
inline void backward(const Grad* grad, const In* in, Out* grad_in, std::size_t n,
                     Form form = {}) noexcept {
    detail::backward_pointers(grad, in, grad_in, n, form);
}
/// The same for pointers and a form chosen at run time.
template <class Grad, class In, class Out>
inline void backward(const Grad* grad, const In* in, Out* grad_in, std::size_t n,
                     approximation choice) noexcept {
    detail::with_form(choice, [&](auto form) { gelu::backward(grad, in, grad_in, n, form); });
}
/// The same for ranges.
template <class Grad, class In, class Out, class Form = erf_form, detail::enable_form<Form> = 0,
          class = detail::enable_ranges<const Grad, const In, Out>>
inline void backward(const Grad& grad, const In& in, Out&& grad_in, Form form = {}) {
    detail::require_backward("gelu::backward", grad, in, grad_in, form);
    detail::transform_backward(std::data(grad), std::data(in), std::data(grad_in),
                               detail::count(in), form);
}
/// The same for ranges and a form chosen at run time.
template <class Grad, class In, class Out, class = detail::enable_ranges<const Grad, const In, Out>>
inline void backward(const Grad& grad, const In& in, Out&& grad_in, approximation choice) {
    detail::with_form(choice, [&](auto form) { gelu::backward(grad, in, grad_in, form); });
}

/// out[i] = g(in[i]) and slope[i] = g'(in[i]) in one pass, for training; pointers to arrays of one
/// type.
///
/// The bits of `forward` and `derivative`. Either output may be `in`; the two outputs are disjoint.
///
/// \snippet reference.cpp array_both
template <class T, class Form = erf_form, detail::enable_form<Form> = 0>
inline void forward_with_derivative(const T* in, T* out, T* slope, std::size_t n,
                                    Form form = {}) noexcept {
    detail::both_pointers(in, out, slope, n, form);
}
/// The same for pointers to arrays of different types.
template <class In, class Out, class Slope, class Form = erf_form, detail::enable_form<Form> = 0,
          detail::enable_mixed<In, Out, Slope> = 0>
inline void forward_with_derivative(const In* in, Out* out, Slope* slope, std::size_t n,
                                    Form form = {}) noexcept {
    detail::both_pointers(in, out, slope, n, form);
}
/// The same for pointers and a form chosen at run time.
template <class In, class Out, class Slope>
inline void forward_with_derivative(const In* in, Out* out, Slope* slope, std::size_t n,
                                    approximation choice) noexcept {
    detail::with_form(choice,
                      [&](auto form) { gelu::forward_with_derivative(in, out, slope, n, form); });
}
/// The same for ranges.
template <class In, class Out, class Slope, class Form = erf_form, detail::enable_form<Form> = 0,
          class = detail::enable_ranges<const In, Out, Slope>>
inline void forward_with_derivative(const In& in, Out&& out, Slope&& slope, Form form = {}) {
    detail::require_both("gelu::forward_with_derivative", in, out, slope, form);
    detail::transform_both(std::data(in), std::data(out), std::data(slope), detail::count(in),
                           form);
}
/// The same for ranges and a form chosen at run time.
template <class In, class Out, class Slope, class = detail::enable_ranges<const In, Out, Slope>>
inline void forward_with_derivative(const In& in, Out&& out, Slope&& slope, approximation choice) {
    detail::with_form(choice,
                      [&](auto form) { gelu::forward_with_derivative(in, out, slope, form); });
}
/// @}

}  // namespace GELU_ABI
}  // namespace gelu

#endif
