"""Sorts support tickets: which model does it, for whom, is models.yml's to say.

MODELPIN_OBSERVATIONS=seen uvicorn service.app:app --workers 2
"""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from random import random
from typing import Literal
from uuid import uuid4

from fastapi import FastAPI, Response
from pydantic import BaseModel, ValidationError

from modelpin_runtime import load
from service.asking import Models, Said

CAPTURED = float(os.environ.get("CAPTURED_SHARE", "0"))
"""Share of requests whose content is observed too: what users wrote, so none unless wanted."""
pins = load()  # this folder's models.yml; MODELPIN_OBSERVATIONS, _HEALTH and _BREAKERS


class Ticket(BaseModel):
    user: str
    text: str


class Sorted(BaseModel):
    queue: Literal["billing", "shipping", "account", "general"]
    urgent: bool


class Answer(BaseModel):
    sorted: Sorted
    model: str
    request: str
    """Under this id the request stands among the observations."""


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    app.state.models = Models()
    yield
    await app.state.models.close()
    pins.flush()


app = FastAPI(lifespan=_lifespan)


@app.post("/triage")
async def triage(ticket: Ticket, response: Response) -> Answer:
    request = uuid4().hex

    async def one(id: str, provider: str | None) -> Said:
        prompt = pins.prompt("triage", id=id)
        seen.note(prompt=prompt.hash)
        return await app.state.models.ask(id, provider, prompt.text, ticket.text)

    # Durable: the line has left this process before the answer does, so that a kill loses nothing.
    with pins.observed("triage", key=ticket.user, durable=True) as seen:
        seen.note(request=request)
        answer = await pins.acall("triage", one, key=ticket.user)
        seen.answered_by(answer)
        said = answer.value
        found = _read(said.text)
        seen.note(
            served=said.served,
            input_tokens=said.input_tokens,
            output_tokens=said.output_tokens,
            schema_ok=found is not None,
            content=said.content() if random() < CAPTURED else None,
        )
    response.headers["x-process"] = str(os.getpid())
    return Answer(
        sorted=found or Sorted(queue="general", urgent=False),  # a person looks at those
        model=answer.target.id,
        request=request,
    )


def _read(text: str) -> Sorted | None:
    try:
        return Sorted.model_validate(json.loads(text))
    except (ValueError, ValidationError):
        return None
