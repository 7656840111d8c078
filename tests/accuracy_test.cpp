// Every verb, form and tier keeps gelu::max_ulp and its special values: floats at a stride from a
// random offset and densely where kernels go wrong, 16-bit types for every input. Every float is
// swept by gelu_ulp, under the label "exhaustive"; double_test has the doubles.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "support/bits.hpp"
#include "support/catch.hpp"
#include "ulp/sweep.hpp"

namespace {

using oracle::kind;

// The defaults, and refitted constants that are in use.
const oracle::function functions[] = {
    {kind::erf, 0},
    {kind::tanh, oracle::default_constant(kind::tanh)},
    {kind::tanh, 0.0455399},
    {kind::tanh, 0.0443829},
    {kind::sigmoid, oracle::default_constant(kind::sigmoid)},
    {kind::sigmoid, 1.7009913},
    {kind::sigmoid, 1.7729340},
};

template <class T>
std::vector<ulp::subject<T>> all_verbs(const oracle::function& f) {
    std::vector<ulp::subject<T>> subjects;
    for (const ulp::verb v : ulp::verbs)
        for (const bool fast : {false, true}) subjects.push_back(ulp::make_subject<T>(v, f, fast));
    return subjects;
}

std::string text(const ulp::violation& v) {
    return v.what + std::string(" at ") + gelu_tests::show(v.at) + ", got " +
           gelu_tests::show(v.got);
}

template <class T>
void require_bounds(const std::vector<ulp::subject<T>>& subjects,
                    const std::vector<ulp::report>& reports) {
    for (std::size_t k = 0; k < subjects.size(); ++k) {
        const ulp::tally t = reports[k].total();
        CAPTURE(subjects[k].title(), gelu_tests::show(t.at), gelu_tests::show(t.got),
                gelu_tests::show(t.exact));
        CHECK(t.worst <= subjects[k].bound + subjects[k].slack);
        CHECK(reports[k].different_bits() == 0);
        const std::string wrong =
            reports[k].violations() == 0 ? "" : text(reports[k].examples().front());
        CHECK(wrong == "");
        REQUIRE(t.count > 0);
    }
}

unsigned random_seed() { return std::random_device{}(); }

// count floats on both sides of x.
void add_neighbours(std::vector<float>& to, float x, std::uint32_t count) {
    const std::uint32_t middle = gelu_tests::bits(x);
    for (std::uint32_t k = 0; k < count; ++k)
        to.push_back(gelu_tests::from_bits<float>(middle + k - count / 2));
}

// The x < 0 whose result has half the size, by bisection.
float where_forward_falls_to(const oracle::function& f, double size) {
    float low = -1000, high = -1;
    for (int k = 0; k < 60; ++k) {
        const float mid = 0.5f * (low + high);
        (-oracle::evaluate(f, 0, mid) < size ? low : high) = mid;
    }
    return low;
}

}  // namespace

TEST_CASE("float results keep their bounds over all magnitudes") {
    ulp::sweep_plan plan;
    plan.stride = 2053;
    plan.offset = random_seed() % plan.stride;
    plan.compare_bits = true;
    std::printf("float: stride %u, offset %u\n", unsigned(plan.stride), unsigned(plan.offset));
    for (const oracle::function& f : functions) {
        const auto subjects = all_verbs<float>(f);
        require_bounds(subjects, ulp::sweep(subjects, plan));
    }
}

TEST_CASE("float results keep their bounds where the kernels' tables and exponents work") {
    // From -16 to -1/16, densely: a bound that few inputs exceed shows here.
    const std::uint32_t first = gelu_tests::bits(-0.0625f), last = gelu_tests::bits(-16.0f);
    const std::uint32_t stride = 101, offset = random_seed() % stride;
    std::printf("float: stride %u, offset %u\n", unsigned(stride), unsigned(offset));
    std::vector<float> x;
    for (std::uint32_t b = first + offset; b <= last; b += stride)
        x.push_back(gelu_tests::from_bits<float>(b));
    std::shuffle(x.begin(), x.end(), std::mt19937_64(1));
    for (const oracle::function& f : functions) {
        const auto subjects = all_verbs<float>(f);
        require_bounds(subjects, ulp::sweep(subjects, x, {}));
    }
}

