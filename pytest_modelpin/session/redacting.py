"""What pytest shows, passes on and writes, without secrets: of a test its id, failure and case;
past its reports logs, JUnit's XML, why a run broke off.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Generator
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest

from pytest_modelpin.session.sampling import CARRIED
from pytest_modelpin.session.session import Session

_DEEPEST = 12
"""Levels of a failure's representation: causes hold tracebacks, which hold entries, and so on."""

_PYTESTS_OWN = frozenset(
    {"nodeid", "_id", "location", "keywords", "outcome", "longrepr", "when", "user_properties",
     "sections", "wasxfail", "start", "stop", "duration", "worker_id", "testrun_uid", *CARRIED}
)  # fmt: skip
"""Of a report: what is looked at by itself, paths of recordings, pytest-xdist's numbers."""

Redact = Callable[[str], str]


class RedactingHooks:
    """Around our other hooks, so that nothing leaves the process as it came."""

    def __init__(self, session: Session) -> None:
        self._session = session

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_make_collect_report(self) -> Generator[None, Any, Any]:
        report = yield
        if report.failed:
            self._redact_failure(report)
        return report

    @pytest.hookimpl(wrapper=True, trylast=True, specname="pytest_make_collect_report")
    def pytest_rename(self) -> Generator[None, Any, Any]:
        """Before anybody else sees a test: by another id, it would be one that did not run."""
        report = yield
        if not report.failed and report.result:
            _rename(report.result)
        return report

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(self) -> Generator[None, Any, Any]:
        report = yield
        if report.longrepr or report.sections:
            self._redact_failure(report)
        if report.when == "teardown" and self._session.is_reported:
            self._redact_case(report)
        return report

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: Any) -> None:
        """What no `makereport` sees: a part of a test, and what others put onto its report."""
        held = vars(report)
        noted = report.user_properties or "wasxfail" in held
        if held.keys() <= _PYTESTS_OWN and not noted:  # as nearly all are, thrice a test
            return
        others = _of_others(held)
        if not (noted or others or hasattr(report, "context")):
            return
        from pytest_modelpin.redaction.redact import redact, redact_json

        secrets = self._session.secrets()
        redact_notes(report, lambda text: redact(text, secrets))
        for name, value in others.items():
            with suppress(TypeError, ValueError):  # no JSON: nobody writes it as it is
                setattr(report, name, redact_json(value, secrets))

    @pytest.hookimpl(tryfirst=True)
    def pytest_warning_recorded(self, warning_message: Any) -> None:
        from pytest_modelpin.redaction.redact import redact

        message, secrets = warning_message.message, self._session.secrets()
        if not isinstance(message, Warning) or redact(text := str(message), secrets) == text:
            return
        redact_exception(message, lambda text: redact(text, secrets))
        if redact(text := str(message), secrets) != text:  # told by more than its arguments
            warning_message.message = redact(text, secrets)

    def _redact_case(self, report: Any) -> None:
        for carried in ("modelpin", "modelpin_pin"):
            if (case := getattr(report, carried, None)) is not None:
                from pytest_modelpin.redaction.redact import redact_json

                setattr(report, carried, redact_json(case, self._session.secrets()))

    def _redact_failure(self, report: Any) -> None:
        from pytest_modelpin.redaction.redact import redact

        secrets = self._session.secrets()
        redact_failure(report, lambda text: redact(text, secrets))


def _of_others(held: dict[str, Any]) -> dict[str, Any]:
    """What other plugins put onto a report to write it: pytest-html's `extras`, for one."""
    return {
        name: value
        for name in held.keys() - _PYTESTS_OWN
        if isinstance(value := held[name], str | list | dict) and value
    }


def redact_notes(report: Any, redact: Redact) -> None:
    """Take secrets out of what a test says of itself, in place: properties, reasons, its parts."""
    report.user_properties = [
        tuple(_shown(each, redact) for each in pair) for pair in report.user_properties
    ]
    if isinstance(reason := getattr(report, "wasxfail", None), str):
        report.wasxfail = redact(reason)
    if (part := getattr(report, "context", None)) is None:
        return
    redact_failure(report, redact)
    if isinstance(part.msg, str):
        object.__setattr__(part, "msg", redact(part.msg))
    named = {redact(str(name)): _shown(value, redact) for name, value in part.kwargs.items()}
    object.__setattr__(part, "kwargs", named)


def _shown(value: Any, redact: Redact) -> Any:
    """A test's own value as it is, or the text that it is shown as, where that holds secrets."""
    try:
        text = str(value)
    except Exception:  # the test's own: whoever shows it will say so
        return value
    redacted = redact(text)
    return value if redacted == text else redacted


def redact_failure(report: Any, redact: Redact) -> None:
    """Take secrets out of a report's failure and of what was printed meanwhile, in place."""
    report.sections = [(redact(name), redact(text)) for name, text in report.sections]
    if not report.longrepr or _redacted_lines(text := report.longreprtext, redact) == text:
        return
    report.longrepr = _redacted(report.longrepr, redact, set(), 0)


def redact_representation(shown: Any, redact: Redact) -> None:
    """Take secrets out of pytest's own representation of an exception, in place."""
    _redacted(shown, redact, set(), 0)


def redact_exception(error: BaseException, redact: Redact) -> None:
    """Take secrets out of what an exception is about to be shown as, in place."""
    error.args = tuple(_shown(each, redact) for each in error.args)
    if isinstance(message := getattr(error, "msg", None), str):
        error.msg = redact(message)  # type: ignore[attr-defined]  # of pytest's own


