"""What pytest writes past its reports, without secrets: logs, JUnit's XML, why a run broke off."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import pytest

from pytest_modelpin.session.redacting_hooks import redact_exception, redact_representation
from pytest_modelpin.session.session import Session

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
