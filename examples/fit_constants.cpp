// Where do the constants 0.044715 and 1.702 come from? Fits both forms of the GELU in the ways that
// have been published, and compares every figure with the published one.
//
//   example_fit_constants [--csv FILE]
//
// --csv writes the error curves that plot_fit.py draws. Exits with 1 if a figure disagrees.
//
// The two inner functions: tanh(sqrt(2/pi) (x + a x^3)) and 2 sigma(a x) - 1 stand for
// erf(x/sqrt 2), and x/2 (1 + either) for the GELU x/2 (1 + erf(x/sqrt 2)).
#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <functional>
#include <gelu/gelu.hpp>
#include <stdexcept>
#include <string>
#include <unsupported/Eigen/NonLinearOptimization>
#include <utility>
#include <vector>

namespace {

using Eigen::ArrayXd;
using Eigen::MatrixXd;
using Eigen::VectorXd;

const double pi = std::acos(-1.0), root_2_pi = std::sqrt(2 / pi);

double exact(double x) { return std::erf(x / std::sqrt(2.0)); }
double by_tanh(double x, double a) { return std::tanh(root_2_pi * (x + a * x * x * x)); }
double by_sigmoid(double x, double a) { return std::tanh(a * x / 2); }  // 2 sigma(v) - 1
double tanh_slope(double x, double a) {                                 // d/da
    const double t = by_tanh(x, a);
    return (1 - t * t) * root_2_pi * x * x * x;
}
double sigmoid_slope(double x, double a) {
    const double t = by_sigmoid(x, a);
    return (1 - t * t) * x / 2;
}

// --- Comparing with what was published -----------------------------------------------------------

int disagreements = 0;

/// Prints a figure beside the published one. They agree if they do to the last published digit, or
/// to six digits: a minimum is flat, and where two searches for it stop is seen behind those.
void compare(const char* what, double ours, const std::string& published) {
    const std::size_t exponent_at = std::min(published.find('e'), published.size());
    const std::string digits = published.substr(0, exponent_at);
    const auto decimals = static_cast<int>(digits.size() - digits.find('.') - 1);
    const int exponent =
        exponent_at < published.size() ? std::stoi(published.substr(exponent_at + 1)) : 0;
    const double unit = std::pow(10.0, exponent - decimals);
    const double theirs = std::stod(published), difference = std::fabs(ours - theirs);
    const bool same = difference <= 0.51 * unit, agrees = same || difference <= 1e-6 * theirs;
    if (!agrees) ++disagreements;
    std::printf("  %-48s %.11g, published %s: %s\n", what, ours, published.c_str(),
                same     ? "agrees"
                : agrees ? "agrees to six digits"
                         : "DISAGREES");
}

/// Where they agree to six digits, ours must be the better of the two minima.
void compare_minimum(const char* what, double ours, double at_published_constant) {
    const bool better = ours <= at_published_constant;
    if (!better) ++disagreements;
    std::printf("  %-48s %.11g, with the published constant %.11g: %s\n", what, ours,
                at_published_constant, better ? "not larger" : "LARGER");
}

// --- Least squares: Eigen's Levenberg-Marquardt --------------------------------------------------

using function = std::function<double(double x, double a)>;

/// weight(x) (model(x, a) - exact(x)) on samples, a the one unknown.
struct residuals {
    using Scalar = double;
    using InputType = VectorXd;
    using ValueType = VectorXd;
    using JacobianType = MatrixXd;
    enum { InputsAtCompileTime = Eigen::Dynamic, ValuesAtCompileTime = Eigen::Dynamic };

    const ArrayXd &x, &weight;
    const function &model, &slope;