def _redacted(value: Any, redact: Redact, seen: set[int], depth: int) -> Any:
    """`value` with its texts redacted; objects stay the same objects, as others point to them."""
    if isinstance(value, str):
        return _redacted_lines(value, redact)
    if depth > _DEEPEST:
        return value
    if isinstance(value, list | tuple):
        if isinstance(value, list) and value and all(isinstance(line, str) for line in value):
            # Together, because a key may stand on several lines. A tuple is a name and its value.
            return _redacted_lines("\n".join(value), redact).split("\n")
        return type(value)(_redacted(each, redact, seen, depth + 1) for each in value)
    if not type(value).__module__.startswith("_pytest.") or id(value) in seen:
        return value
    seen.add(id(value))
    for name, held in list(vars(value).items()):
        object.__setattr__(value, name, _redacted(held, redact, seen, depth + 1))
    return value


_BROKEN = re.compile(r"""(['"])\n(?:E +|> +)?[ \t]*(?:[-+?] )?[ \t]*b?\1""")
"""Where a long text's representation goes on in the next line: `--showlocals` and a compared value
break it at blanks, within a private key's first line, and between a field's name and its value.
"""


def _redacted_lines(text: str, redact: Redact) -> str:
    """Lines of a failure without secrets; unbroken where one stands across them."""
    whole = _BROKEN.sub("", text)
    clean = redact(whole)
    return redact(text) if clean == whole else clean


def _rename(collected: list[Any]) -> None:
    """Take secrets out of the ids of a module's or a class's tests, which stay distinct.

    Those whose ids become equal are numbered in their order. A hash of the secret would tell them
    apart as well, but another environment has another secret, and would find no recording.
    """
    made = [(at, item) for at, item in enumerate(collected) if getattr(item, "callspec", None)]
    if not made:
        return
    from pytest_modelpin.redaction.redact import redact

    taken = {item.name for item in collected}
    for at, item in made:
        before = item.name.partition("[")[2].removesuffix("]")
        redacted = parameters = redact(before)
        if redacted == before:
            continue
        number = 1
        while f"{item.originalname}[{parameters}]" in taken:
            number += 1
            parameters = f"{redacted}-{number}"
        collected[at] = _with_parameters(item, parameters)
        taken.add(collected[at].name)


def _with_parameters(item: Any, parameters: str) -> Any:
    """The same test under another id; made anew, since ids are kept in several places."""
    again = type(item).from_parent(
        item.parent,
        name=f"{item.originalname}[{parameters}]",
        callspec=replace(item.callspec, _idlist=[parameters]),
        fixtureinfo=item._fixtureinfo,
        originalname=item.originalname,
    )
    again.own_markers[:] = item.own_markers
    return again


_LOG_HANDLERS = ("log_file_handler", "log_cli_handler")


class RedactingFiles:
    """Hooks that act before pytest's own plugins write."""

    def __init__(self, config: pytest.Config, session: Session) -> None:
        self._config = config
        self._session = session

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self) -> None:
        """Log files and live logs, and what `--setup-show` shows of parameters."""
        logging_plugin = self._config.pluginmanager.get_plugin("logging-plugin")
        for name in _LOG_HANDLERS:
            handler = getattr(logging_plugin, name, None)
            if isinstance(handler, logging.Handler) and handler.formatter is not None:
                handler.setFormatter(_Redacting(handler.formatter, self._redact))
        shows = getattr(self._config.option, "setupshow", False)  # either plugin may be blocked
        if shows and self._config.pluginmanager.has_plugin("terminalreporter"):
            writer: Any = self._config.get_terminal_writer()
            write = writer.write
            writer.write = lambda text, **how: write(self._redact(text), **how)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self) -> None:
        """What tests have put into JUnit's XML themselves; it is written after this."""
        for plugin in self._config.pluginmanager.get_plugins():
            if not hasattr(plugin, "node_reporters_ordered"):
                continue
            plugin.global_properties = [
                (self._redact(name), self._redact(value))
                for name, value in plugin.global_properties
            ]
            for reporter in plugin.node_reporters_ordered:
                element = reporter.to_xml()
                for each in element.iter():
                    self._redact_element(each)
                reporter.to_xml = _giving(element)

    @pytest.hookimpl(tryfirst=True)
    def pytest_internalerror(self, excrepr: Any) -> None:
        redact_representation(excrepr, self._redact)

    @pytest.hookimpl(tryfirst=True)
    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        redact_exception(excinfo.value, self._redact)

    def _redact(self, text: str) -> str:
        from pytest_modelpin.redaction.redact import redact

        return redact(text, self._session.secrets())

    def _redact_element(self, element: Any) -> None:
        for name, value in dict(element.attrib).items():
            element.attrib[name] = self._redact(value)
        if element.text:
            element.text = self._redact(element.text)


class _Redacting(logging.Formatter):
    """Another's formatter, whose texts hold no secrets."""

    def __init__(self, inner: logging.Formatter, redact: Callable[[str], str]) -> None:
        super().__init__()
        self._inner = inner
        self._redact_text = redact

    def format(self, record: logging.LogRecord) -> str:
        """The record as the other writes it, redacted."""
        return self._redact_text(self._inner.format(record))


def _giving(element: Any) -> Callable[[], Any]:
    return lambda: element
