// What is measured: one verb of the library for one form, tier and type.
#ifndef TESTS_ULP_SUBJECT_HPP
#define TESTS_ULP_SUBJECT_HPP

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <gelu/gelu.hpp>
#include <limits>
#include <string>
#include <type_traits>
#include <vector>

#include "oracle/double_oracle.hpp"

namespace ulp {

enum class verb { forward, derivative, second_derivative, backward };
constexpr verb verbs[] = {verb::forward, verb::derivative, verb::second_derivative, verb::backward};

inline const char* name(verb v) {
    constexpr const char* names[] = {"forward", "derivative", "second_derivative", "backward"};
    return names[static_cast<int>(v)];
}
inline const char* name(oracle::kind k) {
    constexpr const char* names[] = {"erf", "tanh", "sigmoid"};
    return names[static_cast<int>(k)];
}
constexpr int order(verb v) {
    return v == verb::forward ? 0 : v == verb::second_derivative ? 2 : 1;
}

/// An element type: its bits and the numbers that define its spacing, in the terms of
/// std::numeric_limits.
template <class T>
struct element {
    static_assert(std::numeric_limits<T>::is_iec559, "specialise ulp::element");
    using bits = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;
    static constexpr const char* name = sizeof(T) == 4 ? "float" : "double";
    static constexpr int digits = std::numeric_limits<T>::digits;
    static constexpr int min_exponent = std::numeric_limits<T>::min_exponent;
};

/// One function: what is called, what it promises, and how its error counts.
template <class T>
struct subject {
    verb what = verb::forward;
    oracle::function form;
    bool fast = false;
    double bound = 0;  // gelu::max_ulp

    // grad is read by backward only.
    using function = void(const T* grad, const T* in, T* out, std::size_t n,
                          const oracle::function& form);
    function* call = nullptr;
    // The same through batches and through forward_with_derivative, to compare bits.
    function* call_batches = nullptr;
    function* call_both = nullptr;

    bool default_constant() const { return form.constant == oracle::default_constant(form.form); }
    /// Orders 1 and 2 of the fast tier and of other constants count, for abs(x) < 2, the spacing of
    /// max(abs(exact), 2^-4).
    bool floored() const { return order(what) > 0 && (fast || !default_constant()); }

    std::string title() const {
        std::string s = std::string(element<T>::name) + " " + name(what) + " " + name(form.form);
        if (!default_constant()) {
            char text[40];
            std::snprintf(text, sizeof text, " %.17g", form.constant);
            s += text;
        }
        return s + (fast ? " fast" : " precise");
    }
};

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
