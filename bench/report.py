"""The report on a case with 100,000 made-up findings, form by form.

The peer of each form is a bare reading of the same case (its scans decoded, nothing else) in the same run: what any
report has to do at the least. Size and memory are held against limits of our own.

python -m bench.report [number of findings]
"""

import resource
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.rows import Row, table
from bench.web import FINDINGS, make

FORMS = ("html", "json", "jsonld", "csv", "markdown", "sarif", "press", "letter")
MOST_PAGE, MOST_MEMORY = 3.0, 2_500.0  # MB
_READ = (
    "import sys; from pathlib import Path; from witnessmark.case import open_case; "
    "from witnessmark.model.finding import ScanReport; "
    "print(sum(len(r.findings) for _, r in open_case(Path(sys.argv[1]), read_only=True).payloads(ScanReport)))"
)
_REPORT = "import sys; from witnessmark.cli import main; main(['report', *sys.argv[1:]])"


def _run(code: str, *arguments: str) -> tuple[float, float]:
    """CPU seconds and peak megabytes of one process."""
    script = (
        "import resource, runpy, sys, atexit; "
        "atexit.register(lambda: print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr)); "
    )
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [sys.executable, "-c", script + code, *arguments], check=True, capture_output=True, text=True, timeout=1800
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return spent, int(done.stderr.split()[-1]) / 1024


def run(findings: int = FINDINGS) -> list[Row]:
    """Make a case and report on it."""
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as folder:
        case = Path(folder) / "case"
        make(case, findings)
        floor, _ = _run(_READ, str(case))
        worst = 0.0
        for form in FORMS:
            out = Path(folder) / f"report.{form}"
            spent, memory = _run(_REPORT, str(case), f"--{form}", "--out", str(out))
            worst = max(worst, memory)
            size = out.stat().st_size / 1e6
            note = f"{size:.1f} MB, peak {memory:,.0f} MB"
            rows.append(Row(f"report --{form}", spent, floor, "CPU s", floor / spent, None, note))
            if form == "html":
                rows.append(Row("size of the page", size, MOST_PAGE, "MB", MOST_PAGE / size, 1.0))
        rows.append(Row("memory of the hungriest form", worst, MOST_MEMORY, "MB", MOST_MEMORY / worst, 1.0))
    return rows


if __name__ == "__main__":
    print(table(run(int(sys.argv[1]) if len(sys.argv) > 1 else FINDINGS)))
