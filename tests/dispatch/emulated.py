"""emulated.py <dispatch_probe>

Runs the program on CPUs older than this one, which QEMU emulates: what is chosen, and what becomes of
a GELU_ARCH that the CPU lacks."""

import os
import shutil
import subprocess
import sys

QEMU = shutil.which("qemu-x86_64") or shutil.which("qemu-x86_64-static")
if not QEMU:
    print("skipped: no qemu-x86_64 (Debian: apt-get install qemu-user)")
    sys.exit(77)

# The best set of each. QEMU's CPUs have no AVX-512.
CPUS = {"core2duo": "sse2", "Nehalem": "sse4_2", "SandyBridge": "sse4_2", "Haswell": "avx2",
        "Haswell,-fma": "sse4_2", "Haswell,-xsave": "sse4_2"}
SETS = ["sse2", "sse4_2", "avx2", "avx512"]

problems = []


def probe(cpu, arch):
    env = {k: v for k, v in os.environ.items() if k != "GELU_ARCH"}
    if arch:
        env["GELU_ARCH"] = arch
    return subprocess.run([QEMU, "-cpu", cpu, sys.argv[1]], env=env, text=True, capture_output=True)


for cpu, best in CPUS.items():
    for arch in [None, *SETS]:
        done = probe(cpu, arch)
        if arch is None or SETS.index(arch) <= SETS.index(best):
            expected = arch or best
            right = done.returncode == 0 and done.stdout == f"{expected} 0.841344774\n"
        else:
            expected = "a refusal"
            message = f'GELU_ARCH is "{arch}": this CPU, or its operating system, doesn\'t support it'
            right = (done.returncode != 0 and done.stdout == "" and message in done.stderr
                     and f"what this CPU supports: {' '.join(SETS[:SETS.index(best) + 1])}." in done.stderr)
        print(f"{cpu}, GELU_ARCH={arch or ''}: {done.stdout.strip() or done.stderr.strip()}")
        if not right:
            problems.append(f"{cpu}, {arch}: expected {expected}, exit status {done.returncode}")
# Above, the environment; here the function, which throws.
done = subprocess.run([QEMU, "-cpu", "Nehalem", sys.argv[1], "avx2"], text=True, capture_output=True)
print(done.stdout.strip())
if 'doesn\'t support "avx2"; supported here: auto, sse2, sse4_2' not in done.stdout:
    problems.append(f"use(avx2) on Nehalem: {done.stdout}{done.stderr}")
print("\n".join(problems))
sys.exit(bool(problems))
