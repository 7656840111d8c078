// What is measured: the lists of forms, verbs, tiers, element types and sizes, and for each verb
// the library's arrays, its scalar reference and the loop one writes without a library. Extend the
// lists and every program in bench/ measures more.
#ifndef GELU_BENCH_CASES_HPP
#define GELU_BENCH_CASES_HPP

#include <cmath>
#include <cstddef>
#include <gelu/gelu.hpp>
#include <string>
#include <type_traits>

#include "inputs.hpp"

namespace bench {

template <class... Ts>
struct list {};

/// Calls f(T{}) for every type of the list.
template <class... Ts, class F>
void for_each(list<Ts...>, F&& f) {
    (f(Ts{}), ...);
}

template <class T>
struct type {
    using element = T;
};
template <class T>
struct type_name;
template <>
struct type_name<float> {
    static constexpr const char* value = "float";
};
template <>
struct type_name<double> {
    static constexpr const char* value = "double";
};
template <>
struct type_name<gelu::float16> {
    static constexpr const char* value = "float16";
};
template <>
struct type_name<gelu::bfloat16> {
    static constexpr const char* value = "bfloat16";
};
using element_types = list<type<float>, type<double>, type<gelu::float16>, type<gelu::bfloat16>>;

/// What a loop over T computes in: 16-bit types only store.
template <class T>
using computed = std::conditional_t<sizeof(T) == 2, float, T>;

inline constexpr std::size_t in_l1 = 4096, in_l2 = 65536, in_memory = std::size_t(1) << 24;
inline constexpr std::size_t sizes[] = {in_l1, in_l2, in_memory};

/// One call's arrays; a verb uses those it needs.
template <class T>
struct arrays {
    const T* grad;
    const T* in;
    T* out;
    T* slope;
    std::size_t n;
};

// The formulas as one writes them down, with the functions of <cmath>; their negative tails cancel.
struct exact {
    using form = gelu::erf_form;
    static constexpr const char* name = "exact";
    static constexpr form_id id = form_id::erf;

    template <class T>
    static T cumulative(T x) {
        return T(0.5) * (1 + std::erf(x * T(0.7071067811865476)));
    }
    template <class T>
    static T density(T x) {
        return T(0.3989422804014327) * std::exp(T(-0.5) * x * x);
    }
    template <int Order, class T>
    static T naive(T x) {
        if constexpr (Order == 0) return x * cumulative(x);
        if constexpr (Order == 1) return cumulative(x) + x * density(x);
        if constexpr (Order == 2) return (2 - x * x) * density(x);
    }
};
struct tanh {
    using form = gelu::tanh_form;
    static constexpr const char* name = "tanh";
    static constexpr form_id id = form_id::tanh;

    template <int Order, class T>
    static T naive(T x) {
        constexpr T k = T(0.7978845608028654), c = T(0.044715);
        const T t = std::tanh(k * (x + c * x * x * x));
        if constexpr (Order == 0) return T(0.5) * x * (1 + t);
        const T u1 = k * (1 + 3 * c * x * x), sech2 = 1 - t * t;
        if constexpr (Order == 1) return T(0.5) * (1 + t) + T(0.5) * x * sech2 * u1;
        const T u2 = 6 * k * c * x;
        return sech2 * (u1 + x * (T(0.5) * u2 - t * u1 * u1));
    }
};
struct sigmoid {
    using form = gelu::sigmoid_form;
    static constexpr const char* name = "sigmoid";
    static constexpr form_id id = form_id::sigmoid;

