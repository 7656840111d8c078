/// \file
/// The verbs on arrays with the best instruction set of the CPU that the program runs on, chosen
/// once. Needs the library gelu_dispatch (target gelu::dispatch), and no SIMD library.
#ifndef GELU_DISPATCH_HPP
#define GELU_DISPATCH_HPP

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <iterator>
#include <limits>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "gelu/detail/ranges.hpp"
#include "gelu/dispatch.h"
#include "gelu/forms.hpp"
#include "gelu/storage.hpp"

namespace gelu {
inline namespace GELU_ABI {
namespace detail {

/// The number that the C interface gives an element type.
template <class T>
constexpr int type_number() noexcept {
    if constexpr (std::is_same<T, float>::value)
        return GELU_F32;
    else if constexpr (std::is_same<T, double>::value)
        return GELU_F64;
    else if constexpr (is_storage<T>)
        return storage_of<T>::format == storage_format::binary16 ? GELU_F16 : GELU_BF16;
    else
        return GELU_F32;  // no element, and require_element_types says so
}

constexpr int number_of(erf_form) noexcept { return GELU_ERF; }
constexpr int number_of(tanh_form) noexcept { return GELU_TANH; }
constexpr int number_of(sigmoid_form) noexcept { return GELU_SIGMOID; }

template <class Form>
constexpr int form_number() noexcept {
    return number_of(plain_form<Form>{}) | (tier<Form>::is_fast ? GELU_FAST : 0);
}

/// The constant as the C interface takes it; 0, which is the default there, is an error here.
template <class Form>
GELU_ALWAYS_INLINE double constant_to_pass(const Form& form) noexcept {
    if (std::is_same<plain_form<Form>, erf_form>::value) return 0;
    const double constant = constant_of(to_plain(form)).value;
    return constant != 0 ? constant : std::numeric_limits<double>::quiet_NaN();
}

/// The end of a call whose preconditions do not hold.
GELU_ALWAYS_INLINE void require_ok(const char* verb, int status) noexcept {
    if (GELU_UNLIKELY(status != GELU_OK)) {
        std::fprintf(stderr, "gelu::dispatch::%s: %s\n", verb, gelu_status_message(status));
        std::abort();
    }
}

/// The functions of the C interface for arrays of one type.
template <int Type>
struct one_type;
#define GELU_DISPATCH_ONE_TYPE(number, suffix, T)                                              \
    template <>                                                                                \
    struct one_type<number> {                                                                  \
        using element = T;                                                                     \
        static constexpr decltype(&gelu_forward_##suffix) transform[] = {                      \
            gelu_forward_##suffix, gelu_derivative_##suffix, gelu_second_derivative_##suffix}; \
        static constexpr auto backward = gelu_backward_##suffix;                               \
        static constexpr auto both = gelu_forward_with_derivative_##suffix;                    \
    };
GELU_DISPATCH_ONE_TYPE(GELU_F32, f32, float)
GELU_DISPATCH_ONE_TYPE(GELU_F64, f64, double)
GELU_DISPATCH_ONE_TYPE(GELU_F16, f16, std::uint16_t)
GELU_DISPATCH_ONE_TYPE(GELU_BF16, bf16, std::uint16_t)
#undef GELU_DISPATCH_ONE_TYPE

/// The pointer as the functions of one type take it.
template <class T>
GELU_ALWAYS_INLINE auto* elements(const T* p) noexcept {
    return reinterpret_cast<const typename one_type<type_number<T>()>::element*>(p);
}
template <class T>
GELU_ALWAYS_INLINE auto* elements(T* p) noexcept {
    return reinterpret_cast<typename one_type<type_number<T>()>::element*>(p);
}

template <int Order, class In, class Out, class Form>
inline void dispatch_transform(const char* verb, const In* in, Out* out, std::size_t n,
                               const Form& form) noexcept {
    require_element_types<In, Out>();
    constexpr int from = type_number<In>(), to = type_number<Out>();
    constexpr int which = form_number<Form>();
    const double constant = constant_to_pass(form);
    if constexpr (from == to) {
        require_ok(verb,
                   one_type<to>::transform[Order](elements(in), elements(out), n, which, constant));
    } else {
        constexpr auto function = Order == 0   ? gelu_forward
                                  : Order == 1 ? gelu_derivative
                                               : gelu_second_derivative;
        require_ok(verb, function(in, from, out, to, n, which, constant));
    }
}

template <class Grad, class In, class Out, class Form>
inline void dispatch_backward(const Grad* grad, const In* in, Out* grad_in, std::size_t n,
                              const Form& form) noexcept {
    require_element_types<Grad, Out>();
    require_element_types<In, Out>();
    constexpr int of_grad = type_number<Grad>(), from = type_number<In>(), to = type_number<Out>();
    constexpr int which = form_number<Form>();
    const double constant = constant_to_pass(form);
    if constexpr (of_grad == to && from == to)
        require_ok("backward", one_type<to>::backward(elements(grad), elements(in),
                                                      elements(grad_in), n, which, constant));
    else
        require_ok("backward",
                   gelu_backward(grad, of_grad, in, from, grad_in, to, n, which, constant));
}

template <class In, class Out, class Slope, class Form>
inline void dispatch_both(const In* in, Out* out, Slope* slope, std::size_t n,
                          const Form& form) noexcept {
    static constexpr const char* verb = "forward_with_derivative";
    require_element_types<In, Out>();
    require_element_types<In, Slope>();
    constexpr int from = type_number<In>(), to = type_number<Out>(), also = type_number<Slope>();
    constexpr int which = form_number<Form>();
    const double constant = constant_to_pass(form);
    if constexpr (from == to && also == to)
        require_ok(verb, one_type<to>::both(elements(in), elements(out), elements(slope), n, which,
                                            constant));
    else
        require_ok(
            verb, gelu_forward_with_derivative(in, from, out, to, slope, also, n, which, constant));
}

/// The names that a function of the C interface lists.
inline std::vector<std::string_view> arch_names(const char* (*name_of)(std::size_t) noexcept) {
    std::vector<std::string_view> names;
    while (const char* name = name_of(names.size())) names.emplace_back(name);
    return names;
}

}  // namespace detail

/// The verbs on arrays, computed by a small compiled library with the best instruction set of the
/// CPU that the program runs on. See \ref dispatch.
namespace dispatch {

/// \defgroup dispatch Run-time dispatch
/// The verbs on arrays for programs that are compiled once and run on many CPUs: target
/// `gelu::dispatch`, header `gelu/dispatch.hpp`. Signatures, domain, special values, errors of
/// ranges, aliasing and bounds are those of the verbs on \ref arrays, and the bits are theirs in a
/// file that is compiled for the same instruction set. The flags of the file that includes this
/// header don't matter.
///
/// - **Choice:** at the first call, from what the CPU and its operating system support: the
///   last of sse2, sse4_2, avx2 (with FMA and F16C) and avx512 (F, CD, DQ, BW, VL) on x86-64;
///   elsewhere there is one, neon on AArch64. The environment variable `GELU_ARCH` overrides it by
///   one of these names, or auto; `use` overrides both. A name in `GELU_ARCH` that is unknown, or a
///   set that isn't supported, ends the program at the first call with a message on stderr, since a
///   caller who asked for a set must not get another one's results. To handle that otherwise, call
///   `use` first.
/// - **Pointers:** noexcept; a violated precondition is found in release builds too, and ends the
///   program with a message.
/// - **Threads:** everything may be called from any thread at any time. A call that runs while
/// another
///   thread calls `use` is computed by one set or the other.
///
/// \snippet dispatch.cpp dispatch
/// @{

/// The name of the instruction set in use; ends with a null character.
inline std::string_view active() noexcept { return gelu_active_arch(); }

/// The names of the instruction sets that this CPU and its operating system support, the best last.
inline std::vector<std::string_view> supported() { return detail::arch_names(gelu_supported_arch); }

/// Uses the instruction set of this name from now on, or the best one for "auto".
///
/// Throws std::invalid_argument, and changes nothing, if the name is unknown or the CPU lacks the
/// set; the message holds the name and those that are possible. Without exceptions it prints the
/// message and aborts. \snippet dispatch.cpp use
inline void use(std::string_view name) {
    const bool whole = name.find('\0') == std::string_view::npos;
    const int status = whole ? gelu_use_arch(std::string(name).c_str()) : GELU_UNKNOWN_ARCH;
    if (status == GELU_OK) return;
    const auto list = [](const std::vector<std::string_view>& names) {
        std::string text = "auto";
        for (const std::string_view n : names) text.append(", ").append(n);
        return text;
    };
    std::string shown;  // what() ends at a null character
    for (const char c : name) c == '\0' ? shown.append("\\0") : shown.append(1, c);
    detail::invalid_argument(
        "gelu::dispatch::use: " +
        (status == GELU_UNKNOWN_ARCH
             ? "unknown instruction set \"" + shown +
                   "\"; known names: " + list(detail::arch_names(gelu_known_arch))
             : "this CPU, or its operating system, doesn't support \"" + shown + "\"") +
        "; supported here: " + list(supported()));
}

// Of each verb: pointers to one type and to several, with an approximation; ranges, likewise.
#define GELU_DISPATCH_VERB(verb, Order)                                                            \
    template <class T, class Form = erf_form, detail::enable_form<Form> = 0>                       \
    inline void verb(const T* in, T* out, std::size_t n, Form form = {}) noexcept {                \
        detail::dispatch_transform<Order>(#verb, in, out, n, form);                                \
    }                                                                                              \
    /** The same for pointers to arrays of different types. */                                     \
    template <class In, class Out, class Form = erf_form, detail::enable_form<Form> = 0,           \
              detail::enable_mixed<In, Out> = 0>                                                   \
    inline void verb(const In* in, Out* out, std::size_t n, Form form = {}) noexcept {             \
        detail::dispatch_transform<Order>(#verb, in, out, n, form);                                \
    }                                                                                              \
    /** The same for pointers and a form chosen at run time. */                                    \
    template <class In, class Out>                                                                 \
    inline void verb(const In* in, Out* out, std::size_t n, approximation choice) noexcept {       \
        detail::with_form(choice, [&](auto form) { dispatch::verb(in, out, n, form); });           \
    }                                                                                              \
    /** The same for ranges. */                                                                    \
    template <class In, class Out, class Form = erf_form, detail::enable_form<Form> = 0,           \
              class = detail::enable_ranges<const In, Out>>                                        \
    inline void verb(const In& in, Out&& out, Form form = {}) {                                    \
        detail::require_transform("gelu::dispatch::" #verb, in, out, form);                        \
        detail::dispatch_transform<Order>(#verb, std::data(in), std::data(out), detail::count(in), \
                                          form);                                                   \
    }                                                                                              \
    /** The same for ranges and a form chosen at run time. */                                      \
    template <class In, class Out, class = detail::enable_ranges<const In, Out>>                   \
    inline void verb(const In& in, Out&& out, approximation choice) {                              \
        detail::with_form(choice, [&](auto form) { dispatch::verb(in, out, form); });              \
    }

/// out[i] = g(in[i]), as `gelu::forward`; pointers to arrays of one type.
/// \snippet dispatch.cpp dispatch
GELU_DISPATCH_VERB(forward, 0)
/// out[i] = g'(in[i]), as `gelu::derivative`; pointers to arrays of one type.
/// \snippet dispatch.cpp verbs
GELU_DISPATCH_VERB(derivative, 1)
/// out[i] = g''(in[i]), as `gelu::second_derivative`; pointers to arrays of one type.
/// \snippet dispatch.cpp verbs
GELU_DISPATCH_VERB(second_derivative, 2)
#undef GELU_DISPATCH_VERB

/// grad_in[i] = grad[i] * g'(in[i]), as `gelu::backward`; pointers to arrays of one type.
/// \snippet dispatch.cpp verbs
template <class T, class Form = erf_form, detail::enable_form<Form> = 0>
inline void backward(const T* grad, const T* in, T* grad_in, std::size_t n,
                     Form form = {}) noexcept {
    detail::dispatch_backward(grad, in, grad_in, n, form);
}
/// The same for pointers to arrays of different types.
template <class Grad, class In, class Out, class Form = erf_form, detail::enable_form<Form> = 0,
          detail::enable_mixed<Grad, In, Out> = 0>
inline void backward(const Grad* grad, const In* in, Out* grad_in, std::size_t n,
                     Form form = {}) noexcept {
    detail::dispatch_backward(grad, in, grad_in, n, form);
}
/// The same for pointers and a form chosen at run time.
template <class Grad, class In, class Out>
inline void backward(const Grad* grad, const In* in, Out* grad_in, std::size_t n,
                     approximation choice) noexcept {
    detail::with_form(choice, [&](auto form) { dispatch::backward(grad, in, grad_in, n, form); });
}
/// The same for ranges.
template <class Grad, class In, class Out, class Form = erf_form, detail::enable_form<Form> = 0,
          class = detail::enable_ranges<const Grad, const In, Out>>
inline void backward(const Grad& grad, const In& in, Out&& grad_in, Form form = {}) {
    detail::require_backward("gelu::dispatch::backward", grad, in, grad_in, form);
    detail::dispatch_backward(std::data(grad), std::data(in), std::data(grad_in), detail::count(in),
                              form);
}
/// The same for ranges and a form chosen at run time.
template <class Grad, class In, class Out, class = detail::enable_ranges<const Grad, const In, Out>>
inline void backward(const Grad& grad, const In& in, Out&& grad_in, approximation choice) {
    detail::with_form(choice, [&](auto form) { dispatch::backward(grad, in, grad_in, form); });
}

/// out[i] = g(in[i]) and slope[i] = g'(in[i]), as `gelu::forward_with_derivative`; pointers to
/// arrays of one type. \snippet dispatch.cpp verbs
template <class T, class Form = erf_form, detail::enable_form<Form> = 0>
inline void forward_with_derivative(const T* in, T* out, T* slope, std::size_t n,
                                    Form form = {}) noexcept {
    detail::dispatch_both(in, out, slope, n, form);
}
/// The same for pointers to arrays of different types.
template <class In, class Out, class Slope, class Form = erf_form, detail::enable_form<Form> = 0,
          detail::enable_mixed<In, Out, Slope> = 0>
inline void forward_with_derivative(const In* in, Out* out, Slope* slope, std::size_t n,
                                    Form form = {}) noexcept {
    detail::dispatch_both(in, out, slope, n, form);
}
/// The same for pointers and a form chosen at run time.
template <class In, class Out, class Slope>
inline void forward_with_derivative(const In* in, Out* out, Slope* slope, std::size_t n,
                                    approximation choice) noexcept {
    detail::with_form(
        choice, [&](auto form) { dispatch::forward_with_derivative(in, out, slope, n, form); });
}
/// The same for ranges.
template <class In, class Out, class Slope, class Form = erf_form, detail::enable_form<Form> = 0,
          class = detail::enable_ranges<const In, Out, Slope>>
inline void forward_with_derivative(const In& in, Out&& out, Slope&& slope, Form form = {}) {
    detail::require_both("gelu::dispatch::forward_with_derivative", in, out, slope, form);
    detail::dispatch_both(std::data(in), std::data(out), std::data(slope), detail::count(in), form);
}
/// The same for ranges and a form chosen at run time.
template <class In, class Out, class Slope, class = detail::enable_ranges<const In, Out, Slope>>
inline void forward_with_derivative(const In& in, Out&& out, Slope&& slope, approximation choice) {
    detail::with_form(choice,
                      [&](auto form) { dispatch::forward_with_derivative(in, out, slope, form); });
}
/// @}

}  // namespace dispatch
}  // namespace GELU_ABI
}  // namespace gelu

#endif
