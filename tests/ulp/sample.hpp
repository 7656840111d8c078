// Measures the double functions against MPFR, at sampled points and by a local search from the
// worst of them. Link with -lmpfr -lgmp.
#ifndef TESTS_ULP_SAMPLE_HPP
#define TESTS_ULP_SAMPLE_HPP

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <random>
#include <utility>
#include <vector>

#include "oracle/mpfr_oracle.hpp"
#include "ulp/report.hpp"
#include "ulp/subject.hpp"
#include "ulp/sweep.hpp"

namespace ulp {

struct sample_plan {
    std::uint64_t samples = 100000, seed = 0;
    unsigned search = 0;  // rounds
    unsigned threads = 1;
    bool compare_bits = false;
    std::function<void(double)> progress;
};

namespace detail {

inline oracle::real exact(const oracle::function& f, int order, double x) {
    const auto of = [&](auto form) {
        return order == 0   ? oracle::exact<0>(x, form)
               : order == 1 ? oracle::exact<1>(x, form)
                            : oracle::exact<2>(x, form);
    };
    switch (f.form) {
        case oracle::kind::erf:
            return of(gelu::erf_form{});
        case oracle::kind::tanh:
            return of(gelu::tanh_form{f.constant});
        default:
            return of(gelu::sigmoid_form{f.constant});
    }
}

// The doubles next to the roots of an order: the float's, refined by MPFR.
inline std::vector<double> double_roots(const oracle::function& f, int order) {
    std::vector<double> found = roots(f, order);
    for (double& root : found) {
        double lo = root - 0x1p-20, hi = root + 0x1p-20;
        const bool low = exact(f, order, lo).is_negative();
        for (int k = 0; k < 60; ++k) {
            const double mid = 0.5 * (lo + hi);
            (exact(f, order, mid).is_negative() == low ? lo : hi) = mid;
        }
        root = lo;
    }
    return found;
}

// Where x has its last result above zero: the tail to sample.
inline double end_of_tail(const oracle::function& f) {
    double lo = -3000, hi = 0;
    for (int k = 0; k < 60; ++k) {
        const double mid = 0.5 * (lo + hi);
        (exact(f, 0, mid).to_double() == 0 ? lo : hi) = mid;
    }
    return lo;
}

// Points of all kinds side by side: ordinary ones, the tail, its subnormal results, every
// distance from the roots and from zero, any bit pattern, runs of neighbours.
class double_points {
public:
    double_points(const oracle::function& f, std::uint64_t seed)
        : end_(end_of_tail(f)), seed_(seed) {
        for (const int order : {1, 2})
            for (const double root : double_roots(f, order)) roots_.push_back(root);
    }

    void fill(std::uint64_t step, std::vector<double>& x) const {
        std::seed_seq sequence{seed_ & 0xffffffffu, seed_ >> 32, step & 0xffffffffu, step >> 32};
        std::mt19937_64 random(sequence);
        std::normal_distribution<double> normal;
        std::uniform_real_distribution<double> unit;
        double run = 0;
        for (double& v : x) {
            switch (random() % 10) {
                case 0:
                    v = normal(random);
                    break;
                case 1:
                    v = run = 4 * normal(random);
                    break;
                case 2:
                    v = run = std::nextafter(run, std::numeric_limits<double>::infinity());
                    break;
                case 3:
                    v = -8 * unit(random);
                    break;
                case 4:
                    v = end_ * unit(random);
                    break;
                case 5:
                    v = end_ * (1 - 0.06 * unit(random));
                    break;
                case 6:
                case 7: {
                    const double root = roots_[random() % roots_.size()];
                    const double away = std::ldexp(normal(random), -int(random() % 53));
                    v = root + away;
                    break;
                }
                case 8:
                    v = std::ldexp(normal(random), -int(random() % 80));
                    break;
                default:
                    v = copy_bits<double>(std::uint64_t(random()));
            }
        }
    }

