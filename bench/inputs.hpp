// The inputs that the benchmarks run on, by name. Used by all programs in bench/ so that their
// figures can be compared.
#ifndef GELU_BENCH_INPUTS_HPP
#define GELU_BENCH_INPUTS_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <limits>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

namespace gelu {
struct float16;
struct bfloat16;
}  // namespace gelu

namespace bench {

enum class form_id { erf, tanh, sigmoid };

/// What `make_input` knows besides "file:PATH", which reads raw float32 values, for example those
/// that `example_digits --pre-activations PATH` writes.
struct input_kind {
    const char* name;
    const char* what;
};
inline constexpr input_kind input_kinds[] = {
    {"n01", "normal, mean 0, standard deviation 1"},
    {"n02", "normal, mean 0, standard deviation 2"},
    {"uniform8", "uniform in [-8, 8]"},
    {"tail", "uniform where g(x) is negative and tiny but normal"},
    {"small", "either sign, exponent uniform from the least of a normal number to -10"},
    {"subnormal_in", "subnormal x of either sign, uniform in the bits"},
    {"subnormal_out", "uniform where the result is subnormal"},
    {"huge", "either sign, exponent uniform from 10 to the largest of the type"},
    {"nan", "N(0, 2) with every 16th value NaN"},
};

/// The range of a type as long double. Specialise it where std::numeric_limits says nothing.
template <class T>
struct type_range {
    static long double min_normal() {
        return static_cast<long double>((std::numeric_limits<T>::min)());
    }
    static long double smallest() {
        return static_cast<long double>(std::numeric_limits<T>::denorm_min());
    }
    static long double largest() {
        return static_cast<long double>((std::numeric_limits<T>::max)());
    }
};

template <>
struct type_range<gelu::float16> {
    static long double min_normal() { return 0x1p-14L; }
    static long double smallest() { return 0x1p-24L; }
    static long double largest() { return 65504; }
};
template <>
struct type_range<gelu::bfloat16> {
    static long double min_normal() { return 0x1p-126L; }
    static long double smallest() { return 0x1p-133L; }
    static long double largest() { return 0x1.fep127L; }
};

namespace detail {

/// |g|, |g'| or |g''| for negative x, good enough to place an interval; no accuracy is claimed.
inline long double magnitude(form_id form, int order, long double x) {
    long double gate, slope, bend;  // C, C', C''
    if (form == form_id::erf) {
        gate = std::erfc(-x * 0.70710678118654752440L) / 2;
        slope = std::exp(-x * x / 2) * 0.39894228040143267794L;
        bend = -x * slope;
    } else {
        const long double k = 1.59576912160573071176L, c = 0.044715L, a = 1.702L;
        const bool tanh = form == form_id::tanh;
        const long double v = tanh ? k * (x + c * x * x * x) : a * x;
        const long double v1 = tanh ? k * (1 + 3 * c * x * x) : a;
        const long double v2 = tanh ? 6 * k * c * x : 0;
        gate = 1 / (1 + std::exp(-v));
        slope = gate * (1 - gate) * v1;
        bend = gate * (1 - gate) * (v2 + v1 * v1 * (1 - 2 * gate));
    }
    if (order == 0) return std::fabs(x * gate);
    if (order == 1) return std::fabs(gate + x * slope);
    return std::fabs(2 * slope + x * bend);
}

/// The x < -4 where the result's magnitude falls to `target`.
inline double where_result_is(form_id form, int order, long double target) {
    long double low = -2000, high = -4;
    for (int i = 0; i < 200; ++i) {
        const long double mid = (low + high) / 2;
        (magnitude(form, order, mid) < target ? low : high) = mid;
    }
    return static_cast<double>(low);
}

/// Uniform and normal numbers that are the same with every standard library.
class numbers {
public:
    explicit numbers(std::uint64_t seed) : bits_(seed) {}
    std::uint64_t bits() { return bits_(); }
    double uniform() { return (static_cast<double>(bits_() >> 12) + 0.5) * 0x1p-52; }  // (0, 1)
    double uniform(double low, double high) { return low + (high - low) * uniform(); }
    double normal(double deviation) {
        const double radius = std::sqrt(-2 * std::log(uniform()));
        return deviation * radius * std::cos(6.283185307179586 * uniform());
    }

private:
    std::mt19937_64 bits_;
};

template <class T>
T draw(const std::string& name, form_id form, int order, std::size_t i, numbers& r) {
    using range = type_range<T>;
    const auto to_t = [](double x) { return static_cast<T>(x); };
    if (name == "n01") return to_t(r.normal(1));
    if (name == "n02") return to_t(r.normal(2));
    if (name == "uniform8") return to_t(r.uniform(-8, 8));
    if (name == "nan")
        return i % 16 == 5 ? to_t(std::numeric_limits<double>::quiet_NaN()) : to_t(r.normal(2));
    if (name == "small") {
        const double bottom = static_cast<double>(std::log2(range::min_normal()));
        const double sign = r.bits() & 1 ? 1 : -1;
        return to_t(sign * std::exp2(r.uniform(bottom + 0.01, -10)));
    }
    if (name == "subnormal_in") {
        const double steps = static_cast<double>(range::min_normal() / range::smallest());
        const double k = std::floor(r.uniform(1, steps));
        const double sign = r.bits() & 1 ? 1 : -1;
        return to_t(static_cast<double>(static_cast<long double>(sign * k) * range::smallest()));
    }
    if (name == "huge") {
        const double top = static_cast<double>(std::log2(range::largest()));
        const double sign = r.bits() & 1 ? 1 : -1;
        return to_t(sign * std::exp2(r.uniform(std::log2(10.0), top - 0.01)));
    }
    const bool subnormal = name == "subnormal_out";
    if (!subnormal && name != "tail") throw std::invalid_argument("unknown input \"" + name + "\"");
    // Bisection is too slow to repeat for each value; the arguments change rarely.
    static thread_local struct {
        std::string name;
        form_id form{};
        int order = -1;
        double low = 0, high = 0;
    } at;
    if (at.name != name || at.form != form || at.order != order) {
        const double edge = where_result_is(form, order, range::min_normal());
        const double end = where_result_is(form, order, range::smallest() / 2);
        at = {name, form, order, subnormal ? end : edge, subnormal ? edge : edge / 2};
    }
    return to_t(r.uniform(at.low, at.high));
}

}  // namespace detail

/// Raw float32 values of a file.
inline std::vector<float> read_floats(const std::string& path) {
    std::ifstream file(path, std::ios::binary | std::ios::ate);
    if (!file) throw std::runtime_error("cannot read " + path);
    const auto bytes = static_cast<std::size_t>(file.tellg());
    if (bytes == 0 || bytes % sizeof(float) != 0)
        throw std::runtime_error(path + " does not hold raw float32 values");
    std::vector<float> values(bytes / sizeof(float));
    file.seekg(0);
    file.read(reinterpret_cast<char*>(values.data()), static_cast<std::streamsize>(bytes));
    if (!file) throw std::runtime_error("cannot read " + path);
    return values;
}

/// n values of the named input: one of `input_kinds` or "file:PATH". "tail" and "subnormal_out"
/// are placed for a form and an order (0 forward, 1 derivative and backward, 2 second derivative).
/// At most 2^20 values are distinct, more than any branch predictor learns; then they repeat.
template <class T>
std::vector<T> make_input(const std::string& name, std::size_t n, form_id form = form_id::erf,
                          int order = 0, std::uint64_t seed = 20160627) {
    std::vector<T> values(n);
    std::size_t distinct = std::min<std::size_t>(n, std::size_t(1) << 20);
    if (name.rfind("file:", 0) == 0) {
        const std::vector<float> source = read_floats(name.substr(5));
        distinct = std::min(n, source.size());  // evenly spaced when not all of the file fits
        for (std::size_t i = 0; i < distinct; ++i)
            values[i] = static_cast<T>(source[i * source.size() / distinct]);
    } else {
        detail::numbers r(seed);
        for (std::size_t i = 0; i < distinct; ++i)
            values[i] = detail::draw<T>(name, form, order, i, r);
    }
    for (std::size_t i = distinct; i < n; ++i) values[i] = values[i - distinct];
    return values;
}

/// n incoming gradients for the backward pass: N(0, 1).
template <class T>
std::vector<T> make_gradient(std::size_t n) {
    return make_input<T>("n01", n, form_id::erf, 0, 7);
}

}  // namespace bench

#endif
