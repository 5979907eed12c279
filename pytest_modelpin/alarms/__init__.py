"""Alarms before it hurts: what is wrong with the pins, and where ids hide in the code."""

from pytest_modelpin.alarms.alarm import Alarm, alarms

__all__ = ["Alarm", "alarms"]
