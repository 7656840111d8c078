// The double array verbs against MPFR: structured and random points, and a local search from the
// worst of them. [.long] takes 10^7 points per function.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <limits>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "gelu/gelu.hpp"
#include "oracle/mpfr_oracle.hpp"
#include "support/bits.hpp"
#include "support/catch.hpp"

namespace {

using gelu_tests::from_bits;

template <int Order, class Form>
void evaluate(const std::vector<double>& x, std::vector<double>& y, const Form& form) {
    y.resize(x.size());
    if constexpr (Order == 0)
        gelu::forward(x, y, form);
    else if constexpr (Order == 1)
        gelu::derivative(x, y, form);
    else
        gelu::second_derivative(x, y, form);
}

// Where results round to zero, and the root of an order (of none: 0).
double end_of(gelu::erf_form, int order) { return 38.58 + 0.1 * order; }
double end_of(gelu::tanh_form form, int order) {
    double t = 500;
    while (1.6 * t * (1 + form.cubic * t * t) > 745) t *= 0.999;
    return t * (1.002 + 0.003 * order);
}
double end_of(gelu::sigmoid_form form, int order) { return (751.2 + 0.5 * order) / form.slope; }

// Where to look for the root of g', and g'' beyond it.
double root_scale(gelu::erf_form) { return 1; }
double root_scale(gelu::tanh_form) { return 1; }
double root_scale(gelu::sigmoid_form form) { return 1.702 / form.slope; }

template <int Order, class Form>
double root_of(const Form& form) {
    if (Order == 0) return 0;
    double lo = -1.6 * root_scale(form), hi = (Order == 1 ? -0.5 : -1.0) * root_scale(form);
    const bool low = oracle::exact<Order>(lo, form).is_negative();
    for (int k = 0; k < 60; ++k) {
        const double middle = 0.5 * (lo + hi);
        (oracle::exact<Order>(middle, form).is_negative() == low ? lo : hi) = middle;
    }
    return lo;
}

struct point {
    double error, x;
};

// Keeps the worst of many points, of both tiers.
template <int Order, class Form>
class search {
public:
    search(const Form& form, std::uint64_t seed)
        : form_(form), near_zero_(Order > 0 && form != Form{}), random_(seed) {}

    void sample(std::size_t count) {
        const double end = end_of(form_, Order), root = root_of<Order>(form_);
        std::vector<double> x;
        for (std::size_t i = 0; i < count; ++i) {
            const double u = unit();
            switch (i % 10) {
                case 0:  // the tail
                    x.push_back(-end * u);
                    break;
                case 1:  // subnormal results and the first zeros
                    x.push_back(-end * (1.005 - 0.04 * u));
                    break;
                case 2:
                    x.push_back(10 * u - 5);
                    break;
                case 3:
                    x.push_back(end * u);
                    break;
                case 4:  // every distance from zero
                    x.push_back(-std::ldexp(u, -int(random_() % 1074)));
                    break;
                case 5:
                    x.push_back(std::ldexp(u, -int(random_() % 60)));
                    break;
                case 6:  // every distance from the root
                case 7:
                    x.push_back(root + std::ldexp(u - 0.5, -int(random_() % 53)));
                    break;
                case 8:  // neighbours of short numbers, where segments begin
                    x.push_back(-std::ldexp(std::nearbyint(end * u * 64) / 64, 0) *
                                (1 + double(int(random_() % 9) - 4) * 0x1p-52));
                    break;
                default:
                    x.push_back(from_bits<double>(random_()));
            }
        }
        add(x);
    }

    // Around each of the worst points, at distances of every scale: where an error peaks the
    // arithmetic that makes it (a segment's end, a reduction by half a step) is shared by the
    // neighbours, which differ in how their roundings add up.
    void refine(std::size_t count) {
        std::vector<double> x;
        for (const auto& worst : worst_)
            for (const point& p : worst)
                for (std::size_t i = 0; i < count / (2 * worst.size()); ++i)
                    x.push_back(p.x * (1 + std::ldexp(unit() - 0.5, -4 - int(random_() % 44))));
        add(x);
    }

