// The part of the library gelu_dispatch that runs on any CPU: it chooses the instruction set,
// checks what callers pass, and calls the functions of the set. Compiled without instruction-set
// flags.
#include <float.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <atomic>
#include <thread>

#include <gelu/dispatch.h>
#include <gelu/detail/ranges.hpp>
#include <gelu/forms.hpp>

#include "cpu.hpp"
#include "table.hpp"
// GELU_DISPATCH_SETS(f): f(name) for each set that the library is built for, the best last.
#include "dispatch_sets.hpp"

namespace gelu_dispatch {
#define GELU_DISPATCH_DECLARE(set) extern const table table_##set;
GELU_DISPATCH_SETS(GELU_DISPATCH_DECLARE)
}  // namespace gelu_dispatch

namespace {

using gelu_dispatch::table;

// --- The choice ----------------------------------------------------------------------------------

struct arch {
    const char* name;
    bool (*supported)(const gelu_dispatch::cpu&) noexcept;
    const table* functions;
};

constexpr arch archs[] = {
#define GELU_DISPATCH_ARCH(set) {#set, gelu_dispatch::supports_##set, &gelu_dispatch::table_##set},
    GELU_DISPATCH_SETS(GELU_DISPATCH_ARCH)};

// Null until the first call; initialised before any code of the program runs.
std::atomic<const arch*> chosen{nullptr};

const arch* best() noexcept {
    const auto cpu = gelu_dispatch::cpu::running();
    const arch* found = nullptr;
    for (const arch& a : archs)
        if (a.supported(cpu)) found = &a;
    return found;
}

int find(const char* name, const arch*& found) noexcept {
    if (name == nullptr) return GELU_UNKNOWN_ARCH;
    if (strcmp(name, "auto") == 0) {
        found = best();
        return found ? GELU_OK : GELU_UNSUPPORTED_ARCH;
    }
    for (const arch& a : archs)
        if (strcmp(name, a.name) == 0) {
            found = &a;
            return a.supported(gelu_dispatch::cpu::running()) ? GELU_OK : GELU_UNSUPPORTED_ARCH;
        }
    return GELU_UNKNOWN_ARCH;
}

void append_names(char* text, size_t size, const char* (*name_of)(size_t) noexcept) noexcept {
    for (size_t i = 0; const char* name = name_of(i); ++i) {
        const size_t used = strlen(text);
        snprintf(text + used, size - used, " %s", name);
    }
}

// The verbs return no error that every caller would look at, so the program ends here, with one
// message however many threads come by.
[[noreturn]] GELU_NOINLINE void refuse(const char* word, int status) noexcept {
    static std::atomic<bool> said{false};
    if (said.exchange(true))
        for (;;) std::this_thread::yield();
    char known[128] = "", supported[128] = "", text[768];
    append_names(known, sizeof known, gelu_known_arch);
    append_names(supported, sizeof supported, gelu_supported_arch);
    const char* const fault =
        word == nullptr               ? "has an older instruction set than this library needs"
        : status == GELU_UNKNOWN_ARCH ? "no instruction set of this name is known"
                                      : "this CPU, or its operating system, doesn't support it";
    if (word == nullptr)
        snprintf(text, sizeof text,
                 "gelu: this CPU, or its operating system, supports no instruction set that the "
                 "library was built for:%s. Build it with GELU_DISPATCH_INSTRUCTION_SETS for this "
                 "CPU.\n",
                 known);
    else
        snprintf(
            text, sizeof text,
            "gelu: the environment variable GELU_ARCH is \"%.64s\": %s. Unset it, or set it to "
            "auto or to what this CPU supports:%s. (Known are:%s.)\n",
            word, fault, supported, known);
    fputs(text, stderr);
    fflush(stderr);
    abort();
}

GELU_NOINLINE const arch* choose() noexcept {
    const char* word = getenv("GELU_ARCH");
    if (word != nullptr && *word == '\0') word = nullptr;
    const arch* found = nullptr;
    const int status = find(word != nullptr ? word : "auto", found);
    if (status != GELU_OK) refuse(word, status);
    // Another thread may have been here too, with the same result, or in gelu_use_arch, which wins.
    const arch* before = nullptr;
    return chosen.compare_exchange_strong(before, found, std::memory_order_acq_rel) ? found
                                                                                    : before;
}

GELU_ALWAYS_INLINE const arch& in_use() noexcept {
    const arch* const a = chosen.load(std::memory_order_acquire);
    return GELU_UNLIKELY(a == nullptr) ? *choose() : *a;
}

// --- What callers pass ---------------------------------------------------------------------------

constexpr size_t type_size[] = {4, 8, 2, 2};

GELU_ALWAYS_INLINE bool known_type(int type) noexcept {
    return static_cast<unsigned>(type) <= GELU_BF16;
}

/// Checks the form, and puts its default in the place of a constant 0.
GELU_ALWAYS_INLINE int check_form(int form, double& constant) noexcept {
    switch (form & ~GELU_FAST) {
        case GELU_ERF:
            if (constant != 0) return GELU_UNUSABLE_CONSTANT;
            constant = 1;
            return GELU_OK;
        case GELU_TANH:
            if (constant == 0) constant = gelu::tanh_form{}.cubic;
            break;
        case GELU_SIGMOID:
            if (constant == 0) constant = gelu::sigmoid_form{}.slope;
            break;
        default:
            return GELU_UNKNOWN_FORM;
    }
    return constant > 0 && constant <= DBL_MAX ? GELU_OK : GELU_UNUSABLE_CONSTANT;
}

GELU_ALWAYS_INLINE bool overlap(const void* a, int a_type, const void* b, int b_type,
                                size_t n) noexcept {
    return gelu::detail::partial_overlap(a, type_size[a_type], b, type_size[b_type], n);
}

GELU_ALWAYS_INLINE int check_types(int a, int b) noexcept {
    if (!known_type(a) || !known_type(b)) return GELU_UNKNOWN_TYPE;
    return (a == GELU_F64) == (b == GELU_F64) ? GELU_OK : GELU_MIXED_TYPES;
}

// --- Arrays of several types ---------------------------------------------------------------------
// Block by block in float, as the verbs of gelu/array.hpp do lane by lane.

constexpr size_t block = 512;

template <class F>
GELU_ALWAYS_INLINE void in_blocks(size_t n, const F& f) noexcept {
    for (size_t i = 0; i < n; i += block) f(i, n - i < block ? n - i : block);
}

const void* at(const void* array, int type, size_t i) noexcept {
    return static_cast<const char*>(array) + i * type_size[type];
}
void* at(void* array, int type, size_t i) noexcept {
    return static_cast<char*>(array) + i * type_size[type];
}

/// count elements as floats: the array's own, or widened into the buffer.
const float* floats(const table& t, const void* array, int type, float* buffer,
                    size_t count) noexcept {
    if (type == GELU_F32) return static_cast<const float*>(array);
    t.widen[type](array, buffer, count);
    return buffer;
}

void run_transform(const table& t, int order, const void* in, int in_type, void* out, int out_type,
                   size_t n, int form, double constant) noexcept {
    if (in_type == out_type) {
        t.transform[in_type][order](in, out, n, form, constant);
        return;
    }
    float x[block], y[block];
    in_blocks(n, [&](size_t i, size_t count) {
        void* const to = at(out, out_type, i);
        float* const result = out_type == GELU_F32 ? static_cast<float*>(to) : y;
        t.transform[GELU_F32][order](floats(t, at(in, in_type, i), in_type, x, count), result,
                                     count, form, constant);
        if (out_type != GELU_F32) t.narrow[out_type](result, to, count);
    });
}

GELU_NOINLINE void run_mixed_backward(const table& t, const void* grad, int grad_type,
                                      const void* in, int in_type, void* grad_in, int grad_in_type,
                                      size_t n, int form, double constant) noexcept {
    float g[block], x[block], y[block];
    in_blocks(n, [&](size_t i, size_t count) {
        void* const to = at(grad_in, grad_in_type, i);
        float* const result = grad_in_type == GELU_F32 ? static_cast<float*>(to) : y;
        t.backward[GELU_F32](floats(t, at(grad, grad_type, i), grad_type, g, count),
                             floats(t, at(in, in_type, i), in_type, x, count), result, count, form,
                             constant);
        if (grad_in_type != GELU_F32) t.narrow[grad_in_type](result, to, count);
    });
}

// --- The verbs -----------------------------------------------------------------------------------

template <int Order>
GELU_ALWAYS_INLINE int transform(const void* in, int in_type, void* out, int out_type, size_t n,
                                 int form, double constant) noexcept {
    if (const int status = check_form(form, constant)) return status;
    if (const int status = check_types(in_type, out_type)) return status;
    if (n == 0) return GELU_OK;
    if (in == nullptr || out == nullptr) return GELU_NULL_ARRAY;
    if (overlap(in, in_type, out, out_type, n)) return GELU_OVERLAP;
    const table& t = *in_use().functions;
    if (in_type == out_type) return t.transform[in_type][Order](in, out, n, form, constant);
    run_transform(t, Order, in, in_type, out, out_type, n, form, constant);
    return GELU_OK;
}

GELU_ALWAYS_INLINE int backward(const void* grad, int grad_type, const void* in, int in_type,
                                void* grad_in, int grad_in_type, size_t n, int form,
                                double constant) noexcept {
    if (const int status = check_form(form, constant)) return status;
    if (const int status = check_types(in_type, grad_in_type)) return status;
    if (const int status = check_types(grad_type, grad_in_type)) return status;
    if (n == 0) return GELU_OK;
    if (grad == nullptr || in == nullptr || grad_in == nullptr) return GELU_NULL_ARRAY;
    if (overlap(grad, grad_type, grad_in, grad_in_type, n) ||
        overlap(in, in_type, grad_in, grad_in_type, n))
        return GELU_OVERLAP;
    const table& t = *in_use().functions;
    if (grad_type == grad_in_type && in_type == grad_in_type)
        return t.backward[in_type](grad, in, grad_in, n, form, constant);
    run_mixed_backward(t, grad, grad_type, in, in_type, grad_in, grad_in_type, n, form, constant);
    return GELU_OK;
}

// Not inline: it does more than pass its arguments on.
GELU_NOINLINE int both(const void* in, int in_type, void* out, int out_type, void* slope,
                       int slope_type, size_t n, int form, double constant) noexcept {
    if (const int status = check_form(form, constant)) return status;
    if (const int status = check_types(in_type, out_type)) return status;
    if (const int status = check_types(in_type, slope_type)) return status;
    if (n == 0) return GELU_OK;
    if (in == nullptr || out == nullptr || slope == nullptr) return GELU_NULL_ARRAY;
    if (overlap(in, in_type, out, out_type, n) || overlap(in, in_type, slope, slope_type, n) ||
        overlap(out, out_type, slope, slope_type, n) || out == slope)
        return GELU_OVERLAP;
    const table& t = *in_use().functions;
    // The bits of the separate verbs; a block stays in the cache for the second. The output that is
    // the input comes last.
    const bool in_place = in == out;
    in_blocks(n, [&](size_t i, size_t count) {
        const void* const x = at(in, in_type, i);
        const auto slopes = [&] {
            run_transform(t, 1, x, in_type, at(slope, slope_type, i), slope_type, count, form,
                          constant);
        };
        if (in_place) slopes();
        run_transform(t, 0, x, in_type, at(out, out_type, i), out_type, count, form, constant);
        if (!in_place) slopes();
    });
    return GELU_OK;
}

}  // namespace

