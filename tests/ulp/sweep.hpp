// Sweeps the float functions of the library over bit patterns and measures their errors against
// the double oracle. Used by the gelu_ulp tool and by the accuracy tests.
#ifndef TESTS_ULP_SWEEP_HPP
#define TESTS_ULP_SWEEP_HPP

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <functional>
#include <gelu/gelu.hpp>
#include <limits>
#include <numeric>
#include <string>
#include <thread>
#include <vector>

#include "oracle/double_oracle.hpp"

namespace ulp {

enum class verb { forward, derivative, second_derivative, backward };

inline const char* name(verb v) {
    constexpr const char* names[] = {"forward", "derivative", "second_derivative", "backward"};
    return names[static_cast<int>(v)];
}
inline const char* name(oracle::kind k) {
    constexpr const char* names[] = {"erf", "tanh", "sigmoid"};
    return names[static_cast<int>(k)];
}
inline int order(verb v) { return v == verb::forward ? 0 : v == verb::second_derivative ? 2 : 1; }

/// One function of the library: what is called, what it promises, and how its error counts.
struct subject {
    verb what = verb::forward;
    oracle::function form;
    bool fast = false;
    double bound = 0;  // gelu::max_ulp
    // grad is read by backward only.
    void (*call)(const float* grad, const float* in, float* out, std::size_t n,
                 double constant) = nullptr;
    // The same through batches, for comparing bits; forward_with_derivative where it has the verb.
    void (*call_batches)(const float* grad, const float* in, float* out, std::size_t n,
                         double constant) = nullptr;
    void (*call_both)(const float* in, float* out, std::size_t n, double constant) = nullptr;

