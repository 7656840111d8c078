// What is counted: errors by region of x, a histogram of the signed errors, wrong special values.
#ifndef TESTS_ULP_REPORT_HPP
#define TESTS_ULP_REPORT_HPP

#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

namespace ulp {

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
    all,
    regions
};
inline const char* name(region r) {
    constexpr const char* names[] = {
        "x >= 0",    "[-1,0)",   "[-2,-1)",          "[-3,-2)",
        "[-5.5,-3)", "x < -5.5", "subnormal result", "abs(x-root) < 2^-10",
        "all"};
    return names[r];
}
inline region range_of(double x) {
    return x >= 0      ? positive
           : x >= -1   ? unit
           : x >= -2   ? to_2
           : x >= -3   ? to_3
           : x >= -5.5 ? to_5_5
                       : tail;
}

/// A result and its error, in ULP and signed: infinite where the result is NaN or infinite.
struct outcome {
    double x, got, exact, error;
    bool rounded, subnormal, near_root;
};

struct tally {
    std::uint64_t count = 0, not_rounded = 0;
    double worst = -1;
    double at = 0, got = 0, exact = 0;

    void add(const outcome& o) {
        ++count;
        not_rounded += !o.rounded;
        const double size = std::fabs(o.error);
        if (size > worst) worst = size, at = o.x, got = o.got, exact = o.exact;
    }
    void merge(const tally& o) {
        count += o.count;
        not_rounded += o.not_rounded;
        if (o.worst > worst) worst = o.worst, at = o.at, got = o.got, exact = o.exact;
    }
};

struct violation {
    double at = 0, got = 0;
    const char* what = "";
};

class report {
public:
    static constexpr std::size_t bins_per_ulp = 8;
    static constexpr int half_range = 16;  // ULP; the first and the last bin are open
    static constexpr std::size_t bins = 2 * bins_per_ulp * std::size_t(half_range) + 2;
    using histogram = std::array<std::uint64_t, bins>;

    void add(region range, const outcome& o) {
        cell_[range + ranges * (std::size_t(o.subnormal) + 2 * std::size_t(o.near_root))].add(o);
        constexpr double limit = half_range;
        const std::size_t bin = o.error < -limit ? 0
                                : o.error < limit
                                    ? 1 + std::size_t((o.error + limit) * bins_per_ulp)
                                    : bins - 1;
        ++histogram_[range][bin];
        if (std::isinf(o.error)) add(violation{o.x, o.got, "not finite for a finite input"});
    }
    void add(const violation& v) {
        ++violations_;
        if (examples_.size() < 8) examples_.push_back(v);
    }
    void add_special() { ++special_inputs_; }
    void add_different_bits(std::uint64_t n) { different_bits_ += n; }

    void merge(const report& o) {
        for (std::size_t c = 0; c < cell_.size(); ++c) cell_[c].merge(o.cell_[c]);
        for (std::size_t r = 0; r < ranges; ++r)
            for (std::size_t b = 0; b < bins; ++b) histogram_[r][b] += o.histogram_[r][b];
        special_inputs_ += o.special_inputs_;
        different_bits_ += o.different_bits_;
        violations_ += o.violations_;
        for (const violation& v : o.examples_)
            if (examples_.size() < 8) examples_.push_back(v);
    }

    tally total(region wanted = all) const {
        tally t;
        for (std::size_t c = 0; c < cell_.size(); ++c)
            if (wanted == all || (wanted == subnormal && (c / ranges & 1)) ||
                (wanted == near_root && (c / ranges & 2)) || c % ranges == std::size_t(wanted))
                t.merge(cell_[c]);
        return t;
    }
    histogram errors() const {
        histogram h{};
        for (const histogram& of_range : histogram_)
            for (std::size_t b = 0; b < bins; ++b) h[b] += of_range[b];
        return h;
    }
    std::uint64_t special_inputs() const { return special_inputs_; }
    std::uint64_t different_bits() const { return different_bits_; }
    std::uint64_t violations() const { return violations_; }
    const std::vector<violation>& examples() const { return examples_; }

    bool within(double bound) const {
        return total().worst <= bound && violations_ == 0 && different_bits_ == 0;
    }

private:
    // One cell per range and combination of the overlapping regions.
    std::array<tally, ranges * std::size_t(4)> cell_{};
    std::array<histogram, ranges> histogram_{};
    std::uint64_t special_inputs_ = 0, violations_ = 0, different_bits_ = 0;
    std::vector<violation> examples_;
};

}  // namespace ulp

#endif
