// The table of bench/run: errors and throughput of the arrays against the scalar reference.
//
//   gelu_report_<instruction set> [--input NAME]... [--json FILE] [--full] [--revision TEXT]
//
// Errors: the largest seen over the inputs and over evenly spaced floats of the whole range, in ULP
// of float, against the oracle of the tests, which shares no code with the library. Throughput: the
// contenders take turns and the medians are compared, so that a change of the clock rate meets all
// of them. Exits with 1 if an error is above what gelu::max_ulp promises; never because of a time.
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cinttypes>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <exception>
#include <functional>
#include <map>
#include <sstream>
#include <stdexcept>

#include "cases.hpp"
#include "machine.hpp"
#include "oracle/double_oracle.hpp"

namespace {

using namespace bench;

struct options {
    std::vector<std::string> inputs;
    std::string json, revision;
    bool full = false;
};

void progress(const std::string& text) {
    static const bool terminal = isatty(STDERR_FILENO) != 0;
    if (terminal) std::fprintf(stderr, "\r\033[K%s", text.c_str());
}

std::string short_name(const std::string& input) {
    if (input.rfind("file:", 0) != 0) return input == "n02" ? "N(0,2)" : input;
    const std::string file = input.substr(input.find_last_of(":/") + 1);
    return file.substr(0, file.find('.'));
}

// --- Errors --------------------------------------------------------------------------------------

double from_bits(std::uint64_t bits) {
    double value;
    std::memcpy(&value, &bits, sizeof value);
    return value;
}

/// |got - exact| in units of float's spacing at max(|exact|, floor).
double ulp_error(float got, double exact, double floor) {
    const double size = std::max({std::fabs(exact), floor, 0x1p-126});
    std::uint64_t bits;
    std::memcpy(&bits, &size, sizeof bits);
    const double spacing = from_bits(bits & 0x7ff0000000000000) * 0x1p-23;
    const double error = std::fabs(static_cast<double>(got) - exact) / spacing;
    return error <= 1e300 ? error : std::numeric_limits<double>::infinity();  // NaN too
}

struct worst_error {
    double ulp = 0;
    float at = 0;
    void meet(double error, float x) {
        if (error > ulp) {
            ulp = error;
            at = x;
        }
    }
};

/// Largest error of each verb and tier, by "verb/tier".
using errors = std::map<std::string, worst_error>;

constexpr std::size_t block = 16384;

/// Adds one block of finite floats to the errors of a form.
template <class FormCase, class Verbs>
void add_errors(const std::vector<float>& x, Verbs rows, errors& all) {
    static const std::vector<float> ones(block, 1.0f);
    static std::vector<float> out(block), slope(block);
    static std::array<std::vector<double>, 3> exact{
        std::vector<double>(block), std::vector<double>(block), std::vector<double>(block)};

    constexpr auto kind = static_cast<oracle::kind>(FormCase::id);
    static_assert(oracle::kind::erf == static_cast<oracle::kind>(form_id::erf) &&
                  oracle::kind::tanh == static_cast<oracle::kind>(form_id::tanh) &&
                  oracle::kind::sigmoid == static_cast<oracle::kind>(form_id::sigmoid));
    oracle::evaluate(oracle::function{kind, oracle::default_constant(kind)}, x.data(), x.size(),
                     exact[0].data(), exact[1].data(), exact[2].data());
    for_each(rows, [&](auto verb) {
        for_each(tiers{}, [&](auto tier) {
            using Verb = decltype(verb);
            using Tier = decltype(tier);
            // With 1 as the incoming gradient the product of `backward` is exact.
            Verb::simd(arrays<float>{ones.data(), x.data(), out.data(), slope.data(), x.size()},
                       Tier::apply(typename FormCase::form{}));
            worst_error& worst = all[std::string(Verb::name) + '/' + Tier::name];
            const auto compare = [&](const std::vector<float>& got, int order) {
                const auto& wanted = exact[static_cast<std::size_t>(order)];
                const bool absolute = std::is_same<Tier, fast>::value && order > 0;
                for (std::size_t i = 0; i < x.size(); ++i) {
                    // max_ulp: near the roots of g' and g'' the fast tier counts from 2^-4.
                    const double floor = absolute && std::fabs(x[i]) < 2 ? 0x1p-4 : 0;
                    worst.meet(ulp_error(got[i], wanted[i], floor), x[i]);
                }
            };
            const bool both = std::is_same<Verb, forward_with_derivative>::value;
            compare(out, both ? 0 : Verb::order);
            if (both) compare(slope, 1);
        });
    });
}

template <class FormCase, class Verbs>
errors errors_over(const std::vector<float>& values, Verbs rows) {
    errors all;
    std::vector<float> x;
    for (std::size_t begin = 0; begin < values.size(); begin += block) {
        const std::size_t end = std::min(begin + block, values.size());
        x.assign(values.begin() + static_cast<std::ptrdiff_t>(begin),
                 values.begin() + static_cast<std::ptrdiff_t>(end));
        add_errors<FormCase>(x, rows, all);
    }
    return all;
}

/// Over every stride-th float, from +0 through the infinities' neighbours to the negative ones.
template <class FormCase, class Verbs>
errors errors_over_range(std::uint32_t stride, Verbs rows) {
    errors all;
    std::vector<float> x;
    std::uint64_t shown = 0;
    for (std::uint64_t bits = 0; (bits >> 32) == 0; bits += stride) {
        const auto low = static_cast<std::uint32_t>(bits);
        float value;
        std::memcpy(&value, &low, sizeof value);
        if (std::isfinite(value)) x.push_back(value);
        if (x.size() == block || ((bits + stride) >> 32) != 0) {
            add_errors<FormCase>(x, rows, all);
            x.clear();
        }
        if (bits - shown > 1u << 26) {
            shown = bits;
            progress("errors of the " + std::string(FormCase::name) +
                     " form over all floats: " + std::to_string((100 * bits) >> 32) + " %");
        }
    }
    return all;
}

// --- Throughput ----------------------------------------------------------------------------------

/// Nanoseconds of CPU time per element.
struct timing {
    double median, lower_quartile, upper_quartile;
};

std::vector<timing> race(const std::vector<std::function<void()>>& contenders, std::size_t n,
                         std::size_t rounds) {
    const auto clocked = [](const std::function<void()>& run, std::size_t times) {
        const std::clock_t start = std::clock();
        for (std::size_t i = 0; i < times; ++i) run();
        return static_cast<double>(std::clock() - start) * 1e9 / CLOCKS_PER_SEC;
    };
    constexpr double slice = 2e6;  // of 2 ms, where the clock ticks in microseconds
    std::vector<std::size_t> times;
    for (const auto& run : contenders) {
        std::size_t count = 1;
        for (double spent; (spent = clocked(run, count)) < slice / 4;) count *= 2;
        const double each = clocked(run, count) / static_cast<double>(count);
        times.push_back(std::max<std::size_t>(1, static_cast<std::size_t>(slice / each)));
    }
    std::vector<std::vector<double>> samples(contenders.size());
    for (std::size_t round = 0; round < rounds; ++round)
        for (std::size_t i = 0; i < contenders.size(); ++i) {
            const std::size_t who = (i + round) % contenders.size();
            const double spent = clocked(contenders[who], times[who]);
            samples[who].push_back(spent / static_cast<double>(times[who] * n));
        }
    std::vector<timing> result;
    for (auto& s : samples) {
        std::sort(s.begin(), s.end());
        result.push_back({s[s.size() / 2], s[s.size() / 4], s[s.size() * 3 / 4]});
    }
    return result;
}

// --- Output --------------------------------------------------------------------------------------

class json_object {
public:
    json_object& text(const std::string& key, const std::string& value) {
        std::string quoted;
        for (const char c : value) {
            if (c == '"' || c == '\\') quoted += '\\';
            quoted += static_cast<unsigned char>(c) < ' ' ? ' ' : c;
        }
        return raw(key, '"' + quoted + '"');
    }
    json_object& number(const std::string& key, double value) {
        char digits[40];
        std::snprintf(digits, sizeof digits, "%.9g", value);
        return raw(key, std::isfinite(value) ? digits : "null");
    }
    json_object& raw(const std::string& key, const std::string& value) {
        body_ += (body_.empty() ? "\"" : ", \"") + key + "\": " + value;
        return *this;
    }
    json_object& object(const std::string& key, const json_object& value) {
        return raw(key, value.str());
    }
    json_object& time(const std::string& key, const timing& t) {
        return object(key, json_object()
                               .number("median", t.median)
                               .number("lower_quartile", t.lower_quartile)
                               .number("upper_quartile", t.upper_quartile));
    }
    std::string str() const { return '{' + body_ + '}'; }

private:
    std::string body_;
};

class report {
public:
    explicit report(options o) : options_(std::move(o)) {
        for (const std::string& input : options_.inputs) {
            if (input.rfind("file:", 0) == 0)
                values_.push_back(read_floats(input.substr(5)));
            else
                values_.push_back(make_input<float>(input, std::size_t(1) << 20));
            std::vector<float>& v = values_.back();
            v.erase(std::remove_if(v.begin(), v.end(), [](float x) { return !std::isfinite(x); }),
                    v.end());
        }
    }

