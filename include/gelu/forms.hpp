/// \file
/// The three forms of the GELU as values with constants, and their choice at run time.
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

/// The Gaussian error linear unit in three forms, with derivatives and backward pass.
namespace gelu {

/// \defgroup forms Forms
/// Which function: every verb takes a form as its last argument, `erf_form{}` if none is given.
///
/// A form is a literal value with at most one constant, and callable: `form(x)` is
/// `forward(x, form)` for every `x` that `forward` takes on its own, with the same types, errors
/// and special values. All three are x C(x) with a gate C between 0 and 1 that rises with x, and
/// C(x) + C(-x) = 1. How accurate they are: \ref accuracy.
///
/// \snippet reference.cpp forms
/// @{

/// The exact form: g(x) = x Phi(x) = x/2 erfc(-x/sqrt 2), Phi the standard normal distribution
/// function. Hendrycks and Gimpel, arXiv 1606.08415, equation (1); Phi by erfc: NIST DLMF 7.
///
/// Derivatives: g'(x) = Phi(x) + x phi(x), g''(x) = (2 - x^2) phi(x), phi the standard normal
/// density. Special values and domain as for `forward`; error bounds: \ref accuracy.
///
/// \snippet reference.cpp forms
struct erf_form {
    /// `forward(x, *this)`, for one value, a batch or an Eigen expression.
    template <class T, class Abi = detail::abi_tag>
    auto operator()(const T& x) const -> decltype(forward(x, *this)) {
        return forward(x, *this);
    }
    /// Always: this form has no constant.
    friend GELU_ALWAYS_INLINE constexpr bool operator==(erf_form, erf_form) noexcept {
        return true;
    }
    /// The opposite of `==`.
    friend GELU_ALWAYS_INLINE constexpr bool operator!=(erf_form, erf_form) noexcept {
        return false;
    }
};

/// The tanh form: g(x) = x/2 (1 + tanh(sqrt(2/pi) (x + cubic x^3))), an approximation of the exact
/// one from Hendrycks and Gimpel, arXiv 1606.08415, section 2: within 4.8e-4.
///
/// The exact result is the formula with the stored double, for every type of x. `cubic` must be
/// finite and positive; the error bounds hold for cubic in [0.01, 0.1].
///
/// \snippet reference.cpp forms
struct tanh_form {
    /// The coefficient of x^3; the paper's by default.
    double cubic = 0.044715;

    /// `forward(x, *this)`, for one value, a batch or an Eigen expression.
    template <class T, class Abi = detail::abi_tag>
    auto operator()(const T& x) const -> decltype(forward(x, *this)) {
        return forward(x, *this);
    }
    /// Whether the constants are equal.
    friend GELU_ALWAYS_INLINE constexpr bool operator==(tanh_form a, tanh_form b) noexcept {
        return a.cubic == b.cubic;
    }
    /// The opposite of `==`.
    friend GELU_ALWAYS_INLINE constexpr bool operator!=(tanh_form a, tanh_form b) noexcept {
        return !(a == b);
    }
};

/// The sigmoid form: g(x) = x sigma(slope x), sigma(v) = 1 / (1 + e^-v), an approximation of the
/// exact one from Hendrycks and Gimpel, arXiv 1606.08415, section 2: within 2.04e-2. With slope 1
/// it is the SiLU, or swish.
///
/// The exact result is the formula with the stored double, for every type of x. `slope` must be
/// finite and positive; the error bounds hold for slope in [0.5, 4].
///
/// \snippet reference.cpp forms
struct sigmoid_form {
    /// What x is multiplied by in the gate; the paper's by default.
    double slope = 1.702;

    /// `forward(x, *this)`, for one value, a batch or an Eigen expression.
    template <class T, class Abi = detail::abi_tag>
    auto operator()(const T& x) const -> decltype(forward(x, *this)) {
        return forward(x, *this);
    }
    /// Whether the constants are equal.
    friend GELU_ALWAYS_INLINE constexpr bool operator==(sigmoid_form a, sigmoid_form b) noexcept {
        return a.slope == b.slope;
    }
    /// The opposite of `==`.
    friend GELU_ALWAYS_INLINE constexpr bool operator!=(sigmoid_form a, sigmoid_form b) noexcept {
        return !(a == b);
    }
};

/// The fast tier of a form: the same function within 4 ULP at the highest throughput, where a
/// plain form is within 1 ULP (`max_ulp` states both). `fast{tanh_form{}}` is itself a form.
///
/// What a function needs to take either tier, and a call:
/// \snippet reference.cpp generic
/// \snippet reference.cpp fast
template <class Form>
struct fast {
    /// The form that this is the fast tier of.
    Form form{};

    /// `forward(x, *this)`, for one value, a batch or an Eigen expression.
    template <class T, class Abi = detail::abi_tag>
    auto operator()(const T& x) const -> decltype(forward(x, *this)) {
        return forward(x, *this);
    }
    /// Whether the forms are equal.
    friend GELU_ALWAYS_INLINE constexpr bool operator==(fast a, fast b) noexcept {
        return a.form == b.form;
    }
    /// The opposite of `==`.
    friend GELU_ALWAYS_INLINE constexpr bool operator!=(fast a, fast b) noexcept {
        return !(a == b);
    }
};
/// `fast{form}` needs no template argument.
template <class Form>
fast(Form) -> fast<Form>;

/// A form chosen at run time, in the words of PyTorch and ONNX. The array verbs and the Eigen verbs
/// take it where they take a form, and choose once per call. The constants are the defaults.
/// \snippet reference.cpp approximation
enum class approximation {
    none,    ///< `erf_form`, the exact one
    tanh,    ///< `tanh_form`
    sigmoid  ///< `sigmoid_form`
};
/// @}

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
///
///     none     also "erf", "exact"
///     tanh     also "gelu_new", "gelu_pytorch_tanh"
///     sigmoid  also "quick_gelu"
///
/// The aliases are the names that Hugging Face transformers gives the same functions.
/// Throws std::invalid_argument with the word it got and the words it knows.
/// \snippet reference.cpp parse_approximation
/// \ingroup forms
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
