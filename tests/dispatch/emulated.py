"""emulated.py <dispatch_probe> <instruction set>...

Runs the program, which was built for those sets (the best last), on CPUs older than this one, which
QEMU emulates: what is chosen, and what becomes of a GELU_ARCH that the CPU or the program lacks."""

import os
import shutil
import subprocess
import sys

QEMU = shutil.which("qemu-x86_64") or shutil.which("qemu-x86_64-static")
if not QEMU:
    print("skipped: no qemu-x86_64 (Debian: apt-get install qemu-user)")
    sys.exit(77)

SETS = ["sse2", "sse4_2", "avx2", "avx512"]
PROBE, *BUILT = sys.argv[1:]

# The best set of each. QEMU's CPUs have no AVX-512.
CPUS = {"core2duo": "sse2", "Nehalem": "sse4_2", "SandyBridge": "sse4_2", "Haswell": "avx2",
        "Haswell,-fma": "sse4_2", "Haswell,-xsave": "sse4_2"}

problems = []


def probe(cpu, arch):
    env = {k: v for k, v in os.environ.items() if k != "GELU_ARCH"}
    if arch:
        env["GELU_ARCH"] = arch
    return subprocess.run([QEMU, "-cpu", cpu, PROBE], env=env, text=True, capture_output=True)


def supported(cpu):
    return [name for name in BUILT if SETS.index(name) <= SETS.index(CPUS[cpu])]


for cpu in CPUS:
    for arch in [None, *SETS]:
        done = probe(cpu, arch)
        if arch is None or arch in supported(cpu):
            expected = arch or supported(cpu)[-1]
            right = done.returncode == 0 and done.stdout == f"{expected} 0.841344774\n"
        else:
            expected = "a refusal"
            reason = ("this CPU, or its operating system, doesn't support it" if arch in BUILT
                      else "no instruction set of this name is known")
            right = (done.returncode != 0 and done.stdout == ""
                     and f'GELU_ARCH is "{arch}": {reason}' in done.stderr
                     and f"what this CPU supports: {' '.join(supported(cpu))}." in done.stderr)
        print(f"{cpu}, GELU_ARCH={arch or ''}: {done.stdout.strip() or done.stderr.strip()}")
        if not right:
            problems.append(f"{cpu}, {arch}: expected {expected}, exit status {done.returncode}")
# Above, the environment; here the function, which throws.
if "avx2" in BUILT:
    done = subprocess.run([QEMU, "-cpu", "Nehalem", PROBE, "avx2"], text=True, capture_output=True)
    print(done.stdout.strip())
    if (f'doesn\'t support "avx2"; supported here: {", ".join(["auto", *supported("Nehalem")])}'
            not in done.stdout):
        problems.append(f"use(avx2) on Nehalem: {done.stdout}{done.stderr}")
print("\n".join(problems))
sys.exit(bool(problems))