    /// Orders 1 and 2 of the fast tier and of other constants count, for abs(x) < 2, the spacing of
    /// max(abs(exact), 2^-4).
    bool floored() const {
        return order(what) > 0 && (fast || form.constant != oracle::default_constant(form.form));
    }
    std::string title() const {
        std::string s = std::string(name(what)) + " " + name(form.form);
        if (form.constant != oracle::default_constant(form.form))
            s += "(" + std::to_string(form.constant) + ")";
        return s + (fast ? " fast" : " precise");
    }
};

namespace detail {

template <class Form>
Form with_constant(double constant);
template <>
inline gelu::erf_form with_constant<gelu::erf_form>(double) {
    return {};
}
template <>
inline gelu::tanh_form with_constant<gelu::tanh_form>(double constant) {
    return gelu::tanh_form{constant};
}
template <>
inline gelu::sigmoid_form with_constant<gelu::sigmoid_form>(double constant) {
    return gelu::sigmoid_form{constant};
}
template <>
inline gelu::fast<gelu::erf_form> with_constant<gelu::fast<gelu::erf_form>>(double) {
    return {};
}
template <>
inline gelu::fast<gelu::tanh_form> with_constant<gelu::fast<gelu::tanh_form>>(double constant) {
    return gelu::fast<gelu::tanh_form>{gelu::tanh_form{constant}};
}
template <>
inline gelu::fast<gelu::sigmoid_form> with_constant<gelu::fast<gelu::sigmoid_form>>(
    double constant) {
    return gelu::fast<gelu::sigmoid_form>{gelu::sigmoid_form{constant}};
}

template <verb Verb, class Form>
void call(const float* grad, const float* in, float* out, std::size_t n, double constant) {
    const Form form = with_constant<Form>(constant);
    if constexpr (Verb == verb::forward) gelu::forward(in, out, n, form);
    if constexpr (Verb == verb::derivative) gelu::derivative(in, out, n, form);
    if constexpr (Verb == verb::second_derivative) gelu::second_derivative(in, out, n, form);
    if constexpr (Verb == verb::backward) gelu::backward(grad, in, out, n, form);
}

template <verb Verb, class Form>
void call_batches(const float* grad, const float* in, float* out, std::size_t n, double constant) {
    using batch = xsimd::batch<float>;
    const Form form = with_constant<Form>(constant);
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
    if (i < n) call<Verb, Form>(grad + i, in + i, out + i, n - i, constant);
}

template <verb Verb, class Form>
void call_both(const float* in, float* out, std::size_t n, double constant) {
    static thread_local std::vector<float> other;
    other.resize(n);
    const Form form = with_constant<Form>(constant);
    if constexpr (Verb == verb::forward)
        gelu::forward_with_derivative(in, out, other.data(), n, form);
    if constexpr (Verb == verb::derivative)
        gelu::forward_with_derivative(in, other.data(), out, n, form);
}

template <verb Verb, class Form>
subject make(oracle::function f, bool fast) {
    subject s;
    s.what = Verb;
    s.form = f;
    s.fast = fast;
    constexpr int k = Verb == verb::forward ? 0 : Verb == verb::second_derivative ? 2 : 1;
    s.bound = gelu::max_ulp<float, k>(with_constant<Form>(f.constant));
    s.call = call<Verb, Form>;
    s.call_batches = call_batches<Verb, Form>;
    if (Verb == verb::forward || Verb == verb::derivative) s.call_both = call_both<Verb, Form>;
    return s;
}

template <class Form>
subject make(verb v, oracle::function f, bool fast) {
    switch (v) {
        case verb::forward:
            return make<verb::forward, Form>(f, fast);
        case verb::derivative:
            return make<verb::derivative, Form>(f, fast);
        case verb::second_derivative:
            return make<verb::second_derivative, Form>(f, fast);
        default:
            return make<verb::backward, Form>(f, fast);
    }
}

}  // namespace detail

inline subject make_subject(verb v, oracle::function f, bool fast) {
    using namespace gelu;
    switch (f.form) {
        case oracle::kind::erf:
            return fast ? detail::make<gelu::fast<erf_form>>(v, f, fast)
                        : detail::make<erf_form>(v, f, fast);
        case oracle::kind::tanh:
            return fast ? detail::make<gelu::fast<tanh_form>>(v, f, fast)
                        : detail::make<tanh_form>(v, f, fast);
        default:
            return fast ? detail::make<gelu::fast<sigmoid_form>>(v, f, fast)
                        : detail::make<sigmoid_form>(v, f, fast);
    }
}

// --- What is counted -----------------------------------------------------------------------------

// Every input lies in one range of x; subnormal results and the neighbourhoods of the roots of g'
// and g'' are counted a second time on their own.
enum region {
    positive,
    unit,
    to_2,
    to_3,
    to_5_5,
    tail,
    ranges,
    subnormal = ranges,
    near_root,
    all
};
inline const char* name(region r) {
    constexpr const char* names[] = {
        "x >= 0",    "[-1,0)",        "[-2,-1)",           "[-3,-2)",
        "[-5.5,-3)", "tail x < -5.5", "subnormal results", "roots |x-x0| < 2^-10",
        "all"};
    return names[r];
}

struct tally {
    std::uint64_t count = 0, not_rounded = 0;
    double worst = -1, worst_exact = 0;
    float worst_at = 0, worst_got = 0;

    void merge(const tally& o) {
        count += o.count;
        not_rounded += o.not_rounded;
        if (o.worst > worst) {
            worst = o.worst, worst_exact = o.worst_exact;
            worst_at = o.worst_at, worst_got = o.worst_got;
        }
    }
};

struct violation {
    float at = 0, got = 0;
    const char* what = "";
};

struct report {
    static constexpr int bins_per_ulp = 8, half_range = 16;
    static constexpr std::size_t bins =
        2 * bins_per_ulp * half_range + 2;  // the outer two are open

    // One cell per range and combination of the overlapping regions.
    static constexpr std::size_t cells = ranges * 4;
    std::array<tally, cells> cell;
    std::array<std::array<std::uint64_t, bins>, ranges> histogram{};
    std::uint64_t special_inputs = 0, violations = 0, different_bits = 0;
    std::vector<violation> examples;