    bool near_root(double x) const {
        for (const double root : roots_)
            if (std::fabs(x - root) < 0x1p-10) return true;
        return false;
    }

private:
    double end_;
    std::uint64_t seed_;
    std::vector<double> roots_;
};

struct judged {
    outcome result;
    report::key key;
};

inline judged judge(const subject<double>& s, double x, bool near_root, double grad, double got,
                    const oracle::real& value) {
    constexpr oracle::format format = oracle::format_of<double>::value;
    const int floor = s.floored() && std::fabs(x) < 2 ? -4 : std::numeric_limits<int>::min();
    const bool product = s.what == verb::backward;
    const oracle::real y = product ? oracle::real(grad) * value : value;
    const oracle::real d = oracle::real(got) - y;
    const double ulp = oracle::ulp_error(got, y, format);  // infinite where got is not finite
    double error = 0;
    if (!product) {
        error = oracle::ulp_error(got, y, format, floor);
    } else if (ulp > 0.5) {
        // In ULP of the derivative, after the half ULP that rounding the product may cost.
        const oracle::real half = oracle::power_of_two(oracle::spacing_exponent(y, format) - 1);
        oracle::real unit = oracle::abs(oracle::real(grad)) *
                            oracle::power_of_two(oracle::spacing_exponent(value, format, floor));
        const oracle::real least = oracle::power_of_two(format.min_exponent - format.digits);
        if ((least - unit).to_double() > 0) unit = least;
        error = std::isfinite(got) ? ((oracle::abs(d) - half) / unit).to_double() : ulp;
    }
    judged j;
    j.result = {x, got, y.to_double(), magnitude(error)};
    j.key = report::cell_key(range_of(x), near_root) +
            key_of(j.result.error, d.is_negative(), ulp > 0.5,
                   std::fabs(j.result.exact) < std::numeric_limits<double>::min());
    return j;
}

// The worst points of a function.
class worst_points {
public:
    static constexpr std::size_t kept = 32;

    void note(double error, double x) {
        const point p{-std::fabs(error), x};
        if (last_ < p) return;
        points_.push_back(p);
        if (points_.size() == 4 * kept) trim();
    }
    void merge(const worst_points& o) {
        points_.insert(points_.end(), o.points_.begin(), o.points_.end());
        trim();
    }
    /// After a merge.
    void add_to(std::vector<double>& x) const {
        for (const point& p : points_) x.push_back(p.second);
    }

private:
    using point = std::pair<double, double>;  // by error, the largest first, and x

