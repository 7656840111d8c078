// The table of bench/run: errors, and throughput of the arrays against the scalar reference.
//
//   gelu_report_<instruction set> [--input NAME]... [--json FILE] [--revision TEXT]
//
// Compiled with GELU_REPORT_FULL=0 for forward and backward in float, with 1 for every verb, type
// and size. Exits with 1 if an error is above what gelu::max_ulp promises; never because of a time.
#include <unistd.h>

#include <cinttypes>
#include <cstdio>
#include <exception>
#include <stdexcept>

#include "cases.hpp"
#include "errors.hpp"
#include "machine.hpp"
#include "race.hpp"

namespace {

using namespace bench;

struct options {
    std::vector<std::string> inputs;
    std::string json, revision;
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

std::string left(std::string text, std::size_t width) {
    if (text.size() < width) text.resize(width, ' ');
    return text;
}
std::string right(const std::string& text, std::size_t width) {
    return (text.size() < width ? std::string(width - text.size(), ' ') : " ") + text;
}
std::string centred(const std::string& text, std::size_t width) {
    const std::size_t gap = text.size() < width ? (width - text.size()) / 2 : 0;
    return left(std::string(gap, ' ') + text, width);
}
std::string fixed(double value, int digits) {
    char text[64];
    if (value < 1e5)
        std::snprintf(text, sizeof text, "%.*f", digits, value);
    else
        std::snprintf(text, sizeof text, "%.1e", value);
    return text;
}

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
    json_object& raw(const std::string& key, const std::string& value) {
        body_ += (body_.empty() ? "\"" : ", \"") + key + "\": " + value;
        return *this;
    }
    std::string body_;
};

/// How many values the errors are counted on. Exact doubles take MPFR, and time.
template <class T>
constexpr std::size_t most_values = sizeof(T) == 8 ? 8192 : std::size_t(1) << 20;
template <class T>
constexpr std::uint64_t range_values = sizeof(T) == 8     ? 8192
                                       : sizeof(T) == 2   ? 65536
                                       : GELU_REPORT_FULL ? std::uint64_t(1) << 28
                                                          : std::uint64_t(1) << 24;

class report {
public:
    explicit report(options o) : options_(std::move(o)) {
        for (const auto& fact : machine_facts()) machine_.text(fact.first, fact.second);
        if (!options_.revision.empty()) machine_.text("revision", options_.revision);
    }

    int run() {
        std::printf("gelu %s, compiled for %s with %s (xsimd %s), on %s\n", GELU_VERSION_STRING,
                    instruction_set().c_str(), compiler().c_str(), xsimd_version().c_str(),
                    cpu_name().c_str());
#if GELU_REPORT_FULL
        for_each(element_types{}, [&](auto t) {
            for (const std::size_t n : sizes) table<typename decltype(t)::element>(n, verbs{});
        });
        for_each(element_types{},
                 [&](auto t) { distributions<typename decltype(t)::element>(in_l2, verbs{}); });
#else
        table<float>(in_l2, list<forward, backward>{});
        distributions<float>(in_l2, list<forward, backward>{});
#endif
        std::printf(
            "\nmax ULP is the largest error seen, in units of the type's last place, against\n"
            "independent exact results; correct rounding would be 0.5. backward is measured with "
            "1\n"
            "as the incoming gradient. Throughput is that of one thread, the median of rounds in\n"
            "turns; ratio is SIMD / scalar, scalar being the library's own verbs on one value.\n");
        if (!options_.json.empty()) write_json();
        for (const std::string& one : broken_)
            std::fprintf(stderr, "gelu_report: above max_ulp: %s\n", one.c_str());
        return broken_.empty() ? 0 : 1;
    }

private:
    template <class T, class... Verbs>
    void table(std::size_t n, list<Verbs...> rows) {
        std::printf("\n%s, arrays of %zu values\n", type_name<T>::value, n);
        const std::size_t verb_width = std::max({std::strlen(Verbs::name)...}) + 2;
        std::string first = left("", verb_width + 17) + "  max ULP";
        first = left(first, verb_width + 17 + 8 * (options_.inputs.size() + 2));
        std::string second = left("verb", verb_width) + "form    tier     promised";
        for (const std::string& input : options_.inputs) second += right(short_name(input), 8);
        second += "   range";
        for (const std::string& input : options_.inputs) {
            first += "  " + centred(short_name(input) + ", million/s", 22);
            second += "    scalar    SIMD ratio";
        }
        std::printf("%s\n%s\n", first.c_str(), second.c_str());

        std::vector<double> copies;
        for_each(rows, [&](auto verb) {
            for_each(forms{}, [&](auto form) {
                using Verb = decltype(verb);
                using FormCase = decltype(form);
                const auto times = measure<T, Verb, FormCase>(n);
                for (const auto& t : times) copies.push_back(1e3 / t.back().median);
                std::size_t tier_index = 0;
                for_each(tiers{}, [&](auto tier) {
                    row<T, Verb, FormCase, decltype(tier)>(n, verb_width, times, tier_index++,
                                                           rows);
                });
            });
        });
        std::sort(copies.begin(), copies.end());
        std::printf("ceiling: memcpy of as many values, %.0f million/s\n",
                    copies[copies.size() / 2]);
        note<T>();
    }

