// The largest errors of the array verbs, in ULP, against the oracles of the tests, which share no
// code with the library.
#ifndef GELU_BENCH_ERRORS_HPP
#define GELU_BENCH_ERRORS_HPP

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "cases.hpp"
#include "oracle/double_oracle.hpp"
#if GELU_REPORT_FULL
#include "oracle/mpfr_oracle.hpp"
#endif

namespace bench {

struct worst_error {
    double ulp = 0, at = 0;
    void meet(double error, double x) {
        if (!(error <= ulp)) {
            ulp = error == error ? error : std::numeric_limits<double>::infinity();
            at = x;
        }
    }
};

/// Largest error of each verb and tier, by "verb/tier".
using errors = std::map<std::string, worst_error>;

inline constexpr std::size_t error_block = 8192;

/// Exact results at one block of finite values. float and 16 bits: double arithmetic, good to
/// 2^-40.
template <class T>
class exact_results {
public:
    template <class FormCase>
    void compute(const std::vector<T>& x) {
        constexpr auto kind = static_cast<oracle::kind>(FormCase::id);
        static_assert(oracle::kind::erf == static_cast<oracle::kind>(form_id::erf) &&
                      oracle::kind::tanh == static_cast<oracle::kind>(form_id::tanh) &&
                      oracle::kind::sigmoid == static_cast<oracle::kind>(form_id::sigmoid));
        in_.assign(x.size(), 0);
        for (auto& results : exact_) results.resize(x.size());
        std::transform(x.begin(), x.end(), in_.begin(),
                       [](T value) { return static_cast<float>(value); });
        oracle::evaluate({kind, oracle::default_constant(kind)}, in_.data(), in_.size(),
                         exact_[0].data(), exact_[1].data(), exact_[2].data());
    }

    /// |got - exact| in units of T's spacing at max(|exact|, floor).
    template <int Order>
    double error(T got, std::size_t i, double floor) const {
        static const double smallest_normal = static_cast<double>(type_range<T>::min_normal());
        static const double unit = static_cast<double>(type_range<T>::smallest()) / smallest_normal;
        const double exact = exact_[Order][i];
        const double size = std::max({std::fabs(exact), floor, smallest_normal});
        std::uint64_t binade;
        std::memcpy(&binade, &size, sizeof binade);
        binade &= 0x7ff0000000000000;
        double spacing;
        std::memcpy(&spacing, &binade, sizeof spacing);
        return std::fabs(static_cast<double>(static_cast<float>(got)) - exact) / (spacing * unit);
    }

private:
    std::vector<float> in_;
    std::vector<double> exact_[3];
};

#if GELU_REPORT_FULL
template <>
class exact_results<double> {
public:
    template <class FormCase>
    void compute(const std::vector<double>& x) {
        const typename FormCase::form form{};
        for (auto& results : exact_) results.clear();
        for (const double value : x) {
            exact_[0].push_back(oracle::exact<0>(value, form));
            exact_[1].push_back(oracle::exact<1>(value, form));
            exact_[2].push_back(oracle::exact<2>(value, form));
        }
    }
    template <int Order>
    double error(double got, std::size_t i, double floor) const {
        constexpr auto format = oracle::format_of<double>::value;
        return floor > 0 ? oracle::ulp_error(got, exact_[Order][i], format, std::ilogb(floor))
                         : oracle::ulp_error(got, exact_[Order][i], format);
    }

private:
    std::vector<oracle::real> exact_[3];
};
#endif

/// Adds one block of finite values to the errors of a form.
template <class FormCase, class T, class Verbs>
void add_errors(const std::vector<T>& x, Verbs rows, errors& all) {
    static exact_results<T> exact;
    static const std::vector<T> ones(error_block, static_cast<T>(1.0));
    static std::vector<T> out(error_block), slope(error_block);
    exact.template compute<FormCase>(x);
    for_each(rows, [&](auto verb) {
        for_each(tiers{}, [&](auto tier) {
            using Verb = decltype(verb);
            using Tier = decltype(tier);
            // With 1 as the incoming gradient the product of `backward` is exact.
            Verb::simd(arrays<T>{ones.data(), x.data(), out.data(), slope.data(), x.size()},
                       Tier::apply(typename FormCase::form{}));
            worst_error& worst = all[std::string(Verb::name) + '/' + Tier::name];
            const auto compare = [&](const std::vector<T>& got, auto order) {
                constexpr int Order = decltype(order)::value;
                for (std::size_t i = 0; i < x.size(); ++i) {
                    const auto value = static_cast<double>(static_cast<computed<T>>(x[i]));
                    // max_ulp: near the roots of g' and g'' the fast tier counts from 2^-4.
                    const bool from = std::is_same<Tier, fast>::value && Order > 0;
                    const double floor = from && std::fabs(value) < 2 ? 0x1p-4 : 0;
                    worst.meet(exact.template error<Order>(got[i], i, floor), value);
                }
            };
            if constexpr (std::is_same<Verb, forward_with_derivative>::value) {
                compare(out, std::integral_constant<int, 0>{});
                compare(slope, std::integral_constant<int, 1>{});
            } else {
                compare(out, std::integral_constant<int, Verb::order>{});
            }
        });
    });
}

template <class FormCase, class T, class Verbs>
errors errors_over(const std::vector<T>& values, Verbs rows) {
    errors all;
    std::vector<T> x;
    for (std::size_t begin = 0; begin < values.size(); begin += error_block) {
        const std::size_t end = std::min(begin + error_block, values.size());
        x.assign(values.begin() + static_cast<std::ptrdiff_t>(begin),
                 values.begin() + static_cast<std::ptrdiff_t>(end));
        add_errors<FormCase>(x, rows, all);
    }
    return all;
}

/// Over `count` values of T, evenly spaced in the bits from +0 to the infinities and negative ones;
/// those that are not finite are left out. Calls progress(percent) now and then.
template <class FormCase, class T, class Verbs, class Progress>
errors errors_over_range(std::uint64_t count, Verbs rows, Progress&& progress) {
    using bits =
        std::conditional_t<sizeof(T) == 2, std::uint16_t,
                           std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>>;
    const auto last = static_cast<std::uint64_t>(std::numeric_limits<bits>::max());
    const std::uint64_t stride = std::max<std::uint64_t>(1, last / count) | 1;
    errors all;
    std::vector<T> x;
    std::uint64_t pattern = 0;
    for (std::uint64_t i = 0;; ++i) {
        const auto low = static_cast<bits>(pattern);
        T value;
        std::memcpy(&value, &low, sizeof value);
        if (std::isfinite(static_cast<computed<T>>(value))) x.push_back(value);
        const bool end = last - pattern < stride;
        if (x.size() == error_block || end) {
            add_errors<FormCase>(x, rows, all);
            x.clear();
        }
        if (end) return all;
        if (i % 1048576 == 0)
            progress(static_cast<int>(100 * static_cast<double>(i) / static_cast<double>(count)));
        pattern += stride;
    }
}

}  // namespace bench

#endif