    int inputs() const { return 1; }
    int values() const { return static_cast<int>(x.size()); }
    int operator()(const VectorXd& a, VectorXd& residual) const {
        for (Eigen::Index i = 0; i < x.size(); ++i)
            residual[i] = weight[i] * (model(x[i], a[0]) - exact(x[i]));
        return 0;
    }
    int df(const VectorXd& a, MatrixXd& jacobian) const {
        for (Eigen::Index i = 0; i < x.size(); ++i) jacobian(i, 0) = weight[i] * slope(x[i], a[0]);
        return 0;
    }
};

double least_squares(const ArrayXd& x, const ArrayXd& weight, const function& model,
                     const function& slope, double start) {
    residuals r{x, weight, model, slope};
    Eigen::LevenbergMarquardt<residuals> solver(r);
    solver.parameters.xtol = solver.parameters.ftol = 1e-15;
    VectorXd a = VectorXd::Constant(1, start);
    if (solver.minimize(a) <= 0) throw std::runtime_error("Levenberg-Marquardt failed");
    return a[0];
}

double sum_of_squares(const ArrayXd& x, const function& model, double a) {
    double sum = 0;
    for (const double t : x) sum += std::pow(model(t, a) - exact(t), 2);
    return sum;
}

// --- Minimax -------------------------------------------------------------------------------------

constexpr double golden = 0.6180339887498949;

/// The place of the minimum of a function with one minimum in [low, high], by golden section.
template <class F>
double minimum_at(const F& f, double low, double high, double tolerance) {
    double p = high - golden * (high - low), q = low + golden * (high - low);
    double fp = f(p), fq = f(q);
    while (high - low > tolerance) {
        if (fp < fq) {
            high = q;
            q = p, fq = fp;
            p = high - golden * (high - low), fp = f(p);
        } else {
            low = p;
            p = q, fp = fq;
            q = low + golden * (high - low), fq = f(q);
        }
    }
    return (low + high) / 2;
}

/// The largest |e(x)| for 0 <= x <= 8 (all errors here are odd or even): the extrema of a coarse
/// grid, refined where they may be the largest.
template <class F>
double max_error(const F& e) {
    constexpr double step = 1.0 / 32;
    constexpr int n = 8 * 32;
    static std::vector<double> at(n + 1);
    for (int i = 0; i <= n; ++i) at[static_cast<std::size_t>(i)] = std::fabs(e(i * step));
    const double highest = *std::max_element(at.begin(), at.end());
    double result = highest;
    for (std::size_t i = 1; i < n; ++i) {
        if (at[i] < at[i - 1] || at[i] < at[i + 1] || at[i] < 0.9 * highest) continue;
        const double middle = static_cast<double>(i) * step;
        const auto negative = [&](double x) { return -std::fabs(e(x)); };
        // Flat at the extremum: 1e-7 in x is 1e-14 of the value.
        result =
            std::max(result, -negative(minimum_at(negative, middle - step, middle + step, 1e-7)));
    }
    return result;
}

struct minimax {
    double constant, error;
};

/// The constant in [low, high] with the smallest largest error.
template <class F>
minimax smallest_max_error(const F& error, double low, double high) {
    const auto largest = [&](double a) { return max_error([&](double x) { return error(x, a); }); };
    const double a = minimum_at(largest, low, high, 1e-11);
    return {a, largest(a)};
}

// --- The study -----------------------------------------------------------------------------------

/// The mean squared error of a form of the library: any constant can be passed to it.
template <class Form>
double mean_squared_error(const ArrayXd& x, Form form) {
    ArrayXd g(x.size()), approximate(x.size());
    gelu::forward(x, g);
    gelu::forward(x, approximate, form);
    return (approximate - g).square().mean();
}

void write_csv(const std::string& path,
               const std::vector<std::pair<std::string, function>>& curves) {
    std::FILE* file = std::fopen(path.c_str(), "w");
    if (!file) throw std::runtime_error("cannot write " + path);
    std::fprintf(file, "x");
    for (const auto& curve : curves) std::fprintf(file, ",%s", curve.first.c_str());
    std::fprintf(file, "\n");
    for (int i = -120; i <= 120; ++i) {
        const double x = i / 20.0;
        std::fprintf(file, "%g", x);
        for (const auto& curve : curves) std::fprintf(file, ",%.6e", curve.second(x, 0));
        std::fprintf(file, "\n");
    }
    std::fclose(file);
}

void run(const std::string& csv) {
    const ArrayXd x = ArrayXd::LinSpaced(20000, 0, 19999) / 1000 - 10;
    const ArrayXd ones = ArrayXd::Ones(x.size()), half_x = x / 2;

    std::printf("Least squares of erf(x/sqrt 2) on x = -10, -9.999 .. 9.999\n");
    const double tanh_fit = least_squares(x, ones, by_tanh, tanh_slope, 0.04);
    const double sigmoid_fit = least_squares(x, ones, by_sigmoid, sigmoid_slope, 1.5);
    compare("tanh(sqrt(2/pi)(x + a x^3)): a", tanh_fit, "0.04484646");
    compare_minimum("  sum of squares", sum_of_squares(x, by_tanh, tanh_fit),
                    sum_of_squares(x, by_tanh, 0.04484646));
    compare("2 sigma(a x) - 1: a", sigmoid_fit, "1.70099125");
    compare_minimum("  sum of squares", sum_of_squares(x, by_sigmoid, sigmoid_fit),
                    sum_of_squares(x, by_sigmoid, 1.70099125));

    std::printf("\nMean squared error of the GELU on that grid\n");
    compare("tanh form, 0.044715", mean_squared_error(x, gelu::tanh_form{}), "2.4329173471e-08");
    compare("tanh form, refitted", mean_squared_error(x, gelu::tanh_form{tanh_fit}),
            "2.69803451e-08");
    compare("sigmoid form, 1.702", mean_squared_error(x, gelu::sigmoid_form{}), "5.6479106347e-05");
    compare("sigmoid form, refitted", mean_squared_error(x, gelu::sigmoid_form{sigmoid_fit}),
            "5.70424656e-05");
    const double tanh_gelu = least_squares(x, half_x, by_tanh, tanh_slope, 0.04);
    const double sigmoid_gelu = least_squares(x, half_x, by_sigmoid, sigmoid_slope, 1.5);
    std::printf(
        "  The refit of erf is the worse GELU. Its error e(x) is that of erf, but the GELU's is\n"
        "  x/2 e(x): least squares of e counts an error at 0.5 as much as one at 2.5, the GELU\n"
        "  counts the latter 25 times. Least squares of x/2 e(x) gives other constants:\n"
        "    tanh form    %.8f, mean squared error %.6e\n"
        "    sigmoid form %.8f, mean squared error %.6e\n",
        tanh_gelu, mean_squared_error(x, gelu::tanh_form{tanh_gelu}), sigmoid_gelu,
        mean_squared_error(x, gelu::sigmoid_form{sigmoid_gelu}));

    std::printf("\nLocal fits\n");
    // atanh(erf(x/sqrt 2)) = sqrt(2/pi) (x + (2/(3 pi) - 1/6) x^3 + ...)
    compare("third-order Taylor match at 0: (4 - pi)/(6 pi)", (4 - pi) / (6 * pi), "0.04553992412");
    compare("0.044715 expanded: coefficient of x", root_2_pi, "0.797885");
    compare("0.044715 expanded: coefficient of x^3", root_2_pi * 0.044715, "0.035677");
    const ArrayXd ends = ArrayXd::LinSpaced(20, -1.5, 1.5), inner = ends * (19.0 / 21.0);
    const ArrayXd twenty = ArrayXd::Ones(20);
    std::printf(
        "  20 samples in (-1.5, 1.5), published as 0.04495641, the samples not published:\n"
        "    evenly spaced with both ends        %.8f\n"
        "    evenly spaced inside, without them  %.8f\n",
        least_squares(ends, twenty, by_tanh, tanh_slope, 0.04),
        least_squares(inner, twenty, by_tanh, tanh_slope, 0.04));

    std::printf("\nGlobal fits: the smallest largest error\n");
    const auto of_tanh = [](double t, double a) { return by_tanh(t, a) - exact(t); };
    const auto of_sigmoid = [](double t, double a) { return by_sigmoid(t, a) - exact(t); };
    const auto of_tanh_gelu = [&](double t, double a) { return t / 2 * of_tanh(t, a); };
    const auto of_sigmoid_gelu = [&](double t, double a) { return t / 2 * of_sigmoid(t, a); };

    const auto largest = [](const auto& error, double a) {
        return max_error([&](double t) { return error(t, a); });
    };

    const minimax tanh_best = smallest_max_error(of_tanh, 0.04, 0.05);
    compare("erf by tanh: a", tanh_best.constant, "0.0447149119");
    compare("  largest error", tanh_best.error, "3.578428e-4");
    compare_minimum("  largest error", tanh_best.error, largest(of_tanh, 0.0447149119));
    const minimax sigmoid_best = smallest_max_error(of_sigmoid, 1.6, 1.8);
    compare("erf by 2 sigma - 1: a", sigmoid_best.constant, "1.7017449088");
    compare("  largest error", sigmoid_best.error, "1.8914620e-2");
    compare_minimum("  largest error", sigmoid_best.error, largest(of_sigmoid, 1.7017449088));
    std::printf(
        "  These, rounded, are the 0.044715 and the 1.702 of the papers: minimax fits of erf.\n");

    const minimax tanh_gelu_best = smallest_max_error(of_tanh_gelu, 0.04, 0.05);
    compare("GELU by tanh: a", tanh_gelu_best.constant, "0.0443829");
    compare("  largest error", tanh_gelu_best.error, "3.874188e-4");
    compare("  largest error of 0.044715", largest(of_tanh_gelu, 0.044715), "4.732355e-4");
    const minimax sigmoid_gelu_best = smallest_max_error(of_sigmoid_gelu, 1.6, 1.9);
    compare("GELU by 2 sigma - 1: a", sigmoid_gelu_best.constant, "1.7729340");
    compare("  largest error", sigmoid_gelu_best.error, "1.3922247e-2");
    compare("  largest error of 1.702", largest(of_sigmoid_gelu, 1.702), "2.0334872e-2");

    // Both coefficients of tanh(b x + c x^3) free: for each b the best c, then the best b.
    const auto free_tanh = [](double t, double b, double c) {
        return std::tanh(t * (b + c * t * t)) - exact(t);
    };
    const auto fit_both = [](const auto& error, double& b) {
        const auto best_cubic = [&](double linear) {
            return smallest_max_error([&](double t, double c) { return error(t, linear, c); },
                                      0.033, 0.038);
        };
        b = minimum_at([&](double linear) { return best_cubic(linear).error; }, 0.79, 0.81, 1e-9);
        return best_cubic(b);
    };
    double b = 0;
    const minimax erf_both = fit_both(free_tanh, b);
    compare("erf by tanh(b x + c x^3): b", b, "0.79880144");
    compare("  c", erf_both.constant, "0.03528205");
    compare("  largest error", erf_both.error, "2.806262e-4");
    const auto free_gelu = [&](double t, double linear, double c) {
        return t / 2 * free_tanh(t, linear, c);
    };
    std::printf("  the same constants in the GELU: largest error %.7g\n",
                max_error([&](double t) { return free_gelu(t, b, erf_both.constant); }));
    const minimax gelu_both = fit_both(free_gelu, b);
    std::printf("  GELU by tanh(b x + c x^3): %.8f x + %.8f x^3, largest error %.7g\n", b,
                gelu_both.constant, gelu_both.error);

    if (!csv.empty())
        write_csv(
            csv,
            {{"tanh 0.044715", [&](double t, double) { return of_tanh_gelu(t, 0.044715); }},
             {"tanh minimax of the GELU",
              [&](double t, double) { return of_tanh_gelu(t, tanh_gelu_best.constant); }},
             {"tanh least squares of erf",
              [&](double t, double) { return of_tanh_gelu(t, tanh_fit); }},
             {"tanh both free",
              [&](double t, double) { return free_gelu(t, b, gelu_both.constant); }},
             {"sigmoid 1.702", [&](double t, double) { return of_sigmoid_gelu(t, 1.702); }},
             {"sigmoid minimax of the GELU",
              [&](double t, double) { return of_sigmoid_gelu(t, sigmoid_gelu_best.constant); }},
             {"sigmoid least squares of erf",
              [&](double t, double) { return of_sigmoid_gelu(t, sigmoid_fit); }}});
}

}  // namespace

int main(int argc, char** argv) {
    try {
        std::string csv;
        if (argc == 3 && std::string(argv[1]) == "--csv")
            csv = argv[2];
        else if (argc != 1)
            throw std::runtime_error("usage: example_fit_constants [--csv FILE]");
        run(csv);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 1;
    }
    std::printf("\n%s\n", disagreements == 0 ? "All published figures agree."
                                             : "Some published figures DISAGREE.");
    return disagreements == 0 ? 0 : 1;
}
