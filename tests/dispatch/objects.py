"""objects.py <nm> <objdump> <shared library> <object>=<set>|baseline...

What the objects of gelu::dispatch may hold, so that no CPU meets an instruction that it lacks:

- instructions of an object's own set and of those before it only;
- weak symbols, of which the linker keeps one from any object, only with the set in their names and
  in no other object; and nothing that runs when the program starts.

And the shared library exports the functions of gelu/dispatch.h, nothing else."""

import pathlib
import re
import subprocess
import sys

HEADER = pathlib.Path(__file__).resolve().parents[2] / "include/gelu/dispatch.h"

# The tag that names the set's flags in gelu's namespace.
TAGS = {"sse2": "sse2", "sse4_2": "sse4_2", "avx2": "avx2_fma_f16c",
        "avx512": "avx512f_fma_f16c_bw_dq_vl"}
# What a set's objects must have, so that the check is known to see anything; and must not.
SSE4 = r"\b(p(min|max)(s[bd]|u[wd])|pmulld|pblendvb|blendv?p[sd]|round[ps][sd]|pmov[sz]x\w+|pextr[bdq]" \
       r"|pinsr[bdq]|ptest|pshufb|pcmpeqq|pcmpgtq|popcnt[lqw]?|crc32\w?|packusdw|dpp[sd]|pabs[bwd]|palignr)\b"
BMI = r"\b(andn|bextr|bls\w+|bzhi|mulx|pdep|pext|rorx|sarx|shlx|shrx|lzcnt|tzcnt|movbe)[lqw]?\b"
VEX = r"\bv[a-z]\w+|%[yz]mm"
EVEX = r"%zmm|%[xy]mm(1[6-9]|2\d|3[01])|%k[0-7]|\{%k"
MUST = {"sse4_2": SSE4, "avx2": VEX, "avx512": EVEX}
MUST_NOT = {"baseline": f"{VEX}|{SSE4}|{BMI}", "sse2": f"{VEX}|{SSE4}|{BMI}",
            "sse4_2": f"{VEX}|{BMI}", "avx2": f"{EVEX}|{BMI}", "avx512": BMI}
# REP prefixes that old CPUs ignore: tzcnt is bsf to them, and compilers use it where that is the
# same.
HARMLESS = re.compile(r"\btzcnt[lqw]?\b|\bverr\b|\bverw\b")


def output(*command):
    return subprocess.run(command, check=True, text=True, capture_output=True).stdout


def instructions(objdump, path):
    for line in output(objdump, "-d", "--no-show-raw-insn", path).splitlines():
        address, _, text = line.partition("\t")
        if address.rstrip().endswith(":") and text:  # LLVM's has another tab in front of the operands
            yield text.replace("\t", " ").split(" <")[0].split(" #")[0]


def main(nm, objdump, library, *objects):
    problems = []
    weak, total = {}, 0
    for argument in objects:
        path, name = argument.rsplit("=", 1)
        must, must_not = MUST.get(name), MUST_NOT.get(name)
        code = list(instructions(objdump, path))
        total += len(code)
        if len(code) < 100:
            problems.append(f"{name}: {path} has {len(code)} instructions; it can't be all")
        if must and not any(re.search(must, i) for i in code):
            problems.append(f"{name}: no instruction of the set itself is in {path}")
        if must_not:
            foreign = [i for i in code if re.search(must_not, i) and not HARMLESS.search(i)]
            problems += [f"{name}: {i}" for i in foreign[:5]]
            if foreign:
                problems.append(f"{name}: {len(foreign)} instructions of another set")
        symbols = [line.split() for line in output(nm, "--defined-only", path).splitlines()]
        weak[name] = {s[2] for s in symbols if len(s) == 3 and s[1] in "VvWwu"}
        strong = {s[2] for s in symbols if len(s) == 3 and s[1] in "TDRB"}
        if name == "baseline":
            continue
        if not weak[name]:
            problems.append(f"{name}: {path} has no weak symbol: this looks at the wrong file")
        tag = TAGS.get(name, "")
        problems += [f"{name}: weak symbol without the set's tag: {s}" for s in sorted(weak[name])
                     if not re.search(rf"{len(tag)}{tag}(?![a-z0-9_])|{tag}6detail", s)]
        if len(strong) != 1 or f"table_{name}" not in min(strong):
            problems.append(f"{name}: defines {sorted(strong)}, not only its table")
        sections = output(objdump, "-h", path)
        if re.search(r"\.(init_array|ctors)\b", sections):
            problems.append(f"{name}: code that runs before main, whatever the CPU")
    names = sorted(weak)
    for i, a in enumerate(names):
        for b in names[i + 1:]:
            problems += [f"{a} and {b} share {s}" for s in sorted(weak[a] & weak[b])]
    exported = {line.split()[-1] for line in output(nm, "-D", "--defined-only", library).splitlines()}
    exported -= {"_init", "_fini", "__bss_start", "_edata", "_end"}
    declared = set(re.findall(r"GELU_API [\w ]+\*? ?(gelu_\w+)\(", HEADER.read_text()))
    if exported != declared:
        problems.append(f"{library} exports {sorted(exported - declared)} that dispatch.h doesn't "
                        f"declare, and lacks {sorted(declared - exported)}")
    print("\n".join(problems))
    print(f"{len(objects)} objects, {total} instructions, {sum(map(len, weak.values()))} weak "
          f"symbols, {len(exported)} exported functions: {len(problems)} problems")
    return bool(problems) or len(objects) < 2 or len(declared) < 25


sys.exit(main(*sys.argv[1:]))
