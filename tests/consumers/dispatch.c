/* The program of the consumers that take the component dispatch, from C. */
#include <gelu/dispatch.h>
#include <stdio.h>

int main(void) {
    float x[37] = {0}, y[37];
    x[36] = 1.0f;
    const int status = gelu_forward_f32(x, y, 37, GELU_ERF, 0);
    printf("%s: %s, g(1) = %.9g\n", gelu_active_arch(), gelu_status_message(status), (double)y[36]);
    return status == GELU_OK && y[36] > 0.841344f && y[36] < 0.841346f ? 0 : 1;
}