    int run() {
        for (const auto& fact : machine_facts()) machine_.text(fact.first, fact.second);
        if (!options_.revision.empty()) machine_.text("revision", options_.revision);
        std::printf("gelu %s, compiled for %s with %s (xsimd %s), on %s\n", GELU_VERSION_STRING,
                    instruction_set().c_str(), compiler().c_str(), xsimd_version().c_str(),
                    cpu_name().c_str());
        if (options_.full) {
            for (const std::size_t n : sizes)
                for_each(element_types{},
                         [&](auto t) { table<typename decltype(t)::element>(n, verbs{}); });
        } else {
            table<float>(in_l2, list<forward, backward>{});
        }
        footnotes();
        if (!options_.json.empty()) write_json();
        if (broken_ != 0)
            std::fprintf(stderr, "gelu_report: errors above max_ulp in %d rows, marked !\n",
                         broken_);
        return broken_ == 0 ? 0 : 1;
    }

private:
    /// Errors are counted for float; the tests measure double against MPFR.
    template <class T>
    static constexpr bool counts_errors = std::is_same<T, float>::value;

    template <class T, class... Verbs>
    void table(std::size_t n, list<Verbs...> rows) {
        std::printf("\n%s, arrays of %zu\n", type_name<T>::value, n);
        constexpr int columns = counts_errors<T> ? 8 : 0;
        std::string first, second;
        if (columns != 0) {
            first = "  max ULP";
            first.resize(static_cast<std::size_t>(columns) * (options_.inputs.size() + 2), ' ');
            second = "promised";
            for (const std::string& input : options_.inputs) second += right(short_name(input), 8);
            second += "     all";
        }
        for (const std::string& input : options_.inputs) {
            first += "  " + centred(short_name(input) + ", M values/s", 22);
            second += "    scalar    SIMD ratio";
        }
        verb_width_ = std::max({std::strlen(Verbs::name)...}) + 2;
        std::printf("%s\n", (left("", verb_width_ + 17) + first).c_str());
        std::printf("%s%-8s%-9s%s\n", left("verb", verb_width_).c_str(), "form", "tier",
                    second.c_str());
        for_each(rows, [&](auto verb) {
            for_each(forms{},
                     [&](auto form) { cases<T, decltype(verb), decltype(form)>(n, rows); });
        });
    }

