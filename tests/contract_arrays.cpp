// Every length and alignment, nothing outside the arrays read or written, in place.
#include <algorithm>

#include "support/bits.hpp"
#include "support/catch.hpp"
#include "support/guard_pages.hpp"
#include "support/subject.hpp"
#include "support/values.hpp"

namespace {

using namespace gelu_tests;

/// A bit pattern that no verb gives: what an output holds where nothing may be written.
template <class T>
T untouched() {
    return from_bits<T>(static_cast<bits_t<T>>(0x7ff5a5a57ff5a5a5u));
}

template <class T>
bool all_untouched(const T* first, const T* last) {
    return std::all_of(first, last, [](T x) { return bits(x) == bits(untouched<T>()); });
}

/// The results for each element, one call each.
template <class T>
struct expected {
    std::vector<T> in, grad, out, slope;
    expected(const verb<T>& verb, std::size_t n)
        : in(mixed_values<T>(n, 21)), grad(n), out(n), slope(n) {
        for (std::size_t i = 0; i < n; ++i) {
            grad[i] = static_cast<T>(i) - 20;
            verb(&grad[i], &in[i], &out[i], &slope[i], 1);
        }
    }
};

}  // namespace

TEMPLATE_TEST_CASE(
    "every length from 0 to four vectors and 3: nothing outside the arrays is read or written",
    "[arrays]", float, double) {
    using T = TestType;
    const std::size_t longest = 4 * lanes<T>() + 3;
    const guarded<T> in(longest), grad(longest), out(longest), slope(longest);
    std::vector<std::size_t> lengths = {longest + 150, longest + 301};
    for (std::size_t n = 0; n <= longest; ++n) lengths.push_back(n);

    for (const auto& verb : verbs<T>()) {
        failures wrong;
        const expected<T> want(verb, longest + 301);
        // Every array flush with its front page, then every array flush with its rear page.
        for (const auto place : {&guarded<T>::front, &guarded<T>::back}) {
            for (const std::size_t n : lengths) {
                T* const x = (in.*place)(n);
                T* const g = (grad.*place)(n);
                T* const y = (out.*place)(n);
                T* const d = (slope.*place)(n);
                in.set_writable(true);
                grad.set_writable(true);
                std::copy_n(want.in.data(), n, x);
                std::copy_n(want.grad.data(), n, g);
                in.set_writable(false);  // inputs are not written, not even with what they hold
                grad.set_writable(false);
                std::fill(out.begin(), out.end(), untouched<T>());
                std::fill(slope.begin(), slope.end(), untouched<T>());
                verb(g, x, y, d, n);
                for (std::size_t i = 0; i < n; ++i)
                    if (!same(y[i], want.out[i]) || (verb.has_slope && !same(d[i], want.slope[i])))
                        wrong.add("n = ", n, ": element ", i, " of input ", want.in[i], " is ",
                                  y[i]);
                if (!all_untouched<T>(out.begin(), y) || !all_untouched<T>(y + n, out.end()))
                    wrong.add("n = ", n, ": the output is written outside");
                T* const last = verb.has_slope ? d + n : d;
                if (!all_untouched<T>(slope.begin(), d) || !all_untouched<T>(last, slope.end()))
                    wrong.add("n = ", n, ": the slope is written outside");
            }
        }
        INFO(verb.name);
        CHECK(wrong.text() == "");
    }
}

TEMPLATE_TEST_CASE("every misalignment of inputs and outputs", "[arrays]", float, double) {
    using T = TestType;
    const std::size_t steps = 64 / sizeof(T);  // a cache line, and the widest vector
    const std::size_t n = 2 * lanes<T>() + 3;
    const guarded<T> in(n + steps), grad(n + steps), out(n + steps), slope(n + steps);
    for (const auto& verb : verbs<T>()) {
        failures wrong;
        const expected<T> want(verb, n);
        std::fill(out.begin(), out.end(), untouched<T>());
        std::fill(slope.begin(), slope.end(), untouched<T>());
        for (std::size_t i = 0; i < steps; ++i) {
            T* const x = in.begin() + i;
            std::copy_n(want.in.data(), n, x);
            for (std::size_t j = 0; j < steps; ++j) {
                // The gradient goes the other way, so that no two arrays are aligned alike for all.
                T* const g = grad.begin() + (steps - 1 - i);
                std::copy_n(want.grad.data(), n, g);
                T* const y = out.begin() + j;
                T* const d = slope.begin() + (i + j) % steps;
                verb(g, x, y, d, n);
                for (std::size_t k = 0; k < n; ++k)
                    if (!same(y[k], want.out[k]) || (verb.has_slope && !same(d[k], want.slope[k])))
                        wrong.add("in + ", i, ", out + ", j, ": element ", k, " is ", y[k]);
                if (!all_untouched<T>(out.begin(), y) || !all_untouched<T>(y + n, out.end()))
                    wrong.add("in + ", i, ", out + ", j, ": written outside");
                std::fill_n(y, n, untouched<T>());
                std::fill_n(d, n, untouched<T>());
            }
        }
        INFO(verb.name);
        CHECK(wrong.text() == "");
    }
}

