"""What an imported file says about itself."""

from dataclasses import dataclass, field

from witnessmark.model.fact import UntrustedText
from witnessmark.model.problem import Problem, ProblemCode, Severity

MAX_URLS = 1_000


@dataclass(kw_only=True)
class Facts:
    """Statements of the file, none of them checked. `dates` are RFC 3339 as far as the file allows."""

    kind: str
    urls: list[str] = field(default_factory=list)
    dates: list[str] = field(default_factory=list)
    software: str = ""
    agent: str = ""
    title: str = ""
    status: int | None = None
    exchanges: int = 0
    server_addresses: int = 0
    certificates: int = 0
    checked: list[str] = field(default_factory=list)
    unknown: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()

    def add_url(self, url: str) -> None:
        """One more address, within bounds."""
        if url and len(self.urls) < MAX_URLS and url not in self.urls:
            self.urls.append(url)

    def problem(self, code: ProblemCode, message: str, consequence: str, *, note: bool = False) -> None:
        """One more gap."""
        self.problems += (
            Problem(
                code=code,
                message=UntrustedText(message),
                consequence=consequence,
                severity=Severity.NOTE if note else Severity.PARTIAL,
            ),
        )

    def statements(self) -> tuple[str, ...]:
        """The facts in words."""
        words = [f"imported as: {self.kind}"]
        if self.dates:
            words.append(f"the file gives capture times from {min(self.dates)} to {max(self.dates)}")
        if len(self.urls) > 1:
            words.append(
                f"the file names {len(self.urls)} addresses" + (" or more" if len(self.urls) == MAX_URLS else "")
            )
        return (*words, *self.checked)
