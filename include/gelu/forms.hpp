// The three forms of the GELU as values with constants, and their choice at run time.
#ifndef GELU_FORMS_HPP
#define GELU_FORMS_HPP

#include <cstdio>
#include <cstdlib>
#include <limits>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>

#include "gelu/detail/config.hpp"

namespace gelu {

/// The exact form: g(x) = x Phi(x) = x/2 erfc(-x/sqrt 2), Phi the standard normal distribution
/// function. Hendrycks and Gimpel, arXiv 1606.08415.
///
/// A form is callable: `form(x) == forward(x, form)` for every `x` that `forward` takes.
struct erf_form {
    template <class T, class Abi = detail::abi_tag>
    auto operator()(const T& x) const -> decltype(forward(x, *this)) {
        return forward(x, *this);
    }
    friend GELU_ALWAYS_INLINE constexpr bool operator==(erf_form, erf_form) noexcept {
        return true;
    }
    friend GELU_ALWAYS_INLINE constexpr bool operator!=(erf_form, erf_form) noexcept {
        return false;
    }
};

/// The tanh form: g(x) = x/2 (1 + tanh(sqrt(2/pi) (x + cubic x^3))).
/// The exact result is the formula with the stored double, for every type of x. `cubic` must be
/// finite and positive; the error bounds hold for cubic in [0.01, 0.1].
struct tanh_form {
    double cubic = 0.044715;

    template <class T, class Abi = detail::abi_tag>
    auto operator()(const T& x) const -> decltype(forward(x, *this)) {
        return forward(x, *this);
    }
    friend GELU_ALWAYS_INLINE constexpr bool operator==(tanh_form a, tanh_form b) noexcept {
        return a.cubic == b.cubic;
    }
    friend GELU_ALWAYS_INLINE constexpr bool operator!=(tanh_form a, tanh_form b) noexcept {
        return !(a == b);
    }
};

/// The sigmoid form: g(x) = x sigma(slope x), sigma(v) = 1 / (1 + e^-v).
/// The exact result is the formula with the stored double, for every type of x. `slope` must be
/// finite and positive; the error bounds hold for slope in [0.5, 4].
struct sigmoid_form {
    double slope = 1.702;

    template <class T, class Abi = detail::abi_tag>
    auto operator()(const T& x) const -> decltype(forward(x, *this)) {
        return forward(x, *this);
    }
    friend GELU_ALWAYS_INLINE constexpr bool operator==(sigmoid_form a, sigmoid_form b) noexcept {
        return a.slope == b.slope;
    }
    friend GELU_ALWAYS_INLINE constexpr bool operator!=(sigmoid_form a, sigmoid_form b) noexcept {
        return !(a == b);
    }
};

/// The fast tier of a form: the same function within 4 ULP at the highest throughput, where a
/// plain form is within 1 ULP (`max_ulp` states both). `fast{tanh_form{}}` is itself a form.
template <class Form>
struct fast {
    Form form{};

    template <class T, class Abi = detail::abi_tag>
    auto operator()(const T& x) const -> decltype(forward(x, *this)) {
        return forward(x, *this);
    }
    friend GELU_ALWAYS_INLINE constexpr bool operator==(fast a, fast b) noexcept {
        return a.form == b.form;
    }
    friend GELU_ALWAYS_INLINE constexpr bool operator!=(fast a, fast b) noexcept {
        return !(a == b);
    }
};
template <class Form>
fast(Form) -> fast<Form>;

/// A form chosen at run time, in the words of PyTorch and ONNX; `none` is the exact form.
enum class approximation { none, tanh, sigmoid };

inline namespace GELU_ABI {
namespace detail {

template <class T>
struct is_form : std::false_type {};
template <>
struct is_form<erf_form> : std::true_type {};
template <>
struct is_form<tanh_form> : std::true_type {};
template <>
struct is_form<sigmoid_form> : std::true_type {};
template <class Form>
struct is_form<fast<Form>> : is_form<Form> {};

template <class Form>
using enable_form = std::enable_if_t<is_form<std::decay_t<Form>>::value, int>;

template <class Form>
struct tier {
    using plain = Form;
    static constexpr bool is_fast = false;
};
template <class Form>
struct tier<fast<Form>> {
    using plain = typename tier<Form>::plain;
    static constexpr bool is_fast = true;
};
template <class Form>
using plain_form = typename tier<Form>::plain;

template <class Form>
GELU_ALWAYS_INLINE constexpr const Form& to_plain(const Form& form) noexcept {
    return form;
}
template <class Form>
GELU_ALWAYS_INLINE constexpr const plain_form<Form>& to_plain(const fast<Form>& form) noexcept {
    return to_plain(form.form);
}

/// A form's constant with the name that its type gives it.
struct named_constant {
    const char* name;
    double value;
};
GELU_ALWAYS_INLINE constexpr named_constant constant_of(erf_form) noexcept { return {"", 1.0}; }
GELU_ALWAYS_INLINE constexpr named_constant constant_of(tanh_form f) noexcept {
    return {"cubic", f.cubic};
}
GELU_ALWAYS_INLINE constexpr named_constant constant_of(sigmoid_form f) noexcept {
    return {"slope", f.slope};
}

/// Whether the constant of a form, of either tier, is finite and positive.
template <class Form>
GELU_ALWAYS_INLINE constexpr bool has_usable_constant(const Form& form) noexcept {
    const double c = constant_of(to_plain(form)).value;
    return c > 0 && c <= (std::numeric_limits<double>::max)();
}

/// Throws std::invalid_argument, or without exceptions prints the message and aborts.
[[noreturn]] inline void invalid_argument(const std::string& message) {
#if GELU_EXCEPTIONS
    throw std::invalid_argument(message);
#else
    std::fprintf(stderr, "gelu: invalid argument: %s\n", message.c_str());
    std::abort();
#endif
}

/// Calls f with the form that the run-time choice names.
template <class F>
GELU_ALWAYS_INLINE decltype(auto) with_form(approximation choice, F&& f) {
    switch (choice) {
        case approximation::tanh:
            return f(tanh_form{});
        case approximation::sigmoid:
            return f(sigmoid_form{});
        default:
            return f(erf_form{});
    }
}

}  // namespace detail

/// The approximation a word names, case-sensitive and without blanks:
///   none    also "erf", "exact"
///   tanh    also "gelu_new", "gelu_pytorch_tanh"
///   sigmoid also "quick_gelu"
/// The aliases are the names that Hugging Face transformers gives the same functions.
/// Throws std::invalid_argument with the word it got and the words it knows.
inline approximation parse_approximation(std::string_view word) {
    if (word == "none" || word == "erf" || word == "exact") return approximation::none;
    if (word == "tanh" || word == "gelu_new" || word == "gelu_pytorch_tanh")
        return approximation::tanh;
    if (word == "sigmoid" || word == "quick_gelu") return approximation::sigmoid;
    std::string shown;  // what() ends at a null character
    for (const char c : word) c == '\0' ? shown.append("\\0") : shown.append(1, c);
    detail::invalid_argument("gelu::parse_approximation: unknown approximation \"" + shown +
                             "\"; known words: none (erf, exact), tanh (gelu_new, "
                             "gelu_pytorch_tanh), sigmoid (quick_gelu)");
}

}  // namespace GELU_ABI
}  // namespace gelu

#endif