    /// What the errors were counted on.
    template <class T>
    void note() const {
        std::printf("max ULP on");
        for (const std::string& input : options_.inputs)
            std::printf(" %zu values of %s,", distinct_values<T>(input).size(),
                        short_name(input).c_str());
        if (sizeof(T) == 2)
            std::printf(" and all finite values (range)\n");
        else
            std::printf(" and %" PRIu64 " spread evenly over all bit patterns (range)\n",
                        range_values<T>);
    }

    /// Per input: the tiers, the scalar reference and a copy, in turns.
    template <class T, class Verb, class FormCase>
    std::vector<std::vector<timing>> measure(std::size_t n) {
        static std::map<std::string, workspace<T>> kept;
        const typename FormCase::form form{};
        std::vector<std::vector<timing>> times;
        for (const std::string& input : options_.inputs) {
            progress(std::string(Verb::name) + ", " + FormCase::name + ": throughput on " +
                     short_name(input));
            const arrays<T> a = kept[input].get(input, n, FormCase::id, Verb::order);
            std::vector<contender> contenders;
            for_each(tiers{}, [&](auto tier) {
                contenders.push_back({[=] { Verb::simd(a, tier.apply(form)); }, n});
            });
            arrays<T> few = a;
            few.n = std::min(n, in_l2);  // the scalar verbs' speed is the same from memory
            contenders.push_back({[=] { Verb::scalar(few, form); }, few.n});
            contenders.push_back({[=] {
                                      std::memcpy(a.out, a.in, a.n * sizeof(T));
                                      use(a.out);
                                  },
                                  n});
            times.push_back(race(contenders, n > in_l2 ? 5 : 15));
        }
        return times;
    }

    /// Time on every kind of input, in units of that on N(0, 2).
    template <class T, class... Verbs>
    void distributions(std::size_t n, list<Verbs...> rows) {
        const std::size_t verb_width = std::max({std::strlen(Verbs::name)...}) + 2;
        std::printf("\n%s, arrays of %zu values: time on other inputs / time on N(0,2)\n",
                    type_name<T>::value, n);
        std::printf("%sform    tier    ", left("verb", verb_width).c_str());
        for (const input_kind& kind : input_kinds)
            if (std::strcmp(kind.name, "n02") != 0)
                std::printf("%s", right(kind.name, std::strlen(kind.name) + 2).c_str());
        std::printf("\n");
        for_each(rows, [&](auto verb) {
            for_each(forms{}, [&](auto form) {
                for_each(tiers{}, [&](auto tier) {
                    distribution_row<T, decltype(verb), decltype(form), decltype(tier)>(n,
                                                                                        verb_width);
                });
            });
        });
    }

    template <class T, class Verb, class FormCase, class Tier>
    void distribution_row(std::size_t n, std::size_t verb_width) {
        static std::map<std::string, workspace<T>> kept;
        const auto form = Tier::apply(typename FormCase::form{});
        progress(std::string(Verb::name) + ", " + FormCase::name + ": all inputs");
        std::vector<contender> contenders;
        std::size_t base = 0;
        for (const input_kind& kind : input_kinds) {
            const arrays<T> a = kept[kind.name].get(kind.name, n, FormCase::id, Verb::order);
            if (std::strcmp(kind.name, "n02") == 0) base = contenders.size();
            contenders.push_back({[=] { Verb::simd(a, form); }, n});
        }
        const std::vector<timing> times = race(contenders, 9);
        std::string line =
            left(Verb::name, verb_width) + left(FormCase::name, 8) + left(Tier::name, 8);
        json_object ratios;
        for (std::size_t i = 0; i < times.size(); ++i) {
            if (i == base) continue;
            const char* name = input_kinds[i].name;
            const double ratio = times[i].median / times[base].median;
            line += right(fixed(ratio, 2), std::strlen(name) + 2);
            ratios.number(name, ratio);
        }
        distributions_.push_back(json_object()
                                     .text("verb", Verb::name)
                                     .text("form", FormCase::name)
                                     .text("tier", Tier::name)
                                     .text("type", type_name<T>::value)
                                     .number("n", static_cast<double>(n))
                                     .object("time_relative_to_n02", ratios)
                                     .str());
        progress("");
        std::printf("%s\n", line.c_str());
        std::fflush(stdout);
    }

