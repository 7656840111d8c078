// Runs functions on float and 16-bit types over bit patterns and measures their errors against the
// double oracle. Used by gelu_ulp and by the accuracy tests.
#ifndef TESTS_ULP_SWEEP_HPP
#define TESTS_ULP_SWEEP_HPP

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <functional>
#include <limits>
#include <numeric>
#include <thread>
#include <vector>

#include "oracle/double_oracle.hpp"
#include "ulp/report.hpp"
#include "ulp/subject.hpp"

namespace ulp {

struct sweep_plan {
    std::uint64_t stride = 1, offset = 0;
    unsigned threads = 1;
    bool compare_bits = false;             // with the batch verbs and forward_with_derivative
    std::function<void(double)> progress;  // called with the share done, from the calling thread
};

template <class T>
constexpr std::uint64_t patterns = std::uint64_t{1} << (8 * sizeof(T));

namespace detail {

template <class To, class From>
To copy_bits(const From& from) {
    static_assert(sizeof(To) == sizeof(From), "same size");
    To to;
    std::memcpy(&to, &from, sizeof to);
    return to;
}

template <class T>
double to_double(const T& v) {
    if constexpr (sizeof(T) > 4)
        return v;
    else
        return double(static_cast<float>(v));  // 16-bit types convert to float
}

/// Runs work(thread, step) for step = 0 .. steps - 1, in any order.
template <class Work>
void run_steps(std::uint64_t steps, unsigned threads, const std::function<void(double)>& progress,
               const Work& work) {
    std::atomic<std::uint64_t> next{0};
    std::atomic<unsigned> running{threads};
    std::vector<std::thread> pool;
    for (unsigned id = 0; id < threads; ++id)
        pool.emplace_back([&, id] {
            for (std::uint64_t step; (step = next++) < steps;) work(id, step);
            --running;
        });
    while (running > 0) {
        std::this_thread::sleep_for(std::chrono::milliseconds(progress ? 20 : 1));
        if (progress && running > 0) progress(std::min(1.0, double(next) / double(steps)));
    }
    for (std::thread& t : pool) t.join();
    if (progress) progress(1);
}

// Roots of order 1 or 2 in (-8, 8), by bisection of the oracle in cells of an eighth.
inline std::vector<double> roots(const oracle::function& f, int order) {
    std::vector<double> found;
    for (float a = -8; a < 8 && order > 0; a += 0.125f) {
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

// Inputs, exact results and scratch space of one thread.
template <class T>
struct block {
    // Not a multiple of any batch or of any block that kernels work in: every call has a tail.
    static constexpr std::size_t size = 5003;
    std::size_t n = 0;
    std::vector<T> in = std::vector<T>(size), grads = in, out = in, again = in;
    // As floats; what is not finite is replaced by 3 in finite, and listed.
    std::vector<float> x = std::vector<float>(size), finite = x, grad = x, got = x;
    std::vector<std::size_t> not_finite;
    std::vector<double> exact[3] = {std::vector<double>(size), std::vector<double>(size),
                                    std::vector<double>(size)};
    std::vector<double> error = std::vector<double>(size);
    // Where a result is counted: the part that depends on x, by order, and all of it.
    std::vector<report::key> cell[3] = {std::vector<report::key>(size),
                                        std::vector<report::key>(size),
                                        std::vector<report::key>(size)};
    std::vector<report::key> key = std::vector<report::key>(size);
};

// Which patterns a sweep visits, and in which order: steps of about count / golden ratio, coprime
// to count, through offset, offset + stride, .... Neighbours in an array then differ in sign and
// magnitude, so that every vector mixes common inputs, tails, huge values and NaN.
class walk {
public:
    walk(std::uint64_t total, std::uint64_t stride, std::uint64_t offset)
        : stride_(stride), offset_(offset), count_((total - offset + stride - 1) / stride) {
        step_ = std::max<std::uint64_t>(1, std::uint64_t(double(count_) * 0.6180339887));
        while (std::gcd(step_, count_) != 1) ++step_;
    }
    std::uint64_t count() const { return count_; }

    template <class T>
    void fill(std::uint64_t begin, std::size_t n, T* in) const {
        using bits = typename element<T>::bits;
        // begin * step_ mod count_, for numbers up to 2^32
        std::uint64_t index = ((begin & 0xffffu) * step_ % count_ +
                               (begin >> 16) * step_ % count_ * 0x10000u % count_) %
                              count_;
        for (std::size_t i = 0; i < n; ++i) {
            in[i] = copy_bits<T>(static_cast<bits>(offset_ + index * stride_));
            index += step_;
            if (index >= count_) index -= count_;
        }
    }

private:
    std::uint64_t stride_, offset_, count_, step_ = 1;
};

template <class T>
void prepare(block<T>& b, const oracle::function& form, const std::vector<double> (&root)[3]) {
    b.not_finite.clear();
    for (std::size_t i = 0; i < b.n; ++i) b.x[i] = static_cast<float>(b.in[i]);
    for (std::size_t i = 0; i < b.n; ++i) {
        const float x = b.x[i];
        const auto bits = copy_bits<std::uint32_t>(x);
        b.cell[0][i] = report::cell_key(range_of(double(x)), false);
        b.finite[i] = (bits & 0x7f800000u) == 0x7f800000u ? 3.0f : x;
        // Gradients between 2^-8 and 2^8 of both signs, with all significands, fixed by the input.
        const std::uint32_t hash = (bits ^ bits >> 15) * 0x9e3779b1u;
        const std::uint32_t exponent = 119 + (hash >> 23 & 15);
        b.grads[i] = static_cast<T>(copy_bits<float>((hash & 0x807fffffu) | exponent << 23));
        b.grad[i] = static_cast<float>(b.grads[i]);
    }
    for (std::size_t i = 0; i < b.n; ++i)
        if (!std::isfinite(b.x[i])) {
            b.not_finite.push_back(i);
            b.cell[0][i] = report::nowhere;
        }
    oracle::evaluate(form, b.finite.data(), b.n, b.exact[0].data(), b.exact[1].data(),
                     b.exact[2].data());
    const report::key near = report::cell_key(positive, true);
    for (int o = 1; o <= 2; ++o) {
        std::copy_n(b.cell[0].begin(), b.n, b.cell[o].begin());
        for (const double x0 : root[o])
            for (std::size_t i = 0; i < b.n; ++i)
                b.cell[o][i] += std::fabs(double(b.finite[i]) - x0) < 0x1p-10 ? near : 0;
    }
}

// What follows works on the bits of doubles that are not negative, where their order is that of
// integers: compilers then vectorise the loops over it for every instruction set.
inline std::uint64_t bits_of(double v) { return copy_bits<std::uint64_t>(v); }
inline double smaller(double a, double b) {
    return copy_bits<double>(std::min(bits_of(a), bits_of(b)));
}
inline double larger(double a, double b) {
    return copy_bits<double>(std::max(bits_of(a), bits_of(b)));
}
inline std::uint64_t is_negative(double v) { return bits_of(v) >> 63; }

/// Spacing of T in the binade of v, that of the subnormal numbers at least.
template <class T>
double spacing(double v) {
    constexpr int digits = element<T>::digits, least = element<T>::min_exponent - 1;
    constexpr std::uint64_t floor = std::uint64_t{1023 + least} << 52;
    const std::uint64_t binade = bits_of(v) & 0x7ff0000000000000u;
    return copy_bits<double>(std::max(binade, floor) - (std::uint64_t{digits - 1} << 52));
}

// |e| as an error: infinite for NaN too.
inline double magnitude(double e) {
    return smaller(std::fabs(e), std::numeric_limits<double>::infinity());
}

inline report::key bin_of(double size, std::uint64_t negative) {
    // ceil, by rounding at 2^52 what is almost a half more
    const double k = smaller(size, report::half_range + 0x1p-4) * report::bins_per_ulp;
    const std::uint64_t up = bits_of(k + (0.5 - 0x1p-30) + 0x1p52) & 0xfff;
    return report::center + ((up ^ (0 - negative)) + negative);
}

inline report::key key_of(double size, std::uint64_t negative, std::uint64_t not_rounded,
                          std::uint64_t subnormal) {
    return bin_of(size, negative) + not_rounded * report::not_rounded_key +
           subnormal * report::subnormal_key;
}

// The arrays error and key of the block.
template <class T>
void compare(const subject<T>& s, block<T>& b) {
    const int k = order(s.what);
    const double* __restrict__ exact = b.exact[k].data();
    const report::key* __restrict__ cell = b.cell[k].data();
    const float* __restrict__ got = b.got.data();
    const float* __restrict__ grad = b.grad.data();
    const float* __restrict__ x = b.finite.data();
    double* __restrict__ error = b.error.data();
    report::key* __restrict__ key = b.key.data();
    const std::size_t n = b.n;
    const std::uint64_t floor = s.floored() ? bits_of(0x1p-4) : 0;
    const double smallest_normal = std::ldexp(1.0, element<T>::min_exponent - 1);
    // The spacing that an error of the derivative of size y at x counts.
    const auto unit = [floor](double y, double at) {
        const std::uint64_t counts = 0 - is_negative(std::fabs(at) - 2);
        return spacing<T>(larger(std::fabs(y), copy_bits<double>(floor & counts)));
    };
    if (s.what == verb::backward) {
        // In ULP of the derivative, after the half ULP that rounding the product may cost.
        for (std::size_t i = 0; i < n; ++i) {
            const double g = double(grad[i]), y = g * exact[i], d = double(got[i]) - y;
            const double excess = magnitude(d) - 0.5 * spacing<T>(y);
            const std::uint64_t more = 1 - is_negative(excess) - (bits_of(excess) == 0);
            const double of_slope =
                larger(unit(exact[i], double(x[i])) * std::fabs(g), spacing<T>(0));
            const double size = magnitude(excess / of_slope);
            error[i] = copy_bits<double>(bits_of(size) & (0 - more));
            key[i] = cell[i] + key_of(error[i], is_negative(d), more,
                                      is_negative(std::fabs(y) - smallest_normal));
        }
    } else {
        for (std::size_t i = 0; i < n; ++i) {
            const double y = exact[i], d = double(got[i]) - y;
            error[i] = magnitude(d / unit(y, double(x[i])));
            key[i] = cell[i] + key_of(error[i], is_negative(d),
                                      is_negative(0.5 * spacing<T>(y) - magnitude(d)),
                                      is_negative(std::fabs(y) - smallest_normal));
        }
    }
}

template <class T>
void check_special(const subject<T>& s, double x, double grad, double got, report& r) {
    r.add_special();
    if (std::isnan(x)) {
        if (!std::isnan(got)) r.add({x, got, "a number for NaN"});
        return;
    }
    const bool up = x > 0;
    bool good = false;
    switch (s.what) {
        case verb::forward:
            good = up ? got == x : got == 0 && std::signbit(got);
            break;
        case verb::derivative:
            good = got == (up ? 1 : 0);
            break;
        case verb::second_derivative:
            good = got == 0;
            break;
        case verb::backward:
            good = got == (up ? grad : 0);
            break;
    }
    if (!good) r.add({x, got, "wrong at an infinity"});
}

template <class T>
void measure(const subject<T>& s, block<T>& b, report& r) {
    for (std::size_t i = 0; i < b.n; ++i) b.got[i] = static_cast<float>(b.out[i]);
    compare(s, b);
    const double* exact = b.exact[order(s.what)].data();
    r.add(b.key.data(), b.error.data(), b.n, [&](std::size_t i) {
        const double factor = s.what == verb::backward ? double(b.grad[i]) : 1;
        return outcome{double(b.x[i]), double(b.got[i]), factor * exact[i], b.error[i]};
    });
    for (const std::size_t i : b.not_finite)
        check_special(s, double(b.x[i]), double(b.grad[i]), double(b.got[i]), r);
    if (s.what != verb::forward) return;
    // g has the sign of x, also where it underflows.
    std::uint32_t differ = 0;
    for (std::size_t i = 0; i < b.n; ++i)
        differ |= copy_bits<std::uint32_t>(b.x[i]) ^ copy_bits<std::uint32_t>(b.got[i]);
    if (differ >> 31 == 0) return;
    for (std::size_t i = 0; i < b.n; ++i)
        if (std::signbit(b.x[i]) != std::signbit(b.got[i]) && !std::isnan(b.x[i]))
            r.add({double(b.x[i]), double(b.got[i]), "the sign of x is lost"});
}

template <class T>
bool same_bits(const T& a, const T& b) {
    using bits = typename element<T>::bits;
    return copy_bits<bits>(a) == copy_bits<bits>(b) ||
           (std::isnan(to_double(a)) && std::isnan(to_double(b)));
}

template <class T>
void compare_bits(const subject<T>& s, const T* grads, const T* in, const T* out, T* again,
                  std::size_t n, report& r) {
    for (auto* other : {s.call_batches, s.call_both}) {
        if (!other) continue;
        other(grads, in, again, n, s.form);
        std::uint64_t different = 0;
        for (std::size_t i = 0; i < n; ++i) different += !same_bits(out[i], again[i]);
        r.add_different_bits(different);
    }
}

inline std::vector<report> merged(const std::vector<std::vector<report>>& by_thread) {
    std::vector<report> total = by_thread.front();
    for (std::size_t t = 1; t < by_thread.size(); ++t)
        for (std::size_t s = 0; s < total.size(); ++s) total[s].merge(by_thread[t][s]);
    return total;
}

// The subjects on count inputs; fill(begin, n, in) writes those from begin on.
template <class T, class Fill>
std::vector<report> run(const std::vector<subject<T>>& subjects, std::uint64_t count,
                        const Fill& fill, const sweep_plan& plan) {
    const oracle::function form = subjects.front().form;
    const std::vector<double> root[3] = {{}, roots(form, 1), roots(form, 2)};
    constexpr std::uint64_t size = block<T>::size;
    std::vector<block<T>> blocks(plan.threads);
    std::vector<std::vector<report>> reports(plan.threads, std::vector<report>(subjects.size()));
    run_steps((count + size - 1) / size, plan.threads, plan.progress,
              [&](unsigned thread, std::uint64_t step) {
                  block<T>& b = blocks[thread];
                  b.n = std::size_t(std::min(size, count - step * size));
                  fill(step * size, b.n, b.in.data());
                  prepare(b, form, root);
                  for (std::size_t k = 0; k < subjects.size(); ++k) {
                      const subject<T>& s = subjects[k];
                      report& r = reports[thread][k];
                      s.call(b.grads.data(), b.in.data(), b.out.data(), b.n, form);
                      measure(s, b, r);
                      if (plan.compare_bits)
                          compare_bits(s, b.grads.data(), b.in.data(), b.out.data(), b.again.data(),
                                       b.n, r);
                  }
              });
    return merged(reports);
}

}  // namespace detail

/// Runs the subjects, all of one form and constant, over the bit patterns offset + k stride of T;
/// one report each. The oracle is evaluated once for all of them.
template <class T>
std::vector<report> sweep(const std::vector<subject<T>>& subjects, const sweep_plan& plan) {
    const detail::walk inputs(patterns<T>, plan.stride, plan.offset);
    return detail::run(
        subjects, inputs.count(),
        [&](std::uint64_t begin, std::size_t n, T* in) { inputs.fill(begin, n, in); }, plan);
}

/// The same over given inputs.
template <class T>
std::vector<report> sweep(const std::vector<subject<T>>& subjects, const std::vector<T>& inputs,
                          const sweep_plan& plan) {
    return detail::run(
        subjects, inputs.size(),
        [&](std::uint64_t begin, std::size_t n, T* in) {
            std::copy_n(inputs.begin() + std::ptrdiff_t(begin), n, in);
        },
        plan);
}

}  // namespace ulp

#endif
