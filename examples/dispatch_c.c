/* The C interface: GELU from C99, and from any language that can call C. */
#include <gelu/dispatch.h>
#include <stdio.h>

int main(void) {
    //! [c]
    float x[5] = {-2, -1, 0, 1, 2}, y[5], slope[5];
    int status = gelu_forward_f32(x, y, 5, GELU_ERF, 0);
    if (status == GELU_OK)
        status = gelu_derivative_f32(x, slope, 5, GELU_TANH | GELU_FAST, 0.044715);
    if (status != GELU_OK) {
        fprintf(stderr, "gelu: %s\n", gelu_status_message(status));
        return 1;
    }
    //! [c]
    printf("with %s:\n", gelu_active_arch());
    for (int i = 0; i < 5; ++i)
        printf("g(%g) = %.9g, slope %.9g\n", (double)x[i], (double)y[i], (double)slope[i]);
    return y[3] > 0.841344f && y[3] < 0.841345f ? 0 : 1;
}
