"""The shared journals as the database keeps them: rows that are only ever added."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from witnessmark.case.clock import format_utc
from witnessmark.errors import CaseBusy, CaseError, NetworkFailed, NotAllowed, UsageError, WitnessmarkError
from witnessmark.model.newsroom import MAY, Person, Presence, Role
from witnessmark.net.postgres import Database, DatabaseRefused

PAGE, PAGE_BYTES = 5_000, 8 << 20
"""Entries fetched at a time, and their bytes."""
_PAGE = """
SELECT seq, line FROM (
  SELECT seq, line, sum(octet_length(line)) OVER (ORDER BY seq) AS total, row_number() OVER (ORDER BY seq) AS place
  FROM (SELECT seq, line FROM witnessmark.entry WHERE case_id = :case AND seq > :seq ORDER BY seq LIMIT :rows) AS next
) AS page WHERE place = 1 OR total <= :most ORDER BY seq"""
_PRESENT = """
SELECT p.login, (SELECT max(added_at) FROM witnessmark.entry WHERE case_id = :case AND added_by = p.login),
  EXISTS (SELECT FROM pg_stat_activity WHERE usename = p.login AND application_name = :application)
FROM witnessmark.person p"""
_SAFE = "SELECT bool_and(setting = 'on') FROM pg_settings WHERE name IN ('fsync', 'full_page_writes')"
_DIGEST = """
SELECT encode(sha256(coalesce(string_agg(sha256('\\x00'::bytea || line), ''::bytea ORDER BY seq), '')), 'hex')
FROM witnessmark.entry WHERE case_id = :case AND seq < :size"""
_NOT_ALLOWED = "42501"
_NO_SUCH_TABLE = ("42P01", "3F000")
_TAKEN = "23505"
_WAITED = "55P03"


def application(case: str) -> str:
    """How a connection for a case calls itself, so that colleagues see who is at work."""
    return f"witnessmark {case}"


class Ledger:
    """One case's rows. Not for several threads at once: callers hold the local lock."""

    def __init__(self, database: Database, case: str) -> None:
        self._database = database
        self._case = case
        self._locked_on = 0

    # Reading

    def person(self) -> Person:
        """Who is logged in. Raises UsageError for a login that is not of this newsroom, CaseError for a server that
        could lose what it acknowledged."""
        if not self._ask(_SAFE)[0][0]:
            raise CaseError(
                "the database's server can lose what it acknowledged: fsync or full_page_writes is off there",
                hint="Whoever runs it must switch both on before evidence is kept in it.",
            )
        for person in people(self._database):
            if person.login == self._me():
                return person
        raise UsageError(
            f"the login {self._me()} is not a person of this newsroom",
            hint="Whoever runs the database adds people with `witnessmark newsroom person`.",
        )

    def people(self) -> tuple[Presence, ...]:
        """Everybody of the newsroom, when they last added to this case, and who has it open now."""
        rows = self._ask(_PRESENT, case=self._case, application=application(self._case))
        known = {str(login): (last, bool(at_work)) for login, last, at_work in rows}
        return tuple(
            Presence(
                person=person,
                last_at=format_utc(last) if (last := known.get(person.login, (None, False))[0]) else "",
                at_work=known.get(person.login, (None, False))[1],
            )
            for person in people(self._database)
        )

    def after(self, seq: int) -> Iterator[tuple[int, bytes]]:
        """Numbers and lines of all entries after this one, in order. Raises NetworkFailed."""
        while rows := self._ask(_PAGE, case=self._case, seq=seq, rows=PAGE, most=PAGE_BYTES):
            yield from ((int(number), bytes(line)) for number, line in rows)
            seq = int(rows[-1][0])

    def digest(self, size: int) -> str:
        """SHA-256 over the leaf hashes of the first entries as they lie in the database now. Raises NetworkFailed."""
        return str(self._ask(_DIGEST, case=self._case, size=size)[0][0])

    # Writing

    def lock(self, patience: float) -> None:
        """Keep everybody else from adding to this case until `unlock` or until this connection ends.

        A connection that died while nothing was asked of it is made anew.
        """
        had = self._database.connected
        try:
            self._lock(patience)
        except NetworkFailed:
            if not had:
                raise
            self._lock(patience)
        self._locked_on = self._database.made

    def _lock(self, patience: float) -> None:
        self._run("SELECT set_config('lock_timeout', :wait, false)", wait=f"{max(1, int(patience * 1000))}ms")
        try:
            self._run("SELECT pg_advisory_lock(:key)", key=self._key())
        except DatabaseRefused as error:
            if error.code == _WAITED:
                raise CaseBusy(
                    f"somebody else is writing to this case (waited {patience:g} s)",
                    hint="Wait until they are done; the case can be read meanwhile.",
                ) from error
            raise

    def unlock(self) -> None:
        """Let the next one in; a lost connection has done so already."""
        if self._locked_on != self._database.made:
            return
        self._locked_on = 0
        try:
            self._run("SELECT pg_advisory_unlock(:key)", key=self._key())
        except NetworkFailed:  # then the server has let go of it
            return

    def add(self, seq: int, kind: str, line: bytes, patience: float) -> None:
        """Add an entry; it is on the server's disk when this returns. Raises CaseError if it is not there.

        If the connection breaks before the answer, the entry may be there or not. Taking the lock anew waits for the
        end of whatever the server still does for the old connection; after that the row tells.
        """
        try:
            self._insert(seq, kind, line)
            return
        except NetworkFailed as lost:
            try:
                self.lock(patience)
                if self._stored(seq, line):
                    return
                self._insert(seq, kind, line)
            except NetworkFailed:
                raise CaseError(
                    f"the connection broke while entry {seq} was sent, and the database cannot be asked whether it "
                    f"has it: {lost}",
                    hint="Look with `witnessmark case show` when it answers again, before repeating the last step.",
                ) from lost

    def _insert(self, seq: int, kind: str, line: bytes) -> None:
        try:
            self._run(
                "INSERT INTO witnessmark.entry (case_id, seq, kind, line) VALUES (:case, :seq, :kind, :line)",
                case=self._case,
                seq=seq,
                kind=kind,
                line=line,
            )
        except DatabaseRefused as error:
            if error.code == _NOT_ALLOWED:
                raise NotAllowed(str(error), hint="Whoever runs the database can give you another role.") from error
            if error.code == _TAKEN and self._stored(seq, line):
                return
            raise CaseError(f"entry {seq} was not recorded: {error}", hint="Repeat the last step.") from error

    def _stored(self, seq: int, line: bytes) -> bool:
        rows = self._ask(
            "SELECT line FROM witnessmark.entry WHERE case_id = :case AND seq = :seq", case=self._case, seq=seq
        )
        return bool(rows) and bytes(rows[0][0]) == line

    def _ask(self, sql: str, **values: object) -> Sequence[Sequence[Any]]:
        """A question changes nothing, so it can be asked again over a new connection."""
        had = self._database.connected
        try:
            return self._run(sql, **values)
        except NetworkFailed:
            if not had:  # nobody answers at all: once is enough to wait
                raise
            return self._run(sql, **values)

    def _run(self, sql: str, **values: object) -> Sequence[Sequence[Any]]:
        try:
            return self._database.run(sql, **values)
        except DatabaseRefused as error:
            raise _explained(error) from error

    def _me(self) -> str:
        return str(self._ask("SELECT session_user")[0][0])

    def _key(self) -> int:
        return int.from_bytes(bytes.fromhex(self._case[:16]), "big", signed=True)