    void add(violation v) {
        ++violations;
        if (examples.size() < 8) examples.push_back(v);
    }
    void merge(const report& o) {
        for (std::size_t c = 0; c < cells; ++c) cell[c].merge(o.cell[c]);
        for (std::size_t r = 0; r < ranges; ++r)
            for (std::size_t b = 0; b < bins; ++b) histogram[r][b] += o.histogram[r][b];
        special_inputs += o.special_inputs;
        different_bits += o.different_bits;
        violations += o.violations;
        for (const violation& v : o.examples)
            if (examples.size() < 8) examples.push_back(v);
    }
    tally total(region wanted) const {
        tally t;
        for (std::size_t c = 0; c < cells; ++c) {
            const bool in = wanted == all || (wanted == subnormal && (c / ranges & 1)) ||
                            (wanted == near_root && (c / ranges & 2)) ||
                            c % ranges == std::size_t(wanted);
            if (in) t.merge(cell[c]);
        }
        return t;
    }
    bool within(double bound) const {
        return total(all).worst <= bound && violations == 0 && different_bits == 0;
    }
};

// --- The sweep -----------------------------------------------------------------------------------

struct plan {
    std::uint64_t stride = 1, offset = 0;
    unsigned threads = 2;
    bool compare_bits = false;
    std::function<void(double)> progress;  // called with the share done, from the calling thread
};

namespace detail {

inline std::uint32_t to_bits(float v) {
    std::uint32_t b;
    std::memcpy(&b, &v, sizeof b);
    return b;
}
inline float from_bits(std::uint32_t b) {
    float v;
    std::memcpy(&v, &b, sizeof v);
    return v;
}

// Roots of order 1 or 2 in (-8, 8), by bisection of the oracle on a grid of eighths.
inline std::vector<double> roots(oracle::function f, int order) {
    std::vector<double> found;
    if (order == 0) return found;
    for (float a = -8; a < 8; a += 0.125f) {
        float lo = a, hi = a + 0.125f;
        const bool low = oracle::evaluate(f, order, lo) < 0;
        if (low == (oracle::evaluate(f, order, hi) < 0)) continue;
        for (int k = 0; k < 40; ++k) {
            const float mid = 0.5f * (lo + hi);
            ((oracle::evaluate(f, order, mid) < 0) == low ? lo : hi) = mid;
        }
        found.push_back(double(lo));
    }
    return found;
}

// A block of inputs, the exact results, and scratch space; one per thread.
struct block {
    // Not a multiple of any batch: every call has a tail.
    static constexpr std::size_t size = 4093;
    std::size_t n = 0;
    std::vector<float> x = std::vector<float>(size), safe = x, grad = x, got = x, again = x;
    std::vector<double> exact[3] = {std::vector<double>(size), std::vector<double>(size),
                                    std::vector<double>(size)};
    std::vector<double> error = std::vector<double>(size);
    std::vector<unsigned char> range = std::vector<unsigned char>(size), flags = range,
                               wrong = range, near[3] = {range, range, range};
    std::vector<std::size_t> special;
};

inline void load(block& b, std::size_t n) {
    b.n = n;
    b.special.clear();
    for (std::size_t i = 0; i < n; ++i) {
        const float x = b.x[i];
        const std::uint32_t bits = to_bits(x);
        b.range[i] = static_cast<unsigned char>(x >= 0       ? 0
                                                : x >= -1    ? 1
                                                : x >= -2    ? 2
                                                : x >= -3    ? 3
                                                : x >= -5.5f ? 4
                                                             : 5);
        b.safe[i] = (bits & 0x7f800000u) == 0x7f800000u ? 1.0f : x;
        // Gradients between 2^-8 and 2^8 of both signs, with all mantissas, fixed by the input.
        const std::uint32_t h = (bits ^ bits >> 15) * 0x9e3779b1u;
        b.grad[i] = from_bits((h & 0x807fffffu) | (119u + (h >> 23 & 15u)) << 23);
    }
    for (std::size_t i = 0; i < n; ++i)
        if ((to_bits(b.x[i]) & 0x7f800000u) == 0x7f800000u) b.special.push_back(i);
}

// Spacing of float in the binade of v, 2^-149 at least.
inline double spacing(double v) {
    const std::uint64_t e = oracle::detail::to_bits(v) & 0x7ff0000000000000u;
    constexpr std::uint64_t least = std::uint64_t(1023 - 126) << 52;
    return oracle::detail::from_bits((e < least ? least : e) - (std::uint64_t(23) << 52));
}

inline void check_special(const subject& s, const block& b, report& r) {
    for (const std::size_t i : b.special) {
        const float x = b.x[i], got = b.got[i];
        ++r.special_inputs;
        if (std::isnan(x)) {
            if (!std::isnan(got)) r.add({x, got, "NaN gave a number"});
            continue;
        }
        const bool up = x > 0;
        bool ok = false;
        switch (s.what) {
            case verb::forward:
                ok = up ? got == x : got == 0 && std::signbit(got);
                break;
            case verb::derivative:
                ok = got == (up ? 1.0f : 0.0f);
                break;
            case verb::second_derivative:
                ok = got == 0;
                break;
            case verb::backward:
                ok = got == (up ? b.grad[i] : 0.0f);
                break;
        }
        if (!ok) r.add({x, got, "wrong result at an infinity"});
    }
}

inline void measure(const subject& s, block& b, report& r) {
    const int k = order(s.what);
    const double* __restrict__ exact = b.exact[k].data();
    const float* __restrict__ got = b.got.data();
    const float* __restrict__ grad = b.grad.data();
    const float* __restrict__ x = b.safe.data();
    double* __restrict__ error = b.error.data();
    unsigned char* __restrict__ wrong = b.wrong.data();
    unsigned char* __restrict__ flags = b.flags.data();
    const std::size_t n = b.n;
    constexpr double inf = std::numeric_limits<double>::infinity();
    if (s.what == verb::backward) {
        // In ULP of the derivative, after the half ULP that rounding the product may cost.
        for (std::size_t i = 0; i < n; ++i) {
            const double y = double(grad[i]) * exact[i], d = double(got[i]) - y;
            const double counted = s.floored() && std::fabs(x[i]) < 2
                                       ? std::max(std::fabs(exact[i]), 0x1p-4)
                                       : exact[i];
            const double unit = std::max(std::fabs(double(grad[i])) * spacing(counted), 0x1p-149);
            const double e =
                std::copysign(std::max(std::fabs(d) - 0.5 * spacing(y), 0.0) / unit, d);
            error[i] = std::fabs(e) < 1e300 ? e : inf;
            wrong[i] = got[i] != float(y);
            flags[i] = std::fabs(y) < 0x1p-126;
        }
    } else {
        const bool floored = s.floored();
        for (std::size_t i = 0; i < n; ++i) {
            const double y = exact[i], size = std::fabs(y);
            const double counted =
                (floored & (std::fabs(x[i]) < 2) & (size < 0x1p-4)) ? 0x1p-4 : size;
            const double e = (double(got[i]) - y) / spacing(counted);
            error[i] = std::fabs(e) < 1e300 ? e : inf;
            wrong[i] = got[i] != float(y);
            flags[i] = size < 0x1p-126;
        }
    }
    const unsigned char* near = b.near[k].data();
    std::size_t next_special = 0;
    for (std::size_t i = 0; i < n; ++i) {
        if (next_special < b.special.size() && b.special[next_special] == i) {
            ++next_special;
            continue;
        }
        const double e = error[i], size = std::fabs(e);
        const std::size_t range = b.range[i];
        tally& t = r.cell[range + ranges * (flags[i] + 2u * near[i])];
        ++t.count;
        t.not_rounded += wrong[i];
        if (size > t.worst) {
            t.worst = size;
            t.worst_exact = exact[i];
            t.worst_at = b.x[i];
            t.worst_got = got[i];
            if (size == inf) r.add({b.x[i], got[i], "not finite at a finite input"});
        }
        constexpr double limit = report::half_range;
        const std::size_t bin = e < -limit  ? 0
                                : e < limit ? 1 + std::size_t((e + limit) * report::bins_per_ulp)
                                            : report::bins - 1;
        ++r.histogram[range][bin];
    }
    if (s.what == verb::forward)  // g has the sign of x, also where it underflows
        for (std::size_t i = 0; i < n; ++i)
            if (((to_bits(b.safe[i]) ^ to_bits(got[i])) >> 31) && b.safe[i] == b.x[i])
                r.add({b.x[i], got[i], "sign of the result differs from the sign of x"});
    check_special(s, b, r);
}

inline std::uint64_t differences(const block& b, const std::vector<float>& other) {
    std::uint64_t count = 0;
    for (std::size_t i = 0; i < b.n; ++i) {
        const bool both_nan = std::isnan(b.got[i]) && std::isnan(other[i]);
        count += !both_nan && to_bits(b.got[i]) != to_bits(other[i]);
    }
    return count;
}

// count inputs, visited in steps of about count / golden ratio, coprime to count: neighbours in a
// block differ in sign and magnitude, so that every vector mixes common inputs, tails and NaN.
inline std::uint64_t step_for(std::uint64_t count) {
    std::uint64_t step = std::max<std::uint64_t>(1, std::uint64_t(double(count) * 0.6180339887));
    while (std::gcd(step, count) != 1) ++step;
    return step;
}

// begin step mod count without overflow, for numbers up to 2^32.
inline std::uint64_t start_of(std::uint64_t begin, std::uint64_t step, std::uint64_t count) {
    return (begin & 0xffffu) * step % count + (begin >> 16) * step % count * 0x10000u % count;
}

}  // namespace detail

inline std::uint64_t input_count(const plan& p) {
    return (0x100000000u - p.offset + p.stride - 1) / p.stride;
}

/// Runs the subjects, all of one form and constant, over the bit patterns offset + k stride.
inline std::vector<report> sweep(const std::vector<subject>& subjects, const plan& p) {
    using namespace detail;
    const std::uint64_t count = input_count(p), step = step_for(count);
    const std::uint64_t blocks = (count + block::size - 1) / block::size;
    const oracle::function form = subjects.front().form;
    const std::vector<double> root[3] = {{}, roots(form, 1), roots(form, 2)};
    std::atomic<std::uint64_t> next{0};
    std::atomic<unsigned> finished{0};
    const unsigned threads = std::max(1u, p.threads);
    std::vector<std::vector<report>> partial(threads, std::vector<report>(subjects.size()));

    const auto work = [&](unsigned id) {
        block b;
        constexpr std::uint64_t chunk = 64;
        for (;;) {
            const std::uint64_t first = next.fetch_add(chunk);
            if (first >= blocks) break;
            for (std::uint64_t k = first; k < std::min(first + chunk, blocks); ++k) {
                const std::uint64_t begin = k * block::size;
                const std::size_t n =
                    std::size_t(std::min<std::uint64_t>(block::size, count - begin));
                std::uint64_t index = start_of(begin, step, count) % count;
                for (std::size_t i = 0; i < n; ++i) {
                    b.x[i] = from_bits(std::uint32_t(p.offset + index * p.stride));
                    index += step;
                    if (index >= count) index -= count;
                }
                load(b, n);
                oracle::evaluate(form, b.safe.data(), n, b.exact[0].data(), b.exact[1].data(),
                                 b.exact[2].data());
                for (int o = 1; o <= 2; ++o) {
                    std::fill(b.near[o].begin(), b.near[o].end(), 0);
                    for (const double x0 : root[o])
                        for (std::size_t i = 0; i < n; ++i)
                            b.near[o][i] |= std::fabs(double(b.safe[i]) - x0) < 0x1p-10;
                }
                for (std::size_t s = 0; s < subjects.size(); ++s) {
                    const subject& f = subjects[s];
                    f.call(b.grad.data(), b.x.data(), b.got.data(), n, form.constant);
                    report& r = partial[id][s];
                    measure(f, b, r);
                    if (!p.compare_bits) continue;
                    f.call_batches(b.grad.data(), b.x.data(), b.again.data(), n, form.constant);
                    r.different_bits += differences(b, b.again);
                    if (!f.call_both) continue;
                    f.call_both(b.x.data(), b.again.data(), n, form.constant);
                    r.different_bits += differences(b, b.again);
                }
            }
        }
        ++finished;
    };

    std::vector<std::thread> pool;
    for (unsigned id = 0; id < threads; ++id) pool.emplace_back(work, id);
    while (finished < threads) {
        std::this_thread::sleep_for(std::chrono::milliseconds(p.progress ? 50 : 2));
        if (p.progress) p.progress(std::min(1.0, double(next) / double(blocks)));
    }
    for (std::thread& t : pool) t.join();
    for (unsigned id = 1; id < threads; ++id)
        for (std::size_t s = 0; s < subjects.size(); ++s) partial[0][s].merge(partial[id][s]);
    return partial[0];
}

}  // namespace ulp

#endif
