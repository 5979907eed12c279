"""What the desk answers."""

from openai import OpenAI

from app.settings import Settings


def reply_to(message: str) -> str:
    """One answer to a customer."""
    answer = OpenAI().chat.completions.create(
        model=Settings().support_model,
        messages=[
            {"role": "system", "content": "You answer for a shop, in one sentence."},
            {"role": "user", "content": message},
        ],
    )
    return answer.choices[0].message.content


def category_of(message: str) -> str:
    """`billing`, `shipping` or `other`."""
    answer = OpenAI().chat.completions.create(
        model=Settings().triage_model,
        messages=[{"role": "user", "content": f"billing, shipping or other? {message}"}],
    )
    return answer.choices[0].message.content
