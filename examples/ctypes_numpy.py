#!/usr/bin/env python3
"""GELU on NumPy arrays through the C interface of gelu::dispatch.

    python3 examples/ctypes_numpy.py build/libgelu_dispatch.so

Build the library with cmake -DGELU_BUILD_DISPATCH=ON -DBUILD_SHARED_LIBS=ON. Compares with the same
formulas in NumPy, and fails where they differ."""

import ctypes
import math
import sys

try:
    import numpy as np
except ImportError:
    print("skipped: no NumPy (Debian: apt-get install python3-numpy)")
    sys.exit(77)

ERF, TANH, SIGMOID, FAST = 0, 1, 2, 16
SUFFIX = {np.dtype("float32"): "f32", np.dtype("float64"): "f64", np.dtype("float16"): "f16"}


class Gelu:
    def __init__(self, path):
        self.library = ctypes.CDLL(path)
        for name in ("gelu_status_message", "gelu_active_arch", "gelu_supported_arch"):
            getattr(self.library, name).restype = ctypes.c_char_p
        self.library.gelu_supported_arch.argtypes = [ctypes.c_size_t]

    def _call(self, verb, arrays, form, constant):
        """Calls gelu_<verb>_<type> on arrays of one type and shape; a copy where they have gaps."""
        arrays = [np.ascontiguousarray(a) for a in arrays]
        if len({(a.dtype, a.shape) for a in arrays}) != 1:
            raise ValueError("the arrays differ in type or shape")
        out = np.empty_like(arrays[0])
        function = getattr(self.library, f"gelu_{verb}_{SUFFIX[out.dtype]}")
        function.argtypes = [ctypes.c_void_p] * (len(arrays) + 1) + [
            ctypes.c_size_t, ctypes.c_int, ctypes.c_double]
        status = function(*(a.ctypes.data for a in arrays), out.ctypes.data, out.size, form, constant)
        if status != 0:
            raise ValueError(self.library.gelu_status_message(status).decode())
        return out

    def forward(self, x, form=ERF, constant=0.0):
        return self._call("forward", [x], form, constant)

    def derivative(self, x, form=ERF, constant=0.0):
        return self._call("derivative", [x], form, constant)

    def backward(self, grad, x, form=ERF, constant=0.0):
        return self._call("backward", [grad, x], form, constant)

    def use(self, arch):
        status = self.library.gelu_use_arch(arch.encode())
        if status != 0:
            raise ValueError(f"{arch}: {self.library.gelu_status_message(status).decode()}")

    @property
    def active(self):
        return self.library.gelu_active_arch().decode()

    @property
    def supported(self):
        names = iter(range(100))
        return [n.decode() for n in iter(lambda: self.library.gelu_supported_arch(next(names)), None)]


# The formulas, in double. erfc, because 1 + erf(x / sqrt 2) has no digits left in the tail.
erfc = np.vectorize(math.erfc, otypes=[float])


def value_and_slope(x, form):
    if form == ERF:
        gate, rise = erfc(-x / math.sqrt(2)) / 2, np.exp(-x * x / 2) / math.sqrt(2 * math.pi)
    else:
        k = 2 * math.sqrt(2 / math.pi)
        v, dv = (k * (x + 0.044715 * x**3), k * (1 + 3 * 0.044715 * x**2)) if form == TANH else (
            1.702 * x, 1.702)
        gate = 1 / (1 + np.exp(-v))
        rise = gate * (1 - gate) * dv
    return x * gate, gate + x * rise


def main(path):
    gelu = Gelu(path)
    rng = np.random.default_rng(1)
    worst = 0
    for arch in gelu.supported:
        gelu.use(arch)
        for dtype, names, tolerance in ((np.float32, "float32", 5e-7), (np.float64, "float64", 2e-13),
                                        (np.float16, "float16", 1e-3)):
            x = rng.normal(0, 2, (100, 37)).astype(dtype)
            grad = rng.normal(0, 1, x.shape).astype(dtype)
            wide = x.astype(np.float64)
            for form in (ERF, TANH, SIGMOID):
                value, slope = value_and_slope(wide, form)
                for got, expected in (
                    (gelu.forward(x, form), value),
                    (gelu.forward(x, form | FAST), value),
                    (gelu.derivative(x, form), slope),
                    (gelu.backward(grad, x, form), grad.astype(np.float64) * slope),
                ):
                    error = np.max(np.abs(got - expected) / (np.abs(expected) + 0.1))
                    worst = max(worst, error / tolerance)
                    if not error <= tolerance:
                        sys.exit(f"{arch}, {names}, form {form}: differs from NumPy by {error:.2g}")
    try:
        gelu.forward(np.ones(3), TANH, -1.0)
        sys.exit("a negative constant was accepted")
    except ValueError as error:
        print(f"refused: {error}")
    gelu.use("auto")
    x = np.array([-6, -1, 0, 1, 2], dtype=np.float32)
    print(f"{gelu.active}: gelu({x}) = {gelu.forward(x)}")
    print(f"instruction sets {gelu.supported} agree with NumPy")


main(*sys.argv[1:2])