    template <class T, class Verb, class FormCase, class Tier, class Verbs>
    void row(std::size_t n, std::size_t verb_width, const std::vector<std::vector<timing>>& times,
             std::size_t tier_index, Verbs rows) {
        json_object out;
        out.text("verb", Verb::name).text("form", FormCase::name).text("tier", Tier::name);
        out.text("type", type_name<T>::value).number("n", static_cast<double>(n));
        std::string line =
            left(Verb::name, verb_width) + left(FormCase::name, 8) + left(Tier::name, 9);

        const auto form = Tier::apply(typename FormCase::form{});
        double promised = gelu::max_ulp<T, Verb::order>(form);
        if (std::is_same<Verb, forward_with_derivative>::value)
            promised = std::max(promised, gelu::max_ulp<T, 0>(form));
        line += right(fixed(promised, 1), 8);
        json_object measured;
        const std::vector<errors>& found = errors_of<T, FormCase>(rows);
        for (std::size_t i = 0; i < found.size(); ++i) {
            const worst_error& worst = found[i].at(std::string(Verb::name) + '/' + Tier::name);
            const bool over = !(worst.ulp <= promised + 0x1p-12);  // the oracle's own error
            if (over) {
                char at[40];
                std::snprintf(at, sizeof at, " ULP at x = %.17g", worst.at);
                broken_.push_back(std::string(Verb::name) + ' ' + FormCase::name + ' ' +
                                  Tier::name + ' ' + type_name<T>::value + ": " +
                                  fixed(worst.ulp, 3) + at);
            }
            line += right(fixed(worst.ulp, 3) + (over ? "!" : ""), 8);
            const bool last = i == options_.inputs.size();
            measured.object(last ? "range" : short_name(options_.inputs[i]),
                            json_object().number("ulp", worst.ulp).number("at", worst.at));
        }
        out.number("promised_ulp", promised).object("max_ulp", measured);

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
        }
        out.object("throughput", speeds);
        rows_.push_back(out.str());
        progress("");
        std::printf("%s\n", line.c_str());
        std::fflush(stdout);
    }

    /// Per input, then over the range; counted once.
    template <class T, class FormCase, class Verbs>
    const std::vector<errors>& errors_of(Verbs rows) {
        std::vector<errors>& found =
            errors_[std::string(FormCase::name) + '/' + type_name<T>::value];
        if (!found.empty()) return found;
        const std::string what = std::string("errors of the ") + FormCase::name + " form on ";
        for (const std::string& input : options_.inputs) {
            progress(what + short_name(input));
            found.push_back(errors_over<FormCase>(distinct_values<T>(input), rows));
        }
        found.push_back(errors_over_range<FormCase, T>(range_values<T>, rows, [&](int percent) {
            progress(what + "the whole range: " + std::to_string(percent) + " %");
        }));
        return found;
    }

    /// The finite values of an input.
    template <class T>
    static std::vector<T> distinct_values(const std::string& input) {
        std::size_t n = most_values<T>;
        if (input.rfind("file:", 0) == 0) n = std::min(n, read_floats(input.substr(5)).size());
        std::vector<T> values = make_input<T>(input, n);
        const auto odd = [](T x) { return !std::isfinite(static_cast<computed<T>>(x)); };
        values.erase(std::remove_if(values.begin(), values.end(), odd), values.end());
        return values;
    }

    void write_json() const {
        json_object settings;
        settings.text("times", "CPU time, nanoseconds per value");
        for (const std::string& input : options_.inputs) settings.text(short_name(input), input);
        std::ofstream file(options_.json);
        const auto list = [&](const char* key, const std::vector<std::string>& items) {
            file << ",\n \"" << key << "\": [";
            for (std::size_t i = 0; i < items.size(); ++i)
                file << (i == 0 ? "\n" : ",\n") << items[i];
            file << ']';
        };
        file << "{\"machine\": " << machine_.str() << ",\n \"settings\": " << settings.str();
        list("rows", rows_);
        list("inputs", distributions_);
        file << "}\n";
        if (!file.flush()) throw std::runtime_error("cannot write " + options_.json);
        std::printf("\nResults as JSON: %s\n", options_.json.c_str());
    }

    /// Keeps the compiler from dropping a copy.
    static void use(const void* p) {
        static const void* volatile sink;
        sink = p;
        static_cast<void>(sink);
    }

    options options_;
    json_object machine_;
    std::map<std::string, std::vector<errors>> errors_;
    std::vector<std::string> rows_, distributions_, broken_;
};

options parse(int argc, char** argv) {
    options o;
    for (int i = 1; i < argc; ++i) {
        const std::string option = argv[i];
        const bool known = option == "--input" || option == "--json" || option == "--revision";
        if (!known || i + 1 == argc)
            throw std::invalid_argument((known ? option + " needs a value" : "unknown " + option) +
                                        "; usage: gelu_report [--input NAME]... [--json FILE] "
                                        "[--revision TEXT]");
        const std::string value = argv[++i];
        if (option == "--input")
            o.inputs.push_back(value);
        else
            (option == "--json" ? o.json : o.revision) = value;
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
