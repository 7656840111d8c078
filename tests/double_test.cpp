// The double array verbs against MPFR: sampled points, and a local search from the worst of them.
// [.long] takes 10^7 points per function.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <limits>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "oracle/mpfr_oracle.hpp"
#include "support/bits.hpp"
#include "support/catch.hpp"
#include "ulp/sample.hpp"

namespace {

using oracle::kind;

void check(const oracle::function& f, std::uint64_t samples, unsigned rounds) {
    ulp::sample_plan plan;
    plan.samples = samples;
    plan.search = rounds;
    plan.seed = std::random_device{}();
    plan.threads = std::max(1u, std::thread::hardware_concurrency());
    plan.compare_bits = true;
    std::vector<ulp::subject<double>> subjects;
    for (const ulp::verb v : ulp::verbs)
        for (const bool fast : {false, true})
            subjects.push_back(ulp::make_subject<double>(v, f, fast));
    const std::vector<ulp::report> reports = ulp::sample(subjects, plan);
    for (std::size_t k = 0; k < subjects.size(); ++k) {
        const ulp::report& r = reports[k];
        const ulp::tally t = r.total();
        const std::string what = subjects[k].title();
        std::printf("%s: %.4f ULP at %a, %llu points, seed %u\n", what.c_str(), t.worst, t.at,
                    static_cast<unsigned long long>(t.count), unsigned(plan.seed));
        std::fflush(stdout);
        CAPTURE(what, plan.seed, gelu_tests::show(t.at), gelu_tests::show(t.got), t.exact);
        REQUIRE(t.count > samples / 2);
        CHECK(t.worst <= subjects[k].bound);
        CHECK(r.different_bits() == 0);
        for (const ulp::violation& v : r.examples()) {
            CAPTURE(v.what, gelu_tests::show(v.at), gelu_tests::show(v.got));
            CHECK(r.violations() == 0);
        }
    }
}

void check_defaults(std::uint64_t samples, unsigned rounds) {
    for (const kind k : {kind::erf, kind::tanh, kind::sigmoid})
        check({k, oracle::default_constant(k)}, samples, rounds);
}

// The ends of what the bounds hold for, and what people fit.
void check_other_constants(std::uint64_t samples, unsigned rounds) {
    for (const double cubic : {0.01, 0.0443829, 0.0455399, 0.1})
        check({kind::tanh, cubic}, samples, rounds);
    for (const double slope : {0.5, 0.9999, 1.0, 1.7009913, 1.7729340, 4.0})
        check({kind::sigmoid, slope}, samples, rounds);
}

}  // namespace

TEST_CASE("the oracle's Phi agrees with MPFR's erfc") {
    std::mt19937_64 random(1);
    const auto unit = [&] { return double(random() >> 11) * 0x1p-53; };
    for (int i = 0; i < 600; ++i) {
        const double x = i % 3 == 0   ? -40 * unit()
                         : i % 3 == 1 ? 16 * unit() - 8
                                      : std::ldexp(unit() - 0.5, -int(random() % 100));
        const oracle::real by_erfc =
            oracle::real(0.5) * oracle::erfc(-(oracle::real(x) * oracle::sqrt(oracle::real(0.5))));
        const oracle::real difference =
            (oracle::normal_probability(oracle::real(x)) - by_erfc) / by_erfc;
        CAPTURE(x);
        REQUIRE(std::fabs(difference.to_double()) < 0x1p-150);
    }
}

TEST_CASE("double is within its bounds at the worst points that a search finds") {
    check_defaults(4000, 2);
    check_other_constants(2000, 1);
}

TEST_CASE("double is within its bounds at ten million points per function", "[.long]") {
    check_defaults(5000000, 800);
    check_other_constants(500000, 80);
}

// --- The search finds what it is there for -------------------------------------------------------

namespace {

// Right but for a peak: n ULP too much within 2^-n of its top, relatively, for n = 5 .. 52.
constexpr double top = -4.321;

void peaked(const double*, const double* in, double* out, std::size_t n,
            const oracle::function& f) {
    for (std::size_t i = 0; i < n; ++i) {
        const double x = in[i];
        if (!std::isfinite(x)) {
            out[i] = x < 0 ? -0.0 : x;
            continue;
        }
        out[i] = ulp::detail::exact(f, 0, x).to_double();
        const double near = std::max(0x1p-52, std::fabs(x / top - 1));
        for (int k = near < 0x1p-4 ? -std::ilogb(near) : 0; k > 0; --k)
            out[i] = std::nextafter(out[i], -1.0);
    }
}

ulp::tally measure_peak(std::uint64_t samples, unsigned rounds, unsigned threads = 1) {
    ulp::subject<double> s;
    s.form = {kind::erf, oracle::default_constant(kind::erf)};
    s.call = peaked;
    ulp::sample_plan plan;
    plan.samples = samples;
    plan.search = rounds;
    plan.seed = 1;
    plan.threads = threads;
    const ulp::report r = ulp::sample({s}, plan).front();
    CHECK(r.violations() == 0);
    return r.total();
}

}  // namespace

TEST_CASE("the search goes from the worst samples to the top of a peak that they miss") {
    const ulp::tally before = measure_peak(1000, 0);
    ulp::tally last = before;
    for (const unsigned rounds : {1u, 4u, 16u}) {
        const ulp::tally t = measure_peak(1000, rounds);
        CAPTURE(rounds);
        CHECK(t.worst >= last.worst);
        CHECK(t.count > last.count);
        last = t;
    }
    CHECK(last.worst > before.worst + 10);
    CHECK(std::fabs(last.at / top - 1) < std::ldexp(std::fabs(before.at / top - 1), -10));
    // As many samples without a search stay far below.
    CHECK(last.worst > measure_peak(last.count, 0).worst + 5);

    const ulp::tally by_three = measure_peak(1000, 16, 3);
    CHECK(by_three.worst == last.worst);
    CHECK(by_three.at == last.at);
    CHECK(by_three.count == last.count);
}
