"""What a Python process that a test starts does first: listen to what it reaches, and tell.

Its folder is put in front of PYTHONPATH. It asks the process that runs the tests about each
connection before it is made, so that what a model's address is has one home, and it stands on
nothing but Python: the child may have another Python, without this package. Even one too old to
listen has to read it, so that types stand in comments.
"""

import os
import sys

TYPE_CHECKING = False  # `typing` costs more than all that is done here
if TYPE_CHECKING:
    from collections.abc import Sequence  # noqa: F401
    from types import FrameType  # noqa: F401
    from typing import Any  # noqa: F401

_PARENT = "PYTEST_MODELPIN_CHILD_OF"  # as `child_processes` names it
_SECONDS = 60
_NAMES = 60  # of modules on the stack; who asked stands near its top
_CONNECT = ("socket.connect", "socket.sendmsg", "socket.sendto")
_HEARD = (
    "socket.connect", "socket.getaddrinfo", "http.client.send", "socket.sendmsg", "socket.sendto"
)  # as `audit` names them  # fmt: skip

_CACHES = (
    "agno.models.base", "aiohttp_client_cache.session",
    "autogen_ext.models.cache._chat_completion_cache", "dspy.clients.cache",
    "gptcache.adapter.adapter", "instructor.cache", "langchain.embeddings.cache",
    "langchain_classic.embeddings.cache", "langchain_core.caches", "langgraph.cache.base",
    "litellm.caching.caching", "llama_index.core.base.embeddings.base",
    "llama_index.core.ingestion.cache", "ragas.cache", "redisvl.extensions.cache.llm.base",
    "requests_cache.session"
)  # that answer before any client asks, as `hooks` names them  # fmt: skip


def _listen():
    # type: () -> None
    import _socket
    import errno
    from _thread import get_ident

    asking = set()  # type: set[int]
    real = _socket.socket  # whatever stands in its place later, gevent's or a test's
    given = os.environ[_PARENT]  # the program may clear its environment

    def told(event, arguments):
        # type: (str, Sequence[Any]) -> Sequence[Any]
        """The lines that tell of an event; none where it reaches nothing."""
        if event == "http.client.send":
            connection, data = arguments
            if not isinstance(data, (bytes, bytearray)) or b" HTTP/1." not in data[:8192]:
                return ()
            tunnel = getattr(connection, "_tunnel_host", None) or ""
            ports = connection.port, getattr(connection, "_tunnel_port", None) or ""
            first = bytes(data).split(b"\r\n", 1)[0].decode("latin-1")
            return connection.host, ports[0], tunnel, ports[1], first
        address = arguments[1] if event in _CONNECT else arguments[:2]
        if not isinstance(address, tuple) or len(address) < 2:
            return ()
        host = address[0]
        if isinstance(host, (bytes, bytearray)):
            host = bytes(host).decode("ascii", "replace")
        return (host, "" if address[1] is None else address[1]) if isinstance(host, str) else ()

    def on_stack():
        # type: () -> list[str]
        names = []  # type: list[str]
        frame = sys._getframe(2)  # type: FrameType | None
        while frame is not None and len(names) < _NAMES:
            name = frame.f_globals.get("__name__")
            if isinstance(name, str) and name not in names:
                names.append(name)
            frame = frame.f_back
        return names

    def parent():
        # type: () -> tuple[str, str]
        """Address and path of whom to tell; empty where nobody is to be told."""
        where, _, path = os.environ.get(_PARENT, given).partition("://")[2].partition("/")
        return where, path

    def answer(*parts):
        # type: (*Sequence[Any]) -> str
        """What the tests' process refuses this for; empty where it does not, or is over."""
        where, path = parent()
        host, _, port = where.partition(":")
        if not port.isdigit():
            return ""
        lines = [str(line).replace("\n", " ") for part in parts for line in part]
        body = "\n".join(lines).encode("utf-8", "replace")
        head = "POST /%s/reached HTTP/1.1\r\nhost: %s\r\ncontent-length: %d\r\n\r\n"
        connection = real(_socket.AF_INET, _socket.SOCK_STREAM)
        try:
            connection.settimeout(_SECONDS)
            connection.connect((host, int(port)))
            connection.sendall((head % (path, host, len(body))).encode("ascii") + body)
            reply = b""
            while True:
                piece = connection.recv(65536)
                if not piece:
                    break
                reply += piece
        except _socket.timeout:  # stopped, it may still be in a replay
            return "the process that runs the tests does not answer"
        except OSError:
            return ""
        finally:
            connection.close()
        return reply.partition(b"\r\n\r\n")[2].decode("utf-8", "replace")

    def heard(event, arguments):
        # type: (str, Sequence[Any]) -> None
        if event not in _HEARD or get_ident() in asking:
            return
        asking.add(get_ident())
        try:
            lines = told(event, arguments)
            # What a variable leads to the tests' process is seen there; only who asks is not.
            led = ":".join(map(str, lines[:2])) == parent()[0]
            if not lines or (led and event not in _CONNECT):
                return
            refused = answer((event,), lines, on_stack())
        finally:
            asking.discard(get_ident())
        if refused:  # with its number, without which Twisted would tell nobody
            if event == "socket.getaddrinfo":
                raise _socket.gaierror(_socket.EAI_NONAME, refused)
            raise ConnectionRefusedError(errno.ECONNREFUSED, refused)

    sys.addaudithook(heard)


class _BeforeCaches:
    """Has them begin empty, where this package is there, too: it is loaded for the first alone."""

    def __init__(self, parent):
        # type: (str) -> None
        self._parent = parent

    def find_spec(self, name, path=None, target=None):
        # type: (str, Any, Any) -> Any
        if name not in _CACHES:
            return None
        sys.meta_path.remove(self)
        try:
            from pytest_modelpin.intercept.answer_cache_hook import in_child
        except ImportError:
            return None
        return in_child(self._parent).find_spec(name, path, target)


def _make_way():
    # type: () -> None
    """Have the path as it was, and the `sitecustomize` that this one stands before."""
    here = os.path.dirname(os.path.abspath(__file__))  # noqa: PTH100, PTH120  # costs no import
    sys.path[:] = [each for each in sys.path if not each or os.path.abspath(each) != here]  # noqa: PTH100
    ours = sys.modules.pop(__name__)
    try:
        __import__(__name__)
    except ImportError as error:
        if getattr(error, "name", __name__) != __name__:
            raise
    finally:
        sys.modules.setdefault(__name__, ours)


if hasattr(sys, "addaudithook") and os.environ.get(_PARENT):
    _listen()
    sys.meta_path.insert(0, _BeforeCaches(os.environ[_PARENT]))
_make_way()