TEST_CASE("arrays larger than caches, whose results may be stored around them", "[arrays]") {
    const std::size_t n = streamed_length() + 12345;
    // Repeated, so that a run of tails starts anywhere in what loops take at a time.
    std::vector<float> period = mixed_values<float>(4099, 22);
    std::fill_n(period.begin() + 100, 2500, -9.5f);
    std::vector<float> in(n), grad(n), out(n + 4), slope(n + 4), want(n), want_slope(n);
    for (std::size_t i = 0; i < n; ++i) {
        in[i] = period[i % period.size()];
        grad[i] = period[(i + 7) % period.size()];
    }
    const auto check = [&](const std::vector<float>& got, std::size_t at,
                           const std::vector<float>& wanted, failures& wrong) {
        for (std::size_t i = 0; i < n; ++i)
            if (!same(got[at + i], wanted[i])) wrong.add("element ", i, " is ", got[at + i]);
        if (!all_untouched<float>(got.data(), got.data() + at) ||
            !all_untouched<float>(got.data() + at + n, got.data() + got.size()))
            wrong.add("written outside");
    };
    for (const auto& verb : verbs<float>()) {
        // The others' loops are the same, and arrays of this size take long.
        if (verb.of->form != family::erf || verb.name.rfind("second", 0) == 0) continue;
        for (std::size_t i = 0; i < n; i += 1000)
            verb(&grad[i], &in[i], &want[i], &want_slope[i], std::min<std::size_t>(1000, n - i));
        for (const bool in_place : {false, true}) {
            for (std::size_t at = 0; at < (in_place ? 1 : 3); ++at) {
                const std::size_t slope_at = at < 2 ? at : 3;
                std::fill(out.begin(), out.end(), untouched<float>());
                std::fill(slope.begin(), slope.end(), untouched<float>());
                if (in_place) std::copy(in.begin(), in.end(), &out[at]);
                verb(grad.data(), in_place ? &out[at] : in.data(), &out[at], &slope[slope_at], n);
                failures wrong;
                check(out, at, want, wrong);
                if (verb.has_slope) check(slope, slope_at, want_slope, wrong);
                INFO(verb.name << ", out + " << at << (in_place ? ", in place" : ""));
                CHECK(wrong.text() == "");
            }
        }
    }
}

TEMPLATE_TEST_CASE("an output may be exactly an input, at every length", "[arrays]", float,
                   double) {
    using T = TestType;
    const std::size_t longest = 4 * lanes<T>() + 3;
    const guarded<T> in(longest), other(longest), third(longest);
    for (const auto& verb : verbs<T>()) {
        failures wrong;
        const expected<T> want(verb, longest);
        const auto check = [&](const char* what, std::size_t n, const T* y, const T* d) {
            for (std::size_t i = 0; i < n; ++i)
                if (!same(y[i], want.out[i]) || (verb.has_slope && !same(d[i], want.slope[i])))
                    wrong.add(what, ", n = ", n, ": element ", i, " of input ", want.in[i], " is ",
                              y[i]);
        };
        for (std::size_t n = 0; n <= longest; ++n) {
            T* const a = in.back(n);
            T* const b = other.back(n);
            T* const c = third.back(n);
            std::copy_n(want.in.data(), n, a);
            std::copy_n(want.grad.data(), n, b);
            verb(b, a, a, c, n);
            check("out is in", n, a, c);
            if (verb.has_slope) {
                std::copy_n(want.in.data(), n, a);
                verb(nullptr, a, c, a, n);
                check("slope is in", n, c, a);
            }
            if (verb.takes_grad) {
                std::copy_n(want.in.data(), n, a);
                std::copy_n(want.grad.data(), n, b);
                verb(b, a, b, nullptr, n);
                check("grad_in is grad", n, b, nullptr);
            }
        }
        INFO(verb.name);
        CHECK(wrong.text() == "");
    }
}

TEMPLATE_TEST_CASE("backward of an array by itself: grad, in and grad_in may be one", "[arrays]",
                   float, double) {
    using T = TestType;
    const std::size_t n = 3 * lanes<T>() + 1;
    const std::vector<T> in = mixed_values<T>(n, 31);
    for (const auto& s : subjects<T>()) {
        std::vector<T> want(n), got = in;
        s->backward(in.data(), in.data(), want.data(), n);
        s->backward(got.data(), got.data(), got.data(), n);
        INFO(s->name);
        CHECK(std::equal(want.begin(), want.end(), got.begin(), same<T>));
    }
}

TEMPLATE_TEST_CASE("n = 0 is fine, with null and with empty ranges", "[arrays]", float, double) {
    using T = TestType;
    for (const auto& verb : verbs<T>()) verb(nullptr, nullptr, nullptr, nullptr, 0);
    const std::vector<T> nothing;
    std::vector<T> out, slope;
    for (const auto& s : subjects<T>()) {
        for (int order = 0; order < 3; ++order) s->map(order, nothing, out);
        s->backward(nothing, nothing, out);
        s->both(nothing, out, slope);
        s->both(out, out, slope);
    }
    CHECK(out.empty());
    CHECK(slope.empty());
}