    template <class T, class Verb, class FormCase, class Verbs>
    void cases(std::size_t n, Verbs rows) {
        const typename FormCase::form form{};
        const std::string what = std::string(Verb::name) + ", " + FormCase::name;

        // The tiers, the scalar reference and a copy take turns.
        std::vector<std::vector<timing>> times;
        for (const std::string& input : options_.inputs) {
            progress(what + ": throughput on " + short_name(input));
            const arrays<T> a = prepare<T>(input, n, FormCase::id, Verb::order);
            std::vector<std::function<void()>> contenders;
            for_each(tiers{}, [&](auto tier) {
                contenders.push_back([=] { Verb::simd(a, tier.apply(form)); });
            });
            contenders.push_back([=] { Verb::scalar(a, form); });
            contenders.push_back([=] {
                std::memcpy(a.out, a.in, a.n * sizeof(T));
                copied(a.out);
            });
            times.push_back(race(contenders, n, n > in_l2 ? 5 : 15));
        }
        std::size_t tier_index = 0;
        for_each(tiers{}, [&](auto tier) {
            row<T, Verb, FormCase, decltype(tier)>(n, times, tier_index++, rows);
        });
    }

    template <class T, class Verb, class FormCase, class Tier, class Verbs>
    void row(std::size_t n, const std::vector<std::vector<timing>>& times, std::size_t tier_index,
             Verbs rows) {
        json_object out;
        out.text("verb", Verb::name).text("form", FormCase::name).text("tier", Tier::name);
        out.text("type", type_name<T>::value).number("n", static_cast<double>(n));
        std::string line =
            left(Verb::name, verb_width_) + left(FormCase::name, 8) + left(Tier::name, 9);
        if constexpr (counts_errors<T>) {
            const auto form = Tier::apply(typename FormCase::form{});
            const double promised = std::max(gelu::max_ulp<float, Verb::order>(form),
                                             std::is_same<Verb, forward_with_derivative>::value
                                                 ? gelu::max_ulp<float, 0>(form)
                                                 : 0.0);
            line += right(fixed(promised, 1), 8);
            json_object measured;
            bool broken = false;
            const auto& found = errors_of<FormCase>(rows);
            for (std::size_t i = 0; i < found.size(); ++i) {
                const worst_error& worst = found[i].at(std::string(Verb::name) + '/' + Tier::name);
                const bool over = !(worst.ulp <= promised);
                broken = broken || over;
                line += right(fixed(worst.ulp, 3) + (over ? "!" : ""), 8);
                measured.object(i < values_.size() ? short_name(options_.inputs[i]) : "all floats",
                                json_object()
                                    .number("ulp", worst.ulp)
                                    .number("at", static_cast<double>(worst.at)));
            }
            broken_ += broken;
            out.number("promised_ulp", promised).object("max_ulp", measured);
        }
        json_object speeds;
        for (std::size_t i = 0; i < times.size(); ++i) {
            const std::vector<timing>& t = times[i];
            const timing &simd = t[tier_index], &scalar = t[t.size() - 2], &copy = t.back();
            const double ratio = scalar.median / simd.median;
            line += right(fixed(1e3 / scalar.median, 1), 10) +
                    right(fixed(1e3 / simd.median, 0), 8) + right(fixed(ratio, 1), 6);
            speeds.object(short_name(options_.inputs[i]), json_object()
                                                              .time("simd_ns", simd)
                                                              .time("scalar_ns", scalar)
                                                              .time("memcpy_ns", copy)
                                                              .number("ratio", ratio));
            copy_.push_back(1e3 / copy.median);
        }
        out.object("throughput", speeds);
        rows_.push_back(out.str());
        progress("");
        std::printf("%s\n", line.c_str());
        std::fflush(stdout);
    }

