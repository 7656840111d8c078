/// \file
/// The promised error bounds; the documentation prints them and the exhaustive tests assert them.
#ifndef GELU_ACCURACY_HPP
#define GELU_ACCURACY_HPP

#include <type_traits>

#include "gelu/detail/config.hpp"
#include "gelu/forms.hpp"
#include "gelu/storage.hpp"

namespace gelu {
inline namespace GELU_ABI {

/// \defgroup accuracy Accuracy
/// The largest error that is promised, for every input, and how it is measured.
///
/// | verbs, `T`, instruction set | precise | fast |
/// | --- | --- | --- |
/// | arrays, batches and Eigen, float, any set | 1 | 4 |
/// | arrays, batches and Eigen, double, with FMA | 1 | 4 |
/// | arrays, batches and Eigen, double, without FMA | 2 | 8 |
/// | 16-bit types, all of a call of one format | 0.5 | 0.5 |
/// | the same, derivatives with another constant | 0.501 | 0.501 |
/// | one float: forward; derivatives | 0.501; 0.6 | 0.501; 0.6 |
/// | one double | 1 | 1 |
///
/// These are promises for `cubic` in [0.01, 0.1] and `slope` in [0.5, 4]. Tests hold them, for each
/// instruction set, against a double-precision oracle that is itself checked against MPFR: 16 bits
/// on every value, float at a stride (`tests/run`) and on every float (`tests/run --exhaustive`),
/// double against MPFR on points drawn densely where a kernel could go wrong. The program
/// `gelu_ulp` of the tests prints the errors found; those of a sample stand in
/// [Performance](docs/performance.md), and what misses a promise under *Known limits* in the
/// [change log](CHANGELOG.md).
/// @{

/// Largest error, in ULP, of the array and batch verbs for every input, compiled for the
/// instruction set of this translation unit.
///
///     T      float, double or a 16-bit type (gelu/storage.hpp)
///     Order  0 forward, 1 derivative, 2 second derivative
///     Form   any form; `fast` forms have the wider bound
///
/// ULP error = |got - exact| / spacing of T in the exact value's binade (2^-149 and 2^-1074 for
/// subnormal float and double results). For constants other than the defaults, and for the fast
/// tier, the bound of orders 1 and 2 for |x| < 2 counts the spacing of max(|exact|, 2^-4).
///
/// 16-bit types count their own ULP; 0.5 says that every result is the exact one, rounded once. It
/// holds for the scalar verbs too, and for arrays where all 16-bit types have one format; a 16-bit
/// result of mixed types is within 0.501.
///
/// \snippet reference.cpp max_ulp
template <class T, int Order, class Form = erf_form, detail::enable_form<Form> = 0>
constexpr double max_ulp(Form form = {}) noexcept {
    static_assert(Order >= 0 && Order <= 2,
                  "gelu::max_ulp: Order is 0 (forward), 1 (derivative) or 2 (second derivative)");
    if constexpr (detail::is_storage<T>) {
        const bool refitted = detail::to_plain(form) != detail::plain_form<Form>{};
        return Order > 0 && refitted ? 0.501 : 0.5;
    }
    // Without FMA, float is computed in double.
    const bool wider = std::is_same<T, double>::value && !detail::has_fma;
    return (detail::tier<Form>::is_fast ? 4.0 : 1.0) * (wider ? 2.0 : 1.0);
}
/// @}

}  // namespace GELU_ABI
}  // namespace gelu

#endif