def _explained(error: DatabaseRefused) -> WitnessmarkError:
    if error.code in _NO_SUCH_TABLE:
        return UsageError(
            "this database holds no shared cases yet", hint="Its owner runs `witnessmark newsroom init` once."
        )
    return error


def people(database: Database) -> tuple[Person, ...]:
    """Everybody of the newsroom, by login."""
    sql = (
        "SELECT p.login, p.actor, array_agg(g.role ORDER BY g.role) FILTER (WHERE g.role IS NOT NULL) "
        "FROM witnessmark.person p LEFT JOIN pg_roles l ON l.rolname = p.login "
        "LEFT JOIN witnessmark.group_of g ON l.oid IS NOT NULL AND pg_has_role(l.oid, g.name, 'MEMBER') "
        "GROUP BY p.login, p.actor ORDER BY p.login"
    )
    try:
        rows = database.run(sql)
    except DatabaseRefused as error:
        raise _explained(error) from error
    return tuple(
        Person(login=str(login), name=str(actor), roles=tuple(Role(one) for one in roles or ()))
        for login, actor, roles in rows
    )


def found(database: Database) -> tuple[str, ...]:
    """The ids of all shared cases, oldest first."""
    try:
        rows = database.run("SELECT case_id FROM witnessmark.entry WHERE seq = 0 ORDER BY added_at, case_id")
    except DatabaseRefused as error:
        raise _explained(error) from error
    return tuple(str(row[0]) for row in rows)


def prepare(database: Database) -> None:
    """Make the tables, rules and roles. The login must own the database. Raises DatabaseRefused if they are there."""
    database.run(Path(__file__).with_name("schema.sql").read_text("utf-8"))
    for role, kinds in MAY.items():
        for kind in sorted(kinds):
            database.run(
                "INSERT INTO witnessmark.allowed (role, kind) VALUES (:role, :kind)", role=str(role), kind=str(kind)
            )


def add_person(database: Database, person: Person) -> None:
    """Let a login of the database take part, under the name that the journal will show; or give them a further role.

    Raises UsageError if there is no such login, or the login or the name is known with another.
    """
    names = database.run("SELECT quote_ident(rolname) FROM pg_roles WHERE rolname = :login", login=person.login)
    if not names:
        raise UsageError(
            f"the database has no login {person.login}", hint="Make it first: CREATE ROLE … LOGIN PASSWORD …"
        )
    known = database.run("SELECT actor FROM witnessmark.person WHERE login = :login", login=person.login)
    try:
        if [tuple(row) for row in known] != [(person.name,)]:
            database.run(
                "INSERT INTO witnessmark.person (login, actor) VALUES (:login, :actor)",
                login=person.login,
                actor=person.name,
            )
    except DatabaseRefused as error:
        if error.code == _TAKEN:
            raise UsageError(
                f"{person.login} or {person.name!r} is known already: a name is never given twice"
            ) from error
        raise
    for role in person.roles:
        ((group,),) = database.run(
            "SELECT quote_ident(name) FROM witnessmark.group_of WHERE role = :role", role=str(role)
        )
        database.run(f"GRANT {group} TO {names[0][0]}")