    void trim() {
        std::sort(points_.begin(), points_.end());
        points_.erase(std::unique(points_.begin(), points_.end()), points_.end());
        if (points_.size() < kept) return;
        points_.resize(kept);
        last_ = points_.back();
    }
    std::vector<point> points_;
    point last_{1, 0};  // what is not before it does not belong
};

// The subjects' results at the points x, each counted in its report.
inline void measure(const std::vector<subject<double>>& subjects, const double_points& points,
                    const std::vector<double>& x, bool with_bits, std::vector<report>& reports,
                    std::vector<worst_points>& worst) {
    const oracle::function form = subjects.front().form;
    const std::size_t n = x.size();
    bool wanted[3] = {};
    for (const subject<double>& s : subjects) wanted[order(s.what)] = true;
    std::vector<double> grads(n), again(n);
    std::vector<std::vector<double>> out(subjects.size(), x);
    for (std::size_t i = 0; i < n; ++i)
        grads[i] = (i % 2 ? 1 : -1) * std::ldexp(1 + double(i) / double(n), int(i % 16) - 8);
    for (std::size_t k = 0; k < subjects.size(); ++k) {
        const subject<double>& s = subjects[k];
        s.call(grads.data(), x.data(), out[k].data(), n, form);
        if (with_bits)
            compare_bits(s, grads.data(), x.data(), out[k].data(), again.data(), n, reports[k]);
    }
    for (std::size_t i = 0; i < n; ++i) {
        const bool finite = std::isfinite(x[i]), near = points.near_root(x[i]);
        oracle::real value[3];
        for (int o = 0; o < 3; ++o)
            if (wanted[o] && finite) value[o] = exact(form, o, x[i]);
        for (std::size_t k = 0; k < subjects.size(); ++k) {
            const subject<double>& s = subjects[k];
            report& r = reports[k];
            const double got = out[k][i];
            if (!finite) {
                check_special(s, x[i], grads[i], got, r);
                continue;
            }
            const judged j = judge(s, x[i], near, grads[i], got, value[order(s.what)]);
            r.add(j.key, j.result);
            worst[k].note(j.result.error, x[i]);
            if (s.what == verb::forward && std::signbit(x[i]) != std::signbit(got) &&
                !std::isnan(got))
                r.add({x[i], got, "the sign of x is lost"});
        }
    }
}

// Where a round of the search begins: the worst points of every subject, and the worst of each of
// its regions.
inline std::vector<double> starting_points(const std::vector<report>& reports,
                                           const std::vector<std::vector<worst_points>>& worst) {
    std::vector<double> found;
    for (std::size_t k = 0; k < reports.size(); ++k) {
        worst_points of_all;
        for (const auto& of_thread : worst) of_all.merge(of_thread[k]);
        of_all.add_to(found);
    }
    for (const report& r : reports)
        for (int k = 0; k < all; ++k)
            if (const tally t = r.total(region(k)); t.count > 0) found.push_back(t.at);
    std::sort(found.begin(), found.end());
    found.erase(std::unique(found.begin(), found.end()), found.end());
    return found;
}

// Points at every relative distance from one, and a run of its neighbours: where an error peaks,
// those close by share the arithmetic that makes it and differ in how their roundings add up.
inline void fill_around(double point, std::uint64_t seed, unsigned round, std::vector<double>& x) {
    const auto bits = copy_bits<std::uint64_t>(point);
    std::seed_seq sequence{seed & 0xffffffffu, seed >> 32, bits & 0xffffffffu, bits >> 32,
                           std::uint64_t{round}};
    std::mt19937_64 random(sequence);
    std::uniform_real_distribution<double> within(-1, 1);
    const auto away = [&](int exponent) {
        return point * (1 + std::ldexp(within(random), exponent));
    };
    const std::size_t run = x.size() - x.size() / 4;
    for (std::size_t i = 0; i < run; ++i) x[i] = away(-4 - int(random() % 49));
    x[run] = away(-48);
    for (std::size_t i = run + 1; i < x.size(); ++i)
        x[i] = std::nextafter(x[i - 1], std::numeric_limits<double>::infinity());
}

}  // namespace detail

/// Runs the subjects, all of one form and constant, at plan.samples points and at those of a local
/// search; one report each. Every round of the search tries points around the worst ones so far of
/// every subject, and around the worst of each of its regions.
inline std::vector<report> sample(const std::vector<subject<double>>& subjects,
                                  const sample_plan& plan) {
    using namespace detail;
    constexpr std::size_t size = 509, around = 31;
    const double_points points(subjects.front().form, plan.seed);
    const auto a_round =
        double(subjects.size() * (worst_points::kept + all) * around);  // points, at most
    const double total = double(plan.samples) + plan.search * a_round;
    double done = 0;
    std::vector<std::vector<report>> reports(plan.threads, std::vector<report>(subjects.size()));
    std::vector<std::vector<worst_points>> worst(plan.threads,
                                                 std::vector<worst_points>(subjects.size()));
    const auto run = [&](std::uint64_t steps, std::size_t n, double share, const auto& fill) {
        std::function<void(double)> progress;
        if (plan.progress)
            progress = [&](double part) { plan.progress((done + part * share) / total); };
        run_steps(steps, plan.threads, progress, [&](unsigned thread, std::uint64_t step) {
            std::vector<double> x(n);
            fill(step, x);
            measure(subjects, points, x, plan.compare_bits, reports[thread], worst[thread]);
        });
        done += share;
    };
    run((plan.samples + size - 1) / size, size, double(plan.samples),
        [&](std::uint64_t step, std::vector<double>& x) { points.fill(step, x); });
    for (unsigned round = 0; round < plan.search; ++round) {
        const std::vector<double> starts = starting_points(merged(reports), worst);
        run(starts.size(), around, a_round, [&](std::uint64_t step, std::vector<double>& x) {
            fill_around(starts[std::size_t(step)], plan.seed, round, x);
        });
    }
    return merged(reports);
}

}  // namespace ulp

#endif
