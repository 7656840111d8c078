// Binds ulp::subject to the verbs. Slow to compile: include it in subjects_*.cpp only.
#ifndef TESTS_ULP_MAKE_SUBJECT_HPP
#define TESTS_ULP_MAKE_SUBJECT_HPP

#include <cstddef>
#include <gelu/gelu.hpp>
#include <type_traits>
#include <vector>

#include "ulp/subject.hpp"

namespace ulp {

namespace detail {

inline gelu::erf_form set(gelu::erf_form form, double) { return form; }
inline gelu::tanh_form set(gelu::tanh_form, double constant) { return {constant}; }
inline gelu::sigmoid_form set(gelu::sigmoid_form, double constant) { return {constant}; }
template <class Form>
gelu::fast<Form> set(gelu::fast<Form>, double constant) {
    return {set(Form{}, constant)};
}
template <class Form>
Form make_form(const oracle::function& f) {
    return set(Form{}, f.constant);
}

template <class T, verb Verb, class Form>
void call(const T* grad, const T* in, T* out, std::size_t n, const oracle::function& f) {
    const Form form = make_form<Form>(f);
    if constexpr (Verb == verb::forward) gelu::forward(in, out, n, form);
    if constexpr (Verb == verb::derivative) gelu::derivative(in, out, n, form);
    if constexpr (Verb == verb::second_derivative) gelu::second_derivative(in, out, n, form);
    if constexpr (Verb == verb::backward) gelu::backward(grad, in, out, n, form);
    (void)grad;
}

template <class T, verb Verb, class Form>
void call_batches(const T* grad, const T* in, T* out, std::size_t n, const oracle::function& f) {
    using batch = xsimd::batch<T>;
    const Form form = make_form<Form>(f);
    std::size_t i = 0;
    for (; i + batch::size <= n; i += batch::size) {
        const batch x = batch::load_unaligned(in + i);
        batch y = x;
        if constexpr (Verb == verb::forward) y = gelu::forward(x, form);
        if constexpr (Verb == verb::derivative) y = gelu::derivative(x, form);
        if constexpr (Verb == verb::second_derivative) y = gelu::second_derivative(x, form);
        if constexpr (Verb == verb::backward)
            y = gelu::backward(batch::load_unaligned(grad + i), x, form);
        y.store_unaligned(out + i);
    }
    if (i < n) call<T, Verb, Form>(grad + i, in + i, out + i, n - i, f);
}

template <class T, verb Verb, class Form>
void call_both(const T*, const T* in, T* out, std::size_t n, const oracle::function& f) {
    static thread_local std::vector<T> other;
    other.resize(n);
    const Form form = make_form<Form>(f);
    if constexpr (Verb == verb::forward)
        gelu::forward_with_derivative(in, out, other.data(), n, form);
    else
        gelu::forward_with_derivative(in, other.data(), out, n, form);
}

template <class T, verb Verb, class Form>
subject<T> make_subject(const oracle::function& f) {
    subject<T> s;
    s.what = Verb;
    s.form = f;
    s.fast = gelu::detail::tier<Form>::is_fast;
    s.bound = gelu::max_ulp<T, order(Verb)>(make_form<Form>(f));
    s.call = call<T, Verb, Form>;
    if constexpr (std::is_floating_point<T>::value) s.call_batches = call_batches<T, Verb, Form>;
    if constexpr (Verb == verb::forward || Verb == verb::derivative)
        s.call_both = call_both<T, Verb, Form>;
    return s;
}

template <class T, class Form>
subject<T> make_subject(verb v, const oracle::function& f) {
    switch (v) {
        case verb::forward:
            return make_subject<T, verb::forward, Form>(f);
        case verb::derivative:
            return make_subject<T, verb::derivative, Form>(f);
        case verb::second_derivative:
            return make_subject<T, verb::second_derivative, Form>(f);
        default:
            return make_subject<T, verb::backward, Form>(f);
    }
}

template <class T, class Form>
subject<T> make_subject(verb v, const oracle::function& f, bool fast) {
    return fast ? make_subject<T, gelu::fast<Form>>(v, f) : make_subject<T, Form>(v, f);
}

}  // namespace detail

template <class T>
subject<T> make_subject(verb v, const oracle::function& f, bool fast) {
    switch (f.form) {
        case oracle::kind::erf:
            return detail::make_subject<T, gelu::erf_form>(v, f, fast);
        case oracle::kind::tanh:
            return detail::make_subject<T, gelu::tanh_form>(v, f, fast);
        default:
            return detail::make_subject<T, gelu::sigmoid_form>(v, f, fast);
    }
}

}  // namespace ulp

#endif
