/* The C interface, from C99: every function, its values and its errors. */
#include <gelu/dispatch.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { n = 37 };

static int failures = 0;

static void check(int holds, const char* what, const char* verb) {
    if (!holds) {
        printf("failed: %s, %s\n", verb, what);
        ++failures;
    }
}

/* Values of the exact form at 1, in 16 bits rounded by hand: 0.8413 and 1.083. */
static const uint16_t one_f16 = 0x3c00, g_f16 = 0x3abb, slope_f16 = 0x3c55;
static const uint16_t one_bf16 = 0x3f80, g_bf16 = 0x3f57, slope_bf16 = 0x3f8b;
static const double g = 0.84134474606854293, slope = 1.0833154705876863, curve = 0.24197072451914337;

/* Calls f into y of a type, and compares its last element. */
#define EXPECT(T, verb, expected, tolerance, call)                                      \
    do {                                                                                \
        memset(y, 0, sizeof y);                                                         \
        const int status = call;                                                        \
        check(status == GELU_OK, gelu_status_message(status), verb);                    \
        check(fabs((double)((T*)y)[n - 1] - (double)(expected)) <= (tolerance), #T, verb); \
        check(((T*)y)[n] == 0, "wrote past the end", verb);                             \
    } while (0)

static void values(void) {
    float f[n];
    double d[n];
    uint16_t h[n], b[n];
    /* Room for n + 1 of each type. */
    double y[n + 1], y2[n + 1];
    for (int i = 0; i < n; ++i) {
        f[i] = 1.0f;
        d[i] = 1.0;
        h[i] = one_f16;
        b[i] = one_bf16;
    }
    float* const yf = (float*)y;
    uint16_t* const yh = (uint16_t*)y;
    const int exact = GELU_ERF, fast = GELU_ERF | GELU_FAST;

    EXPECT(float, "forward_f32", g, 1e-7, gelu_forward_f32(f, yf, n, exact, 0));
    EXPECT(double, "forward_f64", g, 1e-15, gelu_forward_f64(d, y, n, exact, 0));
    EXPECT(uint16_t, "forward_f16", g_f16, 0, gelu_forward_f16(h, yh, n, exact, 0));
    EXPECT(uint16_t, "forward_bf16", g_bf16, 0, gelu_forward_bf16(b, yh, n, exact, 0));
    EXPECT(float, "forward", g, 1e-7, gelu_forward(f, GELU_F32, yf, GELU_F32, n, exact, 0));
    EXPECT(uint16_t, "forward", g_f16, 0, gelu_forward(f, GELU_F32, yh, GELU_F16, n, exact, 0));

    EXPECT(float, "derivative_f32", slope, 2e-7, gelu_derivative_f32(f, yf, n, exact, 0));
    EXPECT(double, "derivative_f64", slope, 1e-15, gelu_derivative_f64(d, y, n, exact, 0));
    EXPECT(uint16_t, "derivative_f16", slope_f16, 0, gelu_derivative_f16(h, yh, n, exact, 0));
    EXPECT(uint16_t, "derivative_bf16", slope_bf16, 0, gelu_derivative_bf16(b, yh, n, exact, 0));
    EXPECT(double, "derivative", slope, 1e-15,
           gelu_derivative(d, GELU_F64, y, GELU_F64, n, fast, 0));

    EXPECT(float, "second_derivative_f32", curve, 1e-7,
           gelu_second_derivative_f32(f, yf, n, fast, 0));
    EXPECT(double, "second_derivative_f64", curve, 1e-15,
           gelu_second_derivative_f64(d, y, n, exact, 0));
    EXPECT(uint16_t, "second_derivative_f16", 0x33be, 0,
           gelu_second_derivative_f16(h, yh, n, exact, 0));
    EXPECT(uint16_t, "second_derivative_bf16", 0x3e78, 0,
           gelu_second_derivative_bf16(b, yh, n, exact, 0));
    EXPECT(float, "second_derivative", curve, 1e-7,
           gelu_second_derivative(b, GELU_BF16, y, GELU_F32, n, exact, 0));

    EXPECT(float, "backward_f32", slope, 2e-7, gelu_backward_f32(f, f, yf, n, exact, 0));
    EXPECT(double, "backward_f64", slope, 1e-15, gelu_backward_f64(d, d, y, n, exact, 0));
    EXPECT(uint16_t, "backward_f16", slope_f16, 0, gelu_backward_f16(h, h, yh, n, exact, 0));
    EXPECT(uint16_t, "backward_bf16", slope_bf16, 0, gelu_backward_bf16(b, b, yh, n, exact, 0));
    EXPECT(float, "backward", slope, 2e-7,
           gelu_backward(h, GELU_F16, b, GELU_BF16, y, GELU_F32, n, exact, 0));

    const char* const both = "forward_with_derivative";
    EXPECT(float, both, g, 1e-7,
           gelu_forward_with_derivative_f32(f, yf, (float*)y2, n, exact, 0));
    check(fabs((double)((float*)y2)[n - 1] - slope) < 2e-7, "slope f32", both);
    EXPECT(double, both, g, 1e-15, gelu_forward_with_derivative_f64(d, y, y2, n, exact, 0));
    check(fabs(y2[n - 1] - slope) < 1e-15, "slope f64", both);
    EXPECT(uint16_t, both, g_f16, 0,
           gelu_forward_with_derivative_f16(h, yh, (uint16_t*)y2, n, exact, 0));
    check(((uint16_t*)y2)[n - 1] == slope_f16, "slope f16", both);
    EXPECT(uint16_t, both, g_bf16, 0,
           gelu_forward_with_derivative_bf16(b, yh, (uint16_t*)y2, n, exact, 0));
    check(((uint16_t*)y2)[n - 1] == slope_bf16, "slope bf16", both);
    EXPECT(float, both, g, 1e-7,
           gelu_forward_with_derivative(f, GELU_F32, y, GELU_F32, y2, GELU_F16, n, exact, 0));
    check(((uint16_t*)y2)[n - 1] == slope_f16, "slope, mixed", both);

    /* The forms and their constants, 0 being the default. */
    const char* const verb = "forms";
    EXPECT(double, verb, 0.84119199060827670, 1e-15, gelu_forward_f64(d, y, n, GELU_TANH, 0));
    EXPECT(double, verb, 0.84119199060827670, 1e-15,
           gelu_forward_f64(d, y, n, GELU_TANH, 0.044715));
    EXPECT(double, verb, 1 / (1 + exp(-1.702)), 1e-15, gelu_forward_f64(d, y, n, GELU_SIGMOID, 0));
    EXPECT(double, verb, 1 / (1 + exp(-1.0)), 1e-15, gelu_forward_f64(d, y, n, GELU_SIGMOID, 1.0));
    EXPECT(float, verb, 0.84119199060827670, 3e-7,
           gelu_forward_f32(f, yf, n, GELU_TANH | GELU_FAST, 0));
    EXPECT(float, verb, 1 / (1 + exp(-1.702)), 3e-7,
           gelu_forward_f32(f, yf, n, GELU_SIGMOID | GELU_FAST, 0));
}

static void refused(int status, int expected, const char* what) {
    check(status == expected, gelu_status_message(status), what);
}

static void errors(void) {
    float x[2 * n] = {0};
    double d[n] = {0};
    float* const null = NULL;
    for (int form = -40; form <= 40; ++form)
        if ((form & ~GELU_FAST) < 0 || (form & ~GELU_FAST) > 2)
            refused(gelu_forward_f32(x, x, n, form, 0), GELU_UNKNOWN_FORM, "unknown form");
    const double unusable[] = {-1, -0.044715, (double)INFINITY, -(double)INFINITY, (double)NAN};
    for (int i = 0; i < 5; ++i) {
        refused(gelu_derivative_f32(x, x, n, GELU_TANH, unusable[i]), GELU_UNUSABLE_CONSTANT,
                "constant of tanh");
        refused(gelu_backward_f64(d, d, d, n, GELU_SIGMOID | GELU_FAST, unusable[i]),
                GELU_UNUSABLE_CONSTANT, "constant of sigmoid");
        refused(gelu_forward_f32(x, x, n, GELU_ERF, unusable[i]), GELU_UNUSABLE_CONSTANT,
                "constant of the exact form");
    }
    refused(gelu_forward_f32(x, x, n, GELU_ERF, 1.0), GELU_UNUSABLE_CONSTANT, "exact form, 1");
    for (int type = -2; type < 8; ++type) {
        if (type >= 0 && type < 4) continue;
        refused(gelu_forward(x, type, x, GELU_F32, n, GELU_ERF, 0), GELU_UNKNOWN_TYPE, "in");
        refused(gelu_derivative(x, GELU_F32, x, type, n, GELU_ERF, 0), GELU_UNKNOWN_TYPE, "out");
        refused(gelu_backward(x, type, x, GELU_F32, x, GELU_F32, n, GELU_ERF, 0),
                GELU_UNKNOWN_TYPE, "grad");
        refused(gelu_forward_with_derivative(x, GELU_F32, x, GELU_F32, x + n, type, n, GELU_ERF, 0),
                GELU_UNKNOWN_TYPE, "slope");
    }
    refused(gelu_forward(d, GELU_F64, x, GELU_F32, n, GELU_ERF, 0), GELU_MIXED_TYPES, "f64 to f32");
    refused(gelu_second_derivative(x, GELU_F16, d, GELU_F64, n, GELU_ERF, 0), GELU_MIXED_TYPES,
            "f16 to f64");
    refused(gelu_backward(d, GELU_F64, x, GELU_F32, x, GELU_F32, n, GELU_ERF, 0), GELU_MIXED_TYPES,
            "f64 gradient");
    refused(gelu_forward_f32(null, x, n, GELU_ERF, 0), GELU_NULL_ARRAY, "null in");
    refused(gelu_forward_f32(x, null, n, GELU_ERF, 0), GELU_NULL_ARRAY, "null out");
    refused(gelu_backward_f32(null, x, x, n, GELU_ERF, 0), GELU_NULL_ARRAY, "null grad");
    refused(gelu_forward_with_derivative_f32(x, x, null, n, GELU_ERF, 0), GELU_NULL_ARRAY,
            "null slope");
    refused(gelu_forward_f32(null, null, 0, GELU_ERF, 0), GELU_OK, "null, n = 0");
    refused(gelu_forward_f32(x, x + 1, n, GELU_ERF, 0), GELU_OVERLAP, "out after in");
    refused(gelu_forward_f32(x + 1, x, n, GELU_ERF, 0), GELU_OVERLAP, "out before in");
    refused(gelu_forward(x, GELU_F16, x, GELU_F32, n, GELU_ERF, 0), GELU_OVERLAP, "other size");
    refused(gelu_forward_f32(x, x + n, n, GELU_ERF, 0), GELU_OK, "next to each other");
    refused(gelu_forward_with_derivative_f32(x, x + n, x + n, n, GELU_ERF, 0), GELU_OVERLAP,
            "both outputs");
    refused(gelu_use_arch("avx1024"), GELU_UNKNOWN_ARCH, "use");
    refused(gelu_use_arch(NULL), GELU_UNKNOWN_ARCH, "use null");
    for (int status = GELU_OK; status <= GELU_UNSUPPORTED_ARCH + 1; ++status)
        check(strlen(gelu_status_message(status)) > 5, "message", "status");
}

static void instruction_sets(void) {
    size_t count = 0;
    for (const char* name; (name = gelu_supported_arch(count)) != NULL; ++count) {
        refused(gelu_use_arch(name), GELU_OK, name);
        check(strcmp(gelu_active_arch(), name) == 0, "active", name);
        values();
    }
    check(count > 0, "count", "supported");
    const char* const best = gelu_supported_arch(count - 1);
    refused(gelu_use_arch("auto"), GELU_OK, "auto");
    check(strcmp(gelu_active_arch(), best) == 0, "active", "auto");
    check(gelu_known_arch(0) != NULL && gelu_known_arch(100) == NULL, "count", "known");
}

int main(void) {
    values();
    errors();
    instruction_sets();
    printf("%d failures\n", failures);
    return failures != 0;
}
