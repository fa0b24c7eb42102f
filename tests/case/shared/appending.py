"""Adds entries to a case and says which were acknowledged: `python appending.py CASE KIND COUNT`."""

import sys
from pathlib import Path

from witnessmark.case import open_case
from witnessmark.errors import WitnessmarkError
from witnessmark.model.case import Review, Verdict
from witnessmark.model.evidence import EventKind
from witnessmark.model.fact import UntrustedText

with open_case(Path(sys.argv[1]), patience=60) as case:
    for number in range(int(sys.argv[3])):
        try:
            if sys.argv[2] == "reviewed":
                review = Review(finding=f"f{number}", verdict=Verdict.AGREE, reason="read it")
                event = case.record(EventKind.REVIEWED, review)
            else:
                event = case.append(EventKind.NOTE, text=UntrustedText(f"note {number}"))
        except WitnessmarkError as error:
            sys.stdout.write(f"failed {error}\n")
        else:
            sys.stdout.write(f"kept {event.id}\n")
        sys.stdout.flush()