const char* gelu_status_message(int status) noexcept {
    switch (status) {
        case GELU_OK:
            return "no error";
        case GELU_UNKNOWN_FORM:
            return "the form is none of GELU_ERF, GELU_TANH, GELU_SIGMOID, with or without "
                   "GELU_FAST";
        case GELU_UNUSABLE_CONSTANT:
            return "the form's constant must be finite and positive, or 0 for the default; the "
                   "exact "
                   "form has none and takes 0";
        case GELU_UNKNOWN_TYPE:
            return "the element type is none of GELU_F32, GELU_F64, GELU_F16, GELU_BF16";
        case GELU_MIXED_TYPES:
            return "all arrays of one call hold double, or float and 16-bit types";
        case GELU_NULL_ARRAY:
            return "an array is null";
        case GELU_OVERLAP:
            return "an output overlaps another array of the call in part; an output must be "
                   "exactly "
                   "an input or disjoint from it, and two outputs must be disjoint";
        case GELU_UNKNOWN_ARCH:
            return "no instruction set of this name is known";
        case GELU_UNSUPPORTED_ARCH:
            return "this CPU, or its operating system, doesn't support the instruction set";
        default:
            return "no gelu_status";
    }
}

const char* gelu_active_arch() noexcept { return in_use().name; }