TEST_CASE("float results keep their bounds at roots, at the ends of the tails and at zero") {
    for (const oracle::function& f : functions) {
        std::vector<float> x;
        for (const int order : {1, 2})
            for (const double root : ulp::detail::roots(f, order))
                add_neighbours(x, float(root), 1 << 13);
        for (const double size : {0x1p-126, 0x1p-149, 0x1p-150})
            add_neighbours(x, where_forward_falls_to(f, size), 1 << 12);
        for (const float v : {0.0f, std::numeric_limits<float>::min(), 1.0f, 2.0f, 4.0f, 8.0f,
                              16.0f, 64.0f, std::numeric_limits<float>::infinity()})
            for (const float signed_v : {v, -v}) add_neighbours(x, signed_v, 1 << 10);
        std::shuffle(x.begin(), x.end(), std::mt19937_64(1));
        const auto subjects = all_verbs<float>(f);
        require_bounds(subjects, ulp::sweep(subjects, x, {}));
    }
}

TEMPLATE_TEST_CASE("16-bit results keep their bounds for every input", "", gelu::float16,
                   gelu::bfloat16) {
    ulp::sweep_plan plan;
    plan.compare_bits = true;
    for (const oracle::function& f : functions) {
        const auto subjects = all_verbs<TestType>(f);
        require_bounds(subjects, ulp::sweep(subjects, plan));
    }
}

// --- The measurement notices what it is there for ------------------------------------------------

namespace {

// Every one is a single float, so that only a measurement that looks at each result finds it.
constexpr float victim = -3.4567f, deep = -70.0f;

struct measured {
    ulp::subject<float> subject;
    ulp::report report;
    bool good() const { return subject.kept_by(report); }
};

template <class Change>
measured measure_with(ulp::verb v, Change) {
    static ulp::subject<float> real;
    real = ulp::make_subject<float>(v, {kind::sigmoid, 1.702}, false);
    ulp::subject<float> changed = real;
    changed.call = [](const float* grad, const float* in, float* out, std::size_t n,
                      const oracle::function& f) {
        real.call(grad, in, out, n, f);
        for (std::size_t i = 0; i < n; ++i) Change::apply(in[i], out[i]);
    };
    std::vector<float> x;
    const float inf = std::numeric_limits<float>::infinity();
    for (const float middle : {victim, deep, 0.0f, 1.0f, inf, -inf})
        add_neighbours(x, middle, 1 << 12);
    ulp::sweep_plan plan;
    plan.compare_bits = true;
    return {changed, ulp::sweep<float>({changed}, x, plan).front()};
}

struct nothing {
    static void apply(float, float&) {}
};
template <int Count>
struct steps {
    static void apply(float x, float& y) {
        for (int k = 0; k < Count && x == victim; ++k) y = std::nextafter(y, -1.0f);
    }
};
struct nan_result {
    static void apply(float x, float& y) {
        if (x == victim) y = std::numeric_limits<float>::quiet_NaN();
    }
};
struct lost_sign {
    static void apply(float x, float& y) {
        if (x == deep) y = 0.0f;
    }
};
struct number_for_nan {
    static void apply(float x, float& y) {
        if (std::isnan(x)) y = 0.0f;
    }
};
struct wrong_infinity {
    static void apply(float x, float& y) {
        if (x == -std::numeric_limits<float>::infinity())
            y = std::numeric_limits<float>::quiet_NaN();
    }
};

}  // namespace

TEST_CASE("the measurement finds one wrong result") {
    for (const ulp::verb v : ulp::verbs) CHECK(measure_with(v, nothing{}).good());

    for (const ulp::verb v : {ulp::verb::forward, ulp::verb::derivative}) {
        const measured m = measure_with(v, steps<4>{});
        const ulp::tally t = m.report.total();
        CHECK_FALSE(m.good());
        CHECK(t.worst > 3);
        CHECK(t.at == double(victim));
        CHECK(m.report.total(ulp::to_5_5).worst == t.worst);
        CHECK(m.report.different_bits() == 2);  // from the batch verb and forward_with_derivative
    }

    const measured nan = measure_with(ulp::verb::forward, nan_result{});
    CHECK_FALSE(nan.good());
    CHECK(std::isinf(nan.report.total().worst));

    for (const measured& m : {measure_with(ulp::verb::forward, lost_sign{}),
                              measure_with(ulp::verb::forward, number_for_nan{}),
                              measure_with(ulp::verb::forward, wrong_infinity{})}) {
        CHECK_FALSE(m.good());
        CHECK(m.report.total().worst <= m.subject.bound);
        CHECK(m.report.violations() > 0);
    }
}