    /// Per input, then over the range; measured once.
    template <class FormCase, class Verbs>
    const std::vector<errors>& errors_of(Verbs rows) {
        std::vector<errors>& found = errors_[FormCase::name];
        if (found.empty()) {
            for (std::size_t i = 0; i < values_.size(); ++i) {
                progress("errors on " + short_name(options_.inputs[i]));
                found.push_back(errors_over<FormCase>(values_[i], rows));
            }
            found.push_back(errors_over_range<FormCase>(stride(), rows));
        }
        return found;
    }

    void footnotes() const {
        std::printf("\nmax ULP: largest error seen, in units of the last place of float, on");
        for (std::size_t i = 0; i < values_.size(); ++i)
            std::printf("%s %zu values of %s", i == 0 ? "" : ",", values_[i].size(),
                        short_name(options_.inputs[i]).c_str());
        std::printf(
            "\n  and on every %uth float (all), against an independent oracle in double arithmetic;"
            "\n  of backward with an incoming gradient of 1. Correct rounding would be 0.5.\n"
            "Throughput: one thread, median of interleaved rounds, million values a second; ratio "
            "=\n"
            "  SIMD / scalar, the scalar being the library's own reference verbs, one value a "
            "call.\n",
            stride());
        const auto ends = std::minmax_element(copy_.begin(), copy_.end());
        std::printf("  memcpy of the same arrays: %.0f to %.0f.\n", *ends.first, *ends.second);
    }