    const point& worst(bool fast) const { return worst_[fast].front(); }
    double wrong_sign() const { return wrong_sign_; }

private:
    double unit() { return double(random_() >> 11) * 0x1p-53; }

    void add(const std::vector<double>& x) {
        evaluate<Order>(x, y_[0], form_);
        evaluate<Order>(x, y_[1], gelu::fast<Form>{form_});
        for (std::size_t i = 0; i < x.size(); ++i) {
            const oracle::real exact = oracle::exact<Order>(x[i], form_);
            for (const bool fast : {false, true}) {
                const double y = y_[fast][i];
                const double error = near_zero_ || (fast && Order > 0)
                                         ? oracle::ulp_error_near_roots_floored(y, exact, x[i])
                                         : oracle::ulp_error(y, exact);
                if (Order == 0 && !oracle::sign_matches(y, exact)) wrong_sign_ = x[i];
                worst_[fast].push_back(
                    {std::isnan(error) ? std::numeric_limits<double>::infinity() : error, x[i]});
            }
        }
        for (auto& worst : worst_) {
            std::sort(worst.begin(), worst.end(),
                      [](const point& a, const point& b) { return a.error > b.error; });
            if (worst.size() > 32) worst.resize(32);
        }
    }

    Form form_;
    bool near_zero_;  // counts the spacing of 2^-4 at least, for |x| < 2
    std::mt19937_64 random_;
    std::vector<double> y_[2];
    std::vector<point> worst_[2];
    double wrong_sign_ = 0;
};

template <int Order, class Form>
void check_order(const char* name, const Form& form, std::size_t count) {
    const std::uint64_t seed = std::random_device{}();
    const unsigned threads = std::max(1u, std::thread::hardware_concurrency());
    std::vector<search<Order, Form>> searches;
    for (unsigned k = 0; k < threads; ++k) searches.emplace_back(form, seed + k);
    std::vector<std::thread> pool;
    const std::size_t share = count / threads + 1;
    for (auto& s : searches)
        pool.emplace_back([&s, share] {
            for (std::size_t done = 0; done < share / 2; done += 4000)
                s.sample(std::min<std::size_t>(4000, share / 2));
            for (std::size_t done = 0; done < share / 2; done += 4000)
                s.refine(std::min<std::size_t>(4000, share / 2));
        });
    for (auto& t : pool) t.join();
    for (const bool fast : {false, true}) {
        point worst{};
        for (const auto& s : searches) {
            CAPTURE(name, Order, seed, s.wrong_sign());
            CHECK(s.wrong_sign() == 0);
            if (s.worst(fast).error > worst.error) worst = s.worst(fast);
        }
        std::printf("double %-16s order %d %s: %.4f ULP at %a, %zu points, seed %llu\n", name,
                    Order, fast ? "fast   " : "precise", worst.error, worst.x,
                    share / 2 * 2 * threads, static_cast<unsigned long long>(seed));
        std::fflush(stdout);
        CAPTURE(name, Order, fast, seed, worst.x);
        CHECK(worst.error <= (fast ? gelu::max_ulp<double, Order>(gelu::fast<Form>{form})
                                   : gelu::max_ulp<double, Order>(form)));
    }
}

template <class Form>
void check(const char* name, const Form& form, std::size_t count) {
    check_order<0>(name, form, count);
    check_order<1>(name, form, count);
    check_order<2>(name, form, count);
}

void check_all(std::size_t count) {
    check("erf", gelu::erf_form{}, count);
    check("tanh", gelu::tanh_form{}, count);
    check("sigmoid", gelu::sigmoid_form{}, count);
}

// The ends of what the bounds hold for, and what people fit.
void check_other_constants(std::size_t count) {
    for (const double cubic : {0.01, 0.0443829, 0.1})
        check(("tanh " + std::to_string(cubic)).c_str(), gelu::tanh_form{cubic}, count);
    for (const double slope : {0.5, 0.9999, 1.0, 1.7729340, 4.0})
        check(("sigmoid " + std::to_string(slope)).c_str(), gelu::sigmoid_form{slope}, count);
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
    check_all(6000);
    check_other_constants(3000);
}

TEST_CASE("double is within its bounds at ten million points per function", "[.long]") {
    check_all(10000000);
    check_other_constants(1000000);
}
