"""`python -m bench [NAME...]`: run every benchmark that has a `run()`, and print one table."""

import importlib
import os
import pkgutil
import sys

import bench
from bench.rows import Row, table


def main(chosen: list[str]) -> None:
    rows: list[Row] = []
    for module in sorted(pkgutil.iter_modules(bench.__path__), key=lambda item: item.name):
        if module.name.startswith("__") or (chosen and module.name not in chosen):
            continue
        try:
            found = importlib.import_module(f"bench.{module.name}")
        except ModuleNotFoundError as missing:
            print(f"{module.name}: left out, {missing}", file=sys.stderr)
            continue
        if hasattr(found, "run"):
            print(f"{module.name} …", file=sys.stderr)
            rows += found.run()
    print(table(rows))
    failed = [row.name for row in rows if not row.met]
    print(f"\n{len(rows) - len(failed)} of {len(rows)} rows meet their target")
    if failed:
        print("not met: " + "; ".join(failed))
    print(f"{os.cpu_count()} CPUs, load {', '.join(f'{value:.1f}' for value in os.getloadavg())} at the end")


if __name__ == "__main__":
    main(sys.argv[1:])