    void write_json() const {
        std::ofstream file(options_.json);
        json_object settings;
        settings.number("range_stride", stride()).text("time", "CPU time, nanoseconds per value");
        json_object inputs;
        for (std::size_t i = 0; i < values_.size(); ++i)
            inputs.object(short_name(options_.inputs[i]),
                          json_object()
                              .text("source", options_.inputs[i])
                              .number("values", static_cast<double>(values_[i].size())));
        settings.object("inputs", inputs);
        file << "{\"machine\": " << machine_.str() << ",\n \"settings\": " << settings.str()
             << ",\n \"rows\": [";
        for (std::size_t i = 0; i < rows_.size(); ++i) file << (i == 0 ? "\n" : ",\n") << rows_[i];
        file << "]}\n";
        if (!file.flush()) throw std::runtime_error("cannot write " + options_.json);
        std::printf("\nResults as JSON: %s\n", options_.json.c_str());
    }

    template <class T>
    static arrays<T> prepare(const std::string& input, std::size_t n, form_id form, int order) {
        static std::map<std::string, workspace<T>> kept;
        return kept[input].get(input, n, form, order);
    }

    /// Keeps the compiler from dropping the copy.
    static void copied(const void* p) {
        static const void* volatile sink;
        sink = p;
        static_cast<void>(sink);
    }

    std::uint32_t stride() const { return options_.full ? 17 : 257; }

    static std::string left(std::string text, std::size_t width) {
        if (text.size() < width) text.resize(width, ' ');
        return text;
    }
    static std::string right(const std::string& text, std::size_t width) {
        return (text.size() < width ? std::string(width - text.size(), ' ') : " ") + text;
    }
    static std::string centred(const std::string& text, std::size_t width) {
        const std::size_t gap = text.size() < width ? (width - text.size()) / 2 : 0;
        return left(std::string(gap, ' ') + text, width);
    }
    static std::string fixed(double value, int digits) {
        char text[64];
        std::snprintf(text, sizeof text, value < 1e5 ? "%.*f" : "%.*e", digits, value);
        return text;
    }

    options options_;
    std::vector<std::vector<float>> values_;
    std::map<std::string, std::vector<errors>> errors_;
    json_object machine_;
    std::vector<std::string> rows_;
    std::vector<double> copy_;
    std::size_t verb_width_ = 0;
    int broken_ = 0;
};

options parse(int argc, char** argv) {
    options o;
    for (int i = 1; i < argc; ++i) {
        const std::string option = argv[i];
        const auto value = [&]() -> std::string {
            if (i + 1 == argc) throw std::invalid_argument(option + " needs a value");
            return argv[++i];
        };
        if (option == "--input")
            o.inputs.push_back(value());
        else if (option == "--json")
            o.json = value();
        else if (option == "--revision")
            o.revision = value();
        else if (option == "--full")
            o.full = true;
        else
            throw std::invalid_argument(
                "unknown option " + option +
                "; usage: gelu_report [--input NAME]... [--json FILE] [--full] [--revision TEXT]");
    }
    if (o.inputs.empty()) o.inputs = {"n02"};
    return o;
}

}  // namespace

int main(int argc, char** argv) try {
    return report(parse(argc, argv)).run();
} catch (const std::exception& e) {
    std::fprintf(stderr, "gelu_report: %s\n", e.what());
    return 1;
}