int gelu_use_arch(const char* name) noexcept {
    const arch* found = nullptr;
    const int status = find(name, found);
    if (status == GELU_OK) chosen.store(found, std::memory_order_release);
    return status;
}

const char* gelu_supported_arch(size_t index) noexcept {
    const auto cpu = gelu_dispatch::cpu::running();
    for (const arch& a : archs)
        if (a.supported(cpu) && index-- == 0) return a.name;
    return nullptr;
}

const char* gelu_known_arch(size_t index) noexcept {
    return index < sizeof archs / sizeof *archs ? archs[index].name : nullptr;
}

#define GELU_DISPATCH_TRANSFORM(verb, Order)                                                  \
    GELU_DISPATCH_TRANSFORM_OF(verb, Order, f32, float, GELU_F32)                             \
    GELU_DISPATCH_TRANSFORM_OF(verb, Order, f64, double, GELU_F64)                            \
    GELU_DISPATCH_TRANSFORM_OF(verb, Order, f16, uint16_t, GELU_F16)                          \
    GELU_DISPATCH_TRANSFORM_OF(verb, Order, bf16, uint16_t, GELU_BF16)                        \
    int gelu_##verb(const void* in, int in_type, void* out, int out_type, size_t n, int form, \
                    double constant) noexcept {                                               \
        return transform<Order>(in, in_type, out, out_type, n, form, constant);               \
    }
