"""Frozen records without the standard library's `dataclasses`.

Importing that, with `inspect`, and having it write the methods of our few records takes longer
than reading models.yml does. What is made here behaves like a frozen dataclass and passes for one:
its `__dataclass_fields__` are made when `dataclasses.replace`, `fields` or `asdict` first ask.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass
    from dataclasses import field as field
    from dataclasses import replace as replace
else:
    _MISSING = object()

    class field:
        """A field whose default is made anew for each record."""

        def __init__(self, *, default_factory):
            self.default_factory = default_factory

    class _Fields:
        """`__dataclass_fields__`, of a twin that the standard library makes when it is asked."""

        def __get__(self, instance, cls):
            import dataclasses

            namespace = {"__annotations__": dict(cls.__annotations__), "__module__": cls.__module__}
            for name, default in cls.__record__.items():
                if isinstance(default, field):
                    default = dataclasses.field(default_factory=default.default_factory)
                if default is not _MISSING:
                    namespace[name] = default
            twin = dataclasses.dataclass(frozen=True)(type(cls.__name__, (), namespace))
            cls.__dataclass_fields__ = twin.__dataclass_fields__
            cls.__dataclass_params__ = twin.__dataclass_params__
            return cls.__dataclass_fields__

    class _Record:
        """What all records do."""

        __dataclass_fields__ = _Fields()
        __record__ = {}  # noqa: RUF012

        def __init__(self, *given, **named):
            defaults, values, kind = self.__record__, self.__dict__, type(self).__name__
            if len(given) > len(defaults):
                raise TypeError(f"{kind} takes {len(defaults)} values, and {len(given)} were given")
            values.update(zip(defaults, given, strict=False))
            for name, value in named.items():
                if name not in defaults or name in values:
                    raise TypeError(f"{kind} got {name!r} twice, or has no such field")
                values[name] = value
            for name, default in defaults.items():
                if name in values:
                    continue
                if default is _MISSING:
                    raise TypeError(f"{kind} lacks {name!r}")
                values[name] = default.default_factory() if type(default) is field else default

        def __eq__(self, other):
            if type(other) is not type(self):
                return NotImplemented
            return self.__dict__ == other.__dict__

        def __hash__(self):
            return hash(tuple(self.__dict__[name] for name in self.__record__))

        def __repr__(self):
            told = ", ".join(f"{name}={self.__dict__[name]!r}" for name in self.__record__)
            return f"{type(self).__qualname__}({told})"

        def __setattr__(self, name, value):
            from dataclasses import FrozenInstanceError

            raise FrozenInstanceError(f"cannot assign to field {name!r}")

        def __delattr__(self, name):
            from dataclasses import FrozenInstanceError

            raise FrozenInstanceError(f"cannot delete field {name!r}")

    def dataclass(**options):
        """Make a class with annotations a frozen record; for `frozen=True` alone."""

        def made(cls):
            names = cls.__annotations__
            defaults = {name: cls.__dict__.get(name, _MISSING) for name in names}
            kept = {
                name: value
                for name, value in cls.__dict__.items()
                if name not in ("__dict__", "__weakref__")
                and not isinstance(defaults.get(name), field)
            }
            kept |= {"__record__": defaults, "__match_args__": tuple(names)}
            return type(cls.__name__, (_Record,), kept)

        return made

    def replace(record, **changes):
        """The record with other values of some fields."""
        return type(record)(**{**record.__dict__, **changes})
