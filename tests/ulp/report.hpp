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
};

struct tally {
    std::uint64_t count = 0, not_rounded = 0;
    double worst = -1;
    double at = 0, got = 0, exact = 0;

    void note(const outcome& o) {
        const double size = std::fabs(o.error);
        if (is_worse(size, o.x)) worst = size, at = o.x, got = o.got, exact = o.exact;
    }
    void merge(const tally& o) {
        count += o.count;
        not_rounded += o.not_rounded;
        if (is_worse(o.worst, o.at)) worst = o.worst, at = o.at, got = o.got, exact = o.exact;
    }
    // Of equal errors the one with the least x, in whatever order threads find them.
    bool is_worse(double size, double x) const { return size > worst || (size == worst && x < at); }
};

struct violation {
    double at = 0, got = 0;
    const char* what = "";
};

class report {
public:
    // Bin center holds exact results; center + k and center - k those that are off by more than
    // (k - 1)/8 and at most k/8 ULP, the outermost ones everything beyond 16 ULP.
    static constexpr std::size_t bins_per_ulp = 8, half_range = 16;
    static constexpr std::size_t center = bins_per_ulp * half_range + 1, bins = 2 * center + 1;
    using histogram = std::array<std::uint64_t, bins>;

    /// Which bin and which cell a result belongs to, in one number: the sum of a cell and a bin.
    using key = std::uint64_t;
    static key cell_key(region range, bool near_root) {
        return (std::size_t(range) * 8 + std::size_t(near_root) * 4) * bins;
    }
    static constexpr key not_rounded_key = bins, subnormal_key = 2 * bins;
    /// For what is not to be counted.
    static constexpr key nowhere = ranges * std::size_t(8) * bins;

    void add(key k, const outcome& o) {
        ++counts_[0][std::size_t(k)];
        worst_[std::size_t(k) / bins].note(o);
    }
    /// The same for a block of results; outcome_at(i) gives one of them.
    template <class OutcomeAt>
    void add(const key* keys, const double* errors, std::size_t n, const OutcomeAt& outcome_at) {
        for (std::size_t i = 0; i < n; ++i) {
            const auto k = std::size_t(keys[i]);
            ++counts_[i & 1][k];  // two, since most results fall into few bins
            tally& t = worst_[k / bins];
            if (std::fabs(errors[i]) > t.worst) t.note(outcome_at(i));
        }
    }

    void add(const violation& v) {
        ++violations_;
        if (examples_.size() < 8) examples_.push_back(v);
    }
    void add_special() { ++special_inputs_; }
    void add_different_bits(std::uint64_t n) { different_bits_ += n; }

    void merge(const report& o) {
        for (int half : {0, 1})
            for (std::size_t k = 0; k < counts_[half].size(); ++k)
                counts_[half][k] += o.counts_[half][k];
        for (std::size_t c = 0; c < worst_.size(); ++c) worst_[c].merge(o.worst_[c]);
        special_inputs_ += o.special_inputs_;
        different_bits_ += o.different_bits_;
        violations_ += o.violations_;
        for (const violation& v : o.examples_)
            if (examples_.size() < 8) examples_.push_back(v);
    }

    tally total(region wanted = all) const {
        tally t;
        for (std::size_t c = 0; c < ranges * std::size_t(8); ++c) {
            if (!(wanted == all || (wanted == subnormal && (c & 2)) ||
                  (wanted == near_root && (c & 4)) || c / 8 == std::size_t(wanted)))
                continue;
            tally of_cell = worst_[c];
            for (std::size_t b = 0; b < bins; ++b) of_cell.count += count(c * bins + b);
            if (c & 1) of_cell.not_rounded = of_cell.count;
            t.merge(of_cell);
        }
        return t;
    }
    histogram errors() const {
        histogram h{};
        for (key k = 0; k < nowhere; ++k) h[k % bins] += count(k);
        return h;
    }
    std::uint64_t special_inputs() const { return special_inputs_; }
    std::uint64_t different_bits() const { return different_bits_; }
    std::uint64_t violations() const { return violations_; }
    const std::vector<violation>& examples() const { return examples_; }

private:
    std::uint64_t count(key k) const {
        return counts_[0][std::size_t(k)] + counts_[1][std::size_t(k)];
    }

    // A cell for every range and every combination of near a root, subnormal and not rounded, and
    // those of nowhere.
    std::vector<std::uint64_t> counts_[2] = {std::vector<std::uint64_t>(nowhere + 4 * bins),
                                             std::vector<std::uint64_t>(nowhere + 4 * bins)};
    std::array<tally, ranges * std::size_t(8) + 4> worst_{};
    std::uint64_t special_inputs_ = 0, violations_ = 0, different_bits_ = 0;
    std::vector<violation> examples_;
};

}  // namespace ulp

#endif