#define GELU_DISPATCH_TRANSFORM_OF(verb, Order, suffix, T, type)         \
    int gelu_##verb##_##suffix(const T* in, T* out, size_t n, int form,  \
                               double constant) noexcept {               \
        return transform<Order>(in, type, out, type, n, form, constant); \
    }
GELU_DISPATCH_TRANSFORM(forward, 0)
GELU_DISPATCH_TRANSFORM(derivative, 1)
GELU_DISPATCH_TRANSFORM(second_derivative, 2)

#define GELU_DISPATCH_BACKWARD(suffix, T, type)                                                  \
    int gelu_backward_##suffix(const T* grad, const T* in, T* grad_in, size_t n, int form,       \
                               double constant) noexcept {                                       \
        return backward(grad, type, in, type, grad_in, type, n, form, constant);                 \
    }                                                                                            \
    int gelu_forward_with_derivative_##suffix(const T* in, T* out, T* slope, size_t n, int form, \
                                              double constant) noexcept {                        \
        return both(in, type, out, type, slope, type, n, form, constant);                        \
    }
GELU_DISPATCH_BACKWARD(f32, float, GELU_F32)
GELU_DISPATCH_BACKWARD(f64, double, GELU_F64)
GELU_DISPATCH_BACKWARD(f16, uint16_t, GELU_F16)
GELU_DISPATCH_BACKWARD(bf16, uint16_t, GELU_BF16)

int gelu_backward(const void* grad, int grad_type, const void* in, int in_type, void* grad_in,
                  int grad_in_type, size_t n, int form, double constant) noexcept {
    return backward(grad, grad_type, in, in_type, grad_in, grad_in_type, n, form, constant);
}
int gelu_forward_with_derivative(const void* in, int in_type, void* out, int out_type, void* slope,
                                 int slope_type, size_t n, int form, double constant) noexcept {
    return both(in, in_type, out, out_type, slope, slope_type, n, form, constant);
}