    template <int Order, class T>
    static T naive(T x) {
        constexpr T a = T(1.702);
        const T s = 1 / (1 + std::exp(-a * x));
        if constexpr (Order == 0) return x * s;
        const T s1 = a * s * (1 - s);
        if constexpr (Order == 1) return s + x * s1;
        return s1 * (2 + a * x * (1 - 2 * s));
    }
};
using forms = list<exact, tanh, sigmoid>;

struct precise {
    static constexpr const char* name = "precise";
    template <class Form>
    static Form apply(Form form) {
        return form;
    }
};
struct fast {
    static constexpr const char* name = "fast";
    template <class Form>
    static gelu::fast<Form> apply(Form form) {
        return {form};
    }
};
using tiers = list<precise, fast>;

// A verb's `order` is that of the derivative it computes, `streams` the arrays it reads and writes.
#define GELU_BENCH_POINTWISE(verb, Order)                                               \
    struct verb {                                                                       \
        static constexpr const char* name = #verb;                                      \
        static constexpr int order = Order, streams = 2;                                \
        template <class T, class Form>                                                  \
        static void simd(const arrays<T>& a, Form form) {                               \
            gelu::verb(a.in, a.out, a.n, form);                                         \
        }                                                                               \
        template <class T, class Form>                                                  \
        static void scalar(const arrays<T>& a, Form form) {                             \
            for (std::size_t i = 0; i < a.n; ++i) a.out[i] = gelu::verb(a.in[i], form); \
        }                                                                               \
        template <class FormCase, class T>                                              \
        static void naive(const arrays<T>& a) {                                         \
            for (std::size_t i = 0; i < a.n; ++i)                                       \
                a.out[i] = T(FormCase::template naive<Order>(computed<T>(a.in[i])));    \
        }                                                                               \
    };
GELU_BENCH_POINTWISE(forward, 0)
GELU_BENCH_POINTWISE(derivative, 1)
GELU_BENCH_POINTWISE(second_derivative, 2)
#undef GELU_BENCH_POINTWISE

struct backward {
    static constexpr const char* name = "backward";
    static constexpr int order = 1, streams = 3;
    template <class T, class Form>
    static void simd(const arrays<T>& a, Form form) {
        gelu::backward(a.grad, a.in, a.out, a.n, form);
    }
    template <class T, class Form>
    static void scalar(const arrays<T>& a, Form form) {
        for (std::size_t i = 0; i < a.n; ++i) a.out[i] = gelu::backward(a.grad[i], a.in[i], form);
    }
    template <class FormCase, class T>
    static void naive(const arrays<T>& a) {
        for (std::size_t i = 0; i < a.n; ++i)
            a.out[i] =
                T(computed<T>(a.grad[i]) * FormCase::template naive<1>(computed<T>(a.in[i])));
    }
};
struct forward_with_derivative {
    static constexpr const char* name = "forward_with_derivative";
    static constexpr int order = 1, streams = 3;
    template <class T, class Form>
    static void simd(const arrays<T>& a, Form form) {
        gelu::forward_with_derivative(a.in, a.out, a.slope, a.n, form);
    }
    template <class T, class Form>
    static void scalar(const arrays<T>& a, Form form) {
        for (std::size_t i = 0; i < a.n; ++i) {
            a.out[i] = gelu::forward(a.in[i], form);
            a.slope[i] = gelu::derivative(a.in[i], form);
        }
    }
    template <class FormCase, class T>
    static void naive(const arrays<T>& a) {
        for (std::size_t i = 0; i < a.n; ++i) {
            a.out[i] = T(FormCase::template naive<0>(computed<T>(a.in[i])));
            a.slope[i] = T(FormCase::template naive<1>(computed<T>(a.in[i])));
        }
    }
};
using verbs = list<forward, derivative, second_derivative, backward, forward_with_derivative>;

/// The arrays of one case; refilled only when another input is asked for.
template <class T>
class workspace {
public:
    arrays<T> get(const std::string& input, std::size_t n, form_id form, int order) {
        const bool placed = input == "tail" || input == "subnormal_out";
        std::string key = input + '/' + std::to_string(n);
        if (placed) key += '/' + std::to_string(static_cast<int>(form) * 3 + order);
        if (key != key_) {
            in_ = make_input<T>(input, n, form, order);
            if (grad_.size() != n) {
                grad_ = make_gradient<T>(n);
                out_.assign(n, T{});
                slope_.assign(n, T{});
            }
            key_ = key;
        }
        return {grad_.data(), in_.data(), out_.data(), slope_.data(), n};
    }

private:
    std::string key_;
    std::vector<T> grad_, in_, out_, slope_;
};

}  // namespace bench

#endif
